"""Finance and warehouse: one day's inspected units against what is in the ERP's stock (R82)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.choosing import asked_day, connection_names, connection_or_first
from console.differences import attached
from console.pages import page
from console.parts import parts_of
from desk.depots import DepotReport, depot_report, depots_csv

router = APIRouter()


@router.get("/finance/depots")
async def depots(request: Request) -> Response:
    """Per depot, SKU and disposition: inspected, posted, difference."""
    report = await _report(request)
    file = f"/finance/depots.csv?connection={report.connection}&day={report.day}"
    return page(request, "finance/depots.html", report=report, file=file, connections=connection_names(request))


@router.get("/finance/depots.csv")
async def depots_file(request: Request) -> Response:
    """The same as CSV."""
    report = await _report(request)
    name = f"depots-{report.connection}-{report.day}.csv"
    return Response(depots_csv(report), media_type="text/csv; charset=utf-8", headers=attached(name))


async def _report(request: Request) -> DepotReport:
    parts = parts_of(request)
    connection = parts.connections[connection_or_first(request)]
    return await depot_report(parts.store, connection, asked_day(request))
