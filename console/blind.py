"""Parcels whose return nobody knows: taken in all the same, matched later (E26)."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.forms import Form, form_of
from console.inspection_form import BLIND_ROWS, OTHERS, USUAL, blind_inspection_from, new_scan_id
from console.pages import go, page
from console.parts import parts_of
from console.receiving import said
from console.session import visitor_of

router = APIRouter()

_BETWEEN = " / "


@router.get("/receiving/unknown")
async def unknown_parcel(request: Request) -> Response:
    """The form, with what was scanned as tracking number."""
    return _form_page(request, Form(), new_scan_id())


@router.post("/receiving/unknown")
async def take_in(request: Request) -> Response:
    """One parcel, however often the form is sent."""
    parts, form = parts_of(request), form_of(request)
    place = form.one_of("place", "Location", [value for value, _ in _places(request)])
    connection, _, location = place.partition(_BETWEEN)
    inspection = blind_inspection_from(form, location, visitor_of(request).account)
    tracking, order = (form.text(name, longest=80) for name in ("tracking", "order"))
    scan_id = inspection.inspection_id
    if form.problems:
        return _form_page(request, form, form.text("inspection_id") or scan_id, status=422)
    client = await parts.link.client()
    answer = await parts.warehouse.came_blind(client, connection, inspection, tracking, order)
    if answer.outcome == "refused":
        form.wrong("", f"{answer.text[:1].upper()}{answer.text[1:]}.")
        return _form_page(request, form, scan_id, status=422)
    done = "It was taken in before; nothing is counted twice." if answer.repeated else "It goes to quarantine."
    notice = (
        f"Parcel without a return at {location}: {said(inspection)}. {done} "
        f"Mark it {scan_id}: if no return fits by itself, an exception of that number asks for one."
    )
    return await go(request, "/receiving?" + urlencode({"at": location}), notice)


def _form_page(request: Request, form: Form, scan_id: str, status: int = 200) -> Response:
    at, places = request.query_params.get("at", ""), _places(request)
    fitting = [value for value, _ in places if value.partition(_BETWEEN)[2] == at]
    return page(
        request,
        "receiving/unknown.html",
        status=status,
        form=form,
        scan_id=scan_id,
        places=places,
        place=fitting[0] if len(fitting) == 1 else places[0][0] if len(places) == 1 else "",
        scanned=request.query_params.get("scan", "")[:80],
        grades=[grade for grade in (*USUAL, *OTHERS) if grade.arrived],
        rows=range(BLIND_ROWS),
    )


def _places(request: Request) -> list[tuple[str, str]]:
    """Every location of every connection, as value and text."""
    found = [
        f"{name}{_BETWEEN}{location}"
        for name, connection in sorted(parts_of(request).connections.items())
        for location in connection.mappings.locations
    ]
    return [(value, value) for value in found]
