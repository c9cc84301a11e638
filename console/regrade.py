"""A second look at booked units: stock moves once, money never (E24)."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from console.forms import Form, form_of
from console.inspection_form import OTHERS, USUAL, new_scan_id
from console.pages import go, page
from console.parts import parts_of
from console.receiving import known_return
from console.returns import return_path
from console.session import visitor_of
from console.words import path_part, words
from domain.connection import Mappings
from domain.dispositions import Disposition
from domain.inspection import Regrade, RegradedUnits
from domain.model import Value
from domain.returns import ReturnRef
from store.balance import balance, depot_for

router = APIRouter()


class Booked(Value):
    """Units that lie somewhere, as a row of the form. `location`: one whose depot it is; empty: none is mapped."""

    sku: str
    was: Disposition
    depot: str
    location: str
    units: int


@router.get("/receiving/{connection}/{return_id}/regrade")
async def regrade_form(request: Request, connection: str, return_id: str) -> Response:
    """What is booked, and what it may become."""
    view = await known_return(request, connection, return_id)
    ref = ReturnRef(connection=view.connection, return_id=view.return_id)
    return _form_page(request, ref, await _booked(request, ref), Form(), new_scan_id())


@router.post("/receiving/{connection}/{return_id}/regrade")
async def regrade(request: Request, connection: str, return_id: str) -> Response:
    """One regrade, however often the form is sent."""
    parts, form = parts_of(request), form_of(request)
    view = await known_return(request, connection, return_id)
    ref = ReturnRef(connection=view.connection, return_id=view.return_id)
    rows = await _booked(request, ref)
    wanted = _regrade_from(form, rows, visitor_of(request).account)
    if wanted is not None:
        answer = await parts.warehouse.regraded(await parts.link.client(), ref, wanted)
        if not answer.refused:
            moved = ", ".join(f"{u.quantity} × {u.sku} {words(u.now).lower()}" for u in wanted.units)
            done = "It was sent before; nothing moves twice." if answer.repeated else "The stock is moved now."
            return await go(request, return_path(ref), f"Regraded: {moved}. {done} No money moves.")
        form.wrong("", f"{answer.refused[:1].upper()}{answer.refused[1:]}.")
    return _form_page(request, ref, rows, form, form.text("regrade_id") or new_scan_id(), status=422)


def _regrade_from(form: Form, rows: Sequence[Booked], inspector: str) -> Regrade | None:
    """The regrade of the form's rows; None when something is wrong, which is then in `form.problems`."""
    units: list[RegradedUnits] = []
    places: set[str] = set()
    for number, row in enumerate(rows):
        name = f"units-{number}"
        if form.text(f"row-{number}") != row_key(row):
            form.wrong("", "The stock has changed since this page was made. Load the page again and begin anew.")
            return None
        quantity = form.number(name, f"{row.sku}, {words(row.was)}", high=row.units)
        if not quantity:
            continue
        now = form.one_of(f"now-{number}", f"{row.sku}, new grade", [d.value for d in _targets(row.was)])
        if now:
            units.append(RegradedUnits(sku=row.sku, quantity=quantity, was=row.was, now=Disposition(now)))
            places.add(row.location)
    if not units and not form.problems:
        form.wrong("", "Nothing is to be regraded yet. Enter how many units get another grade.")
    if len(places) > 1:
        form.wrong("", "These units lie in two places. Send one form for each place.")
    if form.problems:
        return None
    try:
        name = form.text("regrade_id", longest=64)
        return Regrade(regrade_id=name, location=places.pop(), units=units, inspector=inspector[:60])
    except ValidationError:
        form.wrong("", "The form lost its number. Load the page again and begin anew.")
        return None


async def _booked(request: Request, ref: ReturnRef) -> list[Booked]:
    """Everything of the return that lies in a depot which a location of ours has."""
    parts = parts_of(request)
    async with parts.store.reading() as unit:
        documents = await unit.documents.for_return(ref)
    mappings = parts.connections[ref.connection].mappings
    return [
        Booked(sku=sku, was=was, depot=depot, location=_location(mappings, was, depot), units=units)
        for (sku, was, depot), units in sorted(balance(documents).items())
        if units > 0 and depot
    ]


def _location(mappings: Mappings, was: Disposition, depot: str) -> str:
    fitting = [name for name in mappings.locations if depot_for(mappings, name, was) == depot]
    return next(iter(fitting), "")


def _targets(was: Disposition) -> list[Disposition]:
    return [grade for grade in (*USUAL, *OTHERS) if grade.arrived and grade is not was]


def row_key(row: Booked) -> str:
    """What the form sends back of a row, so that it cannot be taken for another one."""
    return f"{row.sku}|{row.was}|{row.depot}"


def _form_page(
    request: Request, ref: ReturnRef, rows: Sequence[Booked], form: Form, regrade_id: str, status: int = 200
) -> Response:
    return page(
        request,
        "receiving/regrade.html",
        status=status,
        ref=ref,
        action=f"/receiving/{path_part(ref.connection)}/{path_part(ref.return_id)}/regrade",
        rows=rows,
        row_key=row_key,
        targets=_targets,
        form=form,
        regrade_id=regrade_id,
    )
