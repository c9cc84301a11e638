"""Returns: found by any id, listed, and one page each (R86, R87, R88)."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from console.pages import page
from console.paging import address_of, bad_address, cursor_parts, cursor_text
from console.parts import parts_of
from console.session import visitor_of
from console.trouble import not_found
from console.words import path_part
from desk.view import read_view
from domain.accounts import AccountRole
from domain.dispositions import Disposition
from domain.progress import Stage
from domain.returns import ReturnRef
from store.records import ReturnRecord
from store.return_list import ReturnsAfter

router = APIRouter()

PAGE_SIZE = 50
_LONGEST_ID = 200
_RECEIVING = frozenset({AccountRole.WAREHOUSE, AccountRole.ADMIN})


@router.get("/returns")
async def returns(request: Request) -> Response:
    """What an id stands for, or the latest returns."""
    wanted = request.query_params.get("q", "").strip()
    return await (_search(request, wanted) if wanted else _latest(request))


@router.get("/returns/{connection}/{return_id}")
async def one_return(request: Request, connection: str, return_id: str) -> Response:
    """Everything about one return."""
    parts = parts_of(request)
    ref = return_ref(connection, return_id)
    view = await read_view(parts.store, ref)
    if view is None:
        raise not_found("return")
    async with parts.store.reading() as unit:
        inspections = await unit.inspections.list(ref)
    receiving = bool(visitor_of(request).roles & _RECEIVING) and connection in parts.connections
    return page(
        request,
        "returns/one.html",
        view=view,
        ref=ref,
        inspections=inspections,
        receiving=receiving,
        dispositions=list(Disposition),
    )


def return_ref(connection: str, return_id: str) -> ReturnRef:
    """The return that an address names. Raises Trouble."""
    try:
        return ReturnRef(connection=connection, return_id=return_id)
    except ValidationError:
        raise not_found("return") from None


def return_path(ref: ReturnRef) -> str:
    """The address of a return's page."""
    return f"/returns/{path_part(ref.connection)}/{path_part(ref.return_id)}"


async def _search(request: Request, wanted: str) -> Response:
    """Straight to the return when there is one; never a list of one."""
    async with parts_of(request).store.reading() as unit:
        found = await unit.returns.find(wanted[:_LONGEST_ID])
    if len(found) == 1:
        return RedirectResponse(return_path(found[0].ref), 303)
    return page(request, "returns/found.html", q=wanted[:_LONGEST_ID], found=found)


async def _latest(request: Request) -> Response:
    query, parts = request.query_params, parts_of(request)
    connection, stage = query.get("connection", ""), query.get("stage", "")
    stages = _stages(stage)
    after = _after(query.get("after", ""))
    async with parts.store.reading() as unit:
        found = await unit.returns.page(connection or None, stages, after, PAGE_SIZE + 1)
    kept = {"connection": connection, "stage": stage}
    return page(
        request,
        "returns/list.html",
        rows=found[:PAGE_SIZE],
        next=_next_address(found, kept),
        first=address_of("/returns", kept) if after else "",
        connections=sorted({*parts.connections, *([connection] if connection else [])}),
        stages=list(Stage),
        connection=connection,
        stage=stage,
    )


def _stages(word: str) -> tuple[Stage, ...]:
    """The stages that a filter stands for; Trouble for none of ours."""
    if word == "open":
        return tuple(stage for stage in Stage if not stage.final)
    if word and word not in Stage.__members__:
        raise bad_address()
    return (Stage(word),) if word else ()


def _after(text: str) -> ReturnsAfter | None:
    if not text:
        return None
    moment, connection, return_id = cursor_parts(text, 3)
    try:
        return ReturnsAfter(datetime.fromisoformat(moment), connection, return_id)
    except ValueError:
        raise bad_address() from None


def _next_address(found: Sequence[ReturnRecord], kept: dict[str, str]) -> str:
    if len(found) <= PAGE_SIZE:
        return ""
    last = found[PAGE_SIZE - 1]
    after = cursor_text(last.updated_at.isoformat(), last.ref.connection, last.ref.return_id)
    return address_of("/returns", kept, after=after)
