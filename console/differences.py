"""Finance: what did not match, each difference once, as a page and as a file for spreadsheets (R78, R79, R85)."""

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from console.choosing import asked_connection, connection_names
from console.pages import page
from console.paging import address_of, bad_address, cursor_number, cursor_text
from console.parts import parts_of
from desk.reconciliation import differences_csv, read_differences
from domain.reconciliation.classes import DifferenceClass
from store.reconciliation_records import DifferenceQuery, DifferenceState

router = APIRouter()

PAGE_SIZE = 50
_PATH = "/finance/differences"
#: What the filter of classes offers beside each single one: what somebody must act on.
SERIOUS = "serious"
_ALL = "all"


@router.get("/finance/differences")
async def differences(request: Request) -> Response:
    """Differences in the order in which they were found."""
    parts, chosen = parts_of(request), _chosen(request)
    cursor = request.query_params.get("after", "")
    after = cursor_number(cursor)
    limits = {name: one.limits for name, one in parts.connections.items()}
    found = await read_differences(parts.store, _query(request), parts.clock(), limits, after, PAGE_SIZE)
    return page(
        request,
        "finance/differences.html",
        found=found.items,
        next=address_of(_PATH, chosen, after=cursor_text(str(found.next))) if found.next else "",
        first=address_of(_PATH, chosen) if cursor else "",
        file=address_of(f"{_PATH}.csv", chosen),
        chosen=chosen,
        connections=connection_names(request),
        classes=[(SERIOUS, "All that need somebody"), *((kind.value, kind.words) for kind in DifferenceClass)],
        states=[(DifferenceState.OPEN.value, "Open"), (DifferenceState.DECIDED.value, "Decided"), (_ALL, "All")],
    )


@router.get("/finance/differences.csv")
async def differences_file(request: Request) -> Response:
    """The same as CSV, however many they are; cells that a spreadsheet would run are made text."""
    parts = parts_of(request)
    lines = differences_csv(parts.store, _query(request), parts.clock())
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=attached("differences.csv"))


def attached(name: str) -> dict[str, str]:
    """Headers of an answer that browsers keep as a file."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _chosen(request: Request) -> dict[str, str]:
    query = request.query_params
    return {name: query.get(name, "").strip() for name in ("connection", "class", "state")}


def _query(request: Request) -> DifferenceQuery:
    chosen = _chosen(request)
    kind, state = chosen["class"], chosen["state"] or DifferenceState.OPEN.value
    try:
        kinds = _kinds(kind)
        states = list(DifferenceState) if state == _ALL else [DifferenceState(state)]
    except ValueError:
        raise bad_address() from None
    name = asked_connection(request)
    return DifferenceQuery(connection=name or None, kinds=frozenset(kinds), states=frozenset(states))


def _kinds(word: str) -> list[DifferenceClass]:
    """The classes of one choice; none for any. ValueError for what is no choice."""
    if word == SERIOUS:
        return [kind for kind in DifferenceClass if kind.serious]
    return [DifferenceClass(word)] if word else []
