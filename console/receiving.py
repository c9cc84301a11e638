"""Receiving: scan, count, grade, next parcel (R14, R20–R22, R29)."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from console.forms import Form, form_of
from console.inspection_form import OTHERS, UNEXPECTED_ROWS, USUAL, field_of, inspection_from, new_scan_id
from console.pages import go, page
from console.parts import parts_of
from console.returns import return_path, return_ref
from console.session import visitor_of
from console.trouble import Trouble, not_found
from console.words import count, path_part, words
from desk.inspections import InspectionAnswer
from desk.view import ReturnView, read_view
from domain.inspection import CONFIRM_HINT, Inspection
from domain.returns import ReturnRef

router = APIRouter()

_LONGEST_ID = 200
_COUNT_AGAIN = "Count again. If they are really there, tick that you counted again: they go to quarantine."


@router.get("/receiving")
async def scan(request: Request) -> Response:
    """One field for everything that stands on a parcel."""
    query = request.query_params
    scanned, place = query.get("scan", "").strip()[:_LONGEST_ID], query.get("at", "")[:60]
    if not scanned:
        return page(request, "receiving/scan.html", scanned="", at=place, found=[], unknown=False)
    async with parts_of(request).store.reading() as unit:
        found = await unit.returns.find(scanned)
    if len(found) == 1:
        return RedirectResponse(receiving_path(found[0].ref, place), 303)
    return page(request, "receiving/scan.html", scanned=scanned, at=place, found=found, unknown=not found)


@router.get("/receiving/{connection}/{return_id}")
async def parcel(request: Request, connection: str, return_id: str) -> Response:
    """The lines of a return, to be counted and graded."""
    view = await known_return(request, connection, return_id)
    return _form_page(request, view, Form(), new_scan_id())


@router.post("/receiving/{connection}/{return_id}")
async def inspected(request: Request, connection: str, return_id: str) -> Response:
    """One inspection, however often the form is sent."""
    parts, form = parts_of(request), form_of(request)
    view = await known_return(request, connection, return_id)
    locations = list(parts.connections[connection].mappings.locations)
    inspection = inspection_from(form, view.lines, locations, visitor_of(request).account)
    if form.problems:
        return _form_page(request, view, form, form.text("inspection_id") or new_scan_id(), status=422)
    ref = ReturnRef(connection=view.connection, return_id=view.return_id)
    answer = await parts.warehouse.inspected(await parts.link.client(), ref, inspection, parts.wait)
    if text := refused(answer):
        form.wrong("again" if CONFIRM_HINT in answer.text else "", text)
        return _form_page(request, view, form, inspection.inspection_id, status=422)
    kind, what_next = outcome(answer)
    notice = f"Return {ref.return_id} at {inspection.location}: {said(inspection)}. {what_next}"
    path = "/receiving?" + urlencode({"at": inspection.location})
    return await go(request, path, notice, kind=kind, link=return_path(ref), link_text="Look at the return")


async def known_return(request: Request, connection: str, return_id: str) -> ReturnView:
    """The return that a receiving page is about. Raises Trouble."""
    parts, ref = parts_of(request), return_ref(connection, return_id)
    if connection not in parts.connections:
        advice = "It is not in this console's configuration file any more. Tell whoever runs Backhaul."
        raise Trouble(404, "The connection of this return is not configured here.", advice)
    view = await read_view(parts.store, ref)
    if view is None:
        raise not_found("return")
    return view


def receiving_path(ref: ReturnRef, place: str = "") -> str:
    """The address of a return's receiving page; `place` is the location to begin with."""
    query = "?" + urlencode({"at": place}) if place else ""
    return f"/receiving/{path_part(ref.connection)}/{path_part(ref.return_id)}{query}"


def refused(answer: InspectionAnswer) -> str:
    """Why nothing was recorded, in words for the person at the parcel; empty when something was."""
    match answer.outcome:
        case "refused":
            reason = answer.text.replace(CONFIRM_HINT, _COUNT_AGAIN)
            return reason[:1].upper() + reason[1:].rstrip(".") + "."
        case "closed":
            return "The return is just being called off. Wait a minute and send the form again."
        case "unknown":
            return "The return has no running case. Tell whoever runs Backhaul; keep the parcel apart until then."
        case _:
            return ""


def outcome(answer: InspectionAnswer) -> tuple[str, str]:
    """Kind of notice, and what happens next."""
    match answer.outcome:
        case "conflict":
            return "bad", (
                "This parcel was recorded before with another result, which stands. A person decides about yours: "
                "see the exceptions."
            )
        case "kept":
            return "note", "It is kept, and booked as soon as Backhaul's worker runs. Do not send it again."
        case "parcel":
            return "note", (
                "No open return waits for it: it is taken in beside the return, and an exception asks what it is."
            )
        case _ if answer.repeated:
            return "note", "It was recorded before; nothing is counted twice."
        case _:
            return "good", "It is recorded. The stock is booked now; the platform and finance are told."


def said(inspection: Inspection) -> str:
    """What was found: ``2 × SHIRT sellable, 1 × HAT damaged``."""
    return ", ".join(f"{u.quantity} × {u.sku} {words(u.disposition).lower()}" for u in inspection.units)


def _form_page(request: Request, view: ReturnView, form: Form, scan_id: str, status: int = 200) -> Response:
    locations = list(parts_of(request).connections[view.connection].mappings.locations)
    place = request.query_params.get("at", "")
    expected = sum(max(line.expected - line.inspected, 0) for line in view.lines)
    return page(
        request,
        "receiving/parcel.html",
        status=status,
        view=view,
        form=form,
        scan_id=scan_id,
        locations=locations,
        place=place if place in locations else locations[0] if len(locations) == 1 else "",
        usual=USUAL,
        others=OTHERS,
        field_of=field_of,
        unexpected=range(UNEXPECTED_ROWS),
        expected=count(expected, "unit"),
    )
