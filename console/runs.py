"""How far one decision for many has come. The page loads itself again while anything goes on (R72, N18)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from console.decision_words import title_of
from console.exception_page import agreed
from console.pages import page
from console.parts import ConsoleParts, parts_of
from console.trouble import not_found
from desk.runs import BulkRuns
from store.queue_records import QueueFilter

router = APIRouter()

_REFRESH_SECONDS = "3"


@router.get("/exceptions/groups/{group_id}/run")
async def run(request: Request, group_id: str) -> Response:
    """The latest run of a group. With ``?still`` in its address the page stays as it is."""
    parts, runs = parts_of(request), runs_of(request)
    latest = await runs.last(group_id)
    if latest is None:
        raise not_found("run")
    async with parts.store.reading() as unit:
        still_open = await unit.queue.count(QueueFilter(cause=group_id), parts.clock())
        on_the_way = await unit.queue.count(QueueFilter(cause=group_id, ids=latest.decided), parts.clock())
    still = "still" in request.query_params
    response = page(
        request,
        "exceptions/run.html",
        group_id=group_id,
        run=latest.run,
        under_way=latest.under_way,
        still=still,
        on_the_way=on_the_way,
        undecided=still_open - on_the_way,
        title=title_of(latest.run.order.kind),
    )
    if (latest.under_way or on_the_way) and not still:
        response.headers["Refresh"] = _REFRESH_SECONDS
    return response


def runs_of(request: Request) -> BulkRuns:
    """The runs of the console that serves this request."""
    runs = request.app.state.runs
    assert isinstance(runs, BulkRuns)
    return runs


def new_runs(parts: ConsoleParts) -> BulkRuns:
    """The runs of one console."""
    return BulkRuns(parts.store, parts.link, parts.clock, agreed(parts), parts.wait)


@asynccontextmanager
async def until_the_end(app: FastAPI) -> AsyncIterator[None]:
    """The life of the console: what is under way when it ends is cut off, and the audit says so."""
    yield
    await app.state.runs.stop()
