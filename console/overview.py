"""Overview: is everything up, how fast is it, what does it cost people (R88, R90, R95, R96, N10, N11)."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.charts import cause_words
from console.pages import page
from console.parts import parts_of
from console.report import report_soon
from console.report_time import DAYS, asked_days
from desk.measures import exposure_totals, health, open_ages
from desk.queue import queue_counts
from domain.progress import Stage
from store import Store

router = APIRouter()

_SOON = "1"


@router.get("/overview")
async def overview(request: Request) -> Response:
    """Health of the connections, times per stage, causes, flow; the last days of the address.

    While these are counted, the page says so and loads itself again.
    """
    parts, days = parts_of(request), asked_days(request)
    now, connections = parts.clock(), list(parts.connections.values())
    report = await report_soon(request, days)
    response = page(
        request,
        "overview.html",
        days=days,
        spans=DAYS,
        stages=await _stages(parts.store),
        counts=await queue_counts(parts.store, now),
        health=await health(parts.store, connections, now),
        report=report,
        waiting=await open_ages(parts.store, connections, now),
        exposure=await exposure_totals(parts.store),
        cause_words=cause_words,
    )
    if report is None:
        response.headers["Refresh"] = _SOON
    return response


async def _stages(store: Store) -> dict[Stage, int]:
    async with store.reading() as unit:
        return await unit.returns.stages()
