"""Finance: money and replacements that are out while their goods are not in (N11, R49)."""

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.choosing import asked_connection, connection_names
from console.differences import attached
from console.pages import page
from console.parts import parts_of
from desk.csv_export import csv_text
from desk.exposure import ExposureView, exposure_views
from domain.money import decimal_text

router = APIRouter()

#: Units that the page shows, those whose cover lapses first; the sums are always of all.
MOST = 500
_MOST_IN_FILE = 100_000
_SOON = timedelta(days=7)
_HEADER = ("connection", "return", "kind", "reference", "units", "amount", "currency", "since", "cover_until")


@router.get("/finance/exposure")
async def exposure(request: Request) -> Response:
    """What is out, the first deadline first, and the sums of all."""
    parts, connection = parts_of(request), asked_connection(request)
    async with parts.store.reading() as unit:
        records = await unit.exposures.open_ones(connection or None, MOST + 1)
        totals = await unit.exposures.totals(connection or None)
    return page(
        request,
        "finance/exposure.html",
        found=exposure_views(records[:MOST]),
        more=len(records) > MOST,
        totals=totals,
        soon=parts.clock() + _SOON,
        connection=connection,
        connections=connection_names(request),
    )


@router.get("/finance/exposure.csv")
async def exposure_file(request: Request) -> Response:
    """All of it as CSV."""
    connection = asked_connection(request)
    async with parts_of(request).store.reading() as unit:
        records = await unit.exposures.open_ones(connection or None, _MOST_IN_FILE)
    content = csv_text(_HEADER, [_cells(view) for view in exposure_views(records)])
    return Response(content, media_type="text/csv; charset=utf-8", headers=attached("exposure.csv"))


def _cells(view: ExposureView) -> tuple[object, ...]:
    cover = view.cover_until.isoformat() if view.cover_until else ""
    amount = decimal_text(view.amount.amount, view.amount.currency)
    own = (view.connection, view.return_id, view.kind.value, view.reference, view.units)
    return (*own, amount, view.amount.currency, view.since.isoformat(), cover)
