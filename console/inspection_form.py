"""The receiving form as an inspection: every field checked and named before anything is sent (R22)."""

import secrets
from collections.abc import Sequence

from pydantic import ValidationError

from console.forms import Form
from console.words import words
from desk.view import LineView
from domain.dispositions import Disposition
from domain.inspection import InspectedUnits, Inspection

#: What a warehouse finds, the usual first. The others are a tap further.
USUAL = (Disposition.SELLABLE, Disposition.DAMAGED, Disposition.QUARANTINE)
OTHERS = (Disposition.MISSING, Disposition.RETURN_TO_CUSTOMER, Disposition.DISPOSED)
#: Lines for goods that the return does not have, and for a parcel without a return.
UNEXPECTED_ROWS = 3
BLIND_ROWS = 6

_MOST = 10_000
_PHOTO = "https://"


def new_scan_id() -> str:
    """The id that a form carries: sent twice, it counts once."""
    return f"console-{secrets.token_hex(8)}"


def field_of(line_no: int, disposition: Disposition) -> str:
    """The name of the field for units of a line with this grade."""
    return f"units-{line_no}-{disposition.value}"


def inspection_from(form: Form, lines: Sequence[LineView], locations: Sequence[str], inspector: str) -> Inspection:
    """The inspection of a return's parcel. What is wrong is in `form.problems`; then the value means nothing."""
    units: list[InspectedUnits] = []
    for number, line in enumerate(lines):
        if form.text(f"line-{number}") != line.line_id:
            form.wrong("", "The return has changed since this page was made. Load the page again and begin anew.")
            break
        units += _of_line(form, number, line)
    unexpected = _rows(form, "other", UNEXPECTED_ROWS, Disposition.QUARANTINE)
    if not units and not unexpected and not form.problems:
        form.wrong("", "Nothing is counted yet. Enter how many units there are, also when they are missing.")
    return _inspection(form, [*units, *unexpected], _location(form, locations), inspector, form.ticked("again"))


def blind_inspection_from(form: Form, location: str, inspector: str) -> Inspection:
    """The inspection of a parcel whose return nobody knows."""
    units = _rows(form, "item", BLIND_ROWS, None)
    if not units and not form.problems:
        form.wrong("item-0-sku", "SKU is missing. Enter at least one.")
    return _inspection(form, units, location, inspector, confirmed=False)


def _of_line(form: Form, number: int, line: LineView) -> list[InspectedUnits]:
    """Units of one line by grade. Condition and photo belong to those that are not sellable, if there are any."""
    counted = {
        disposition: form.number(field_of(number, disposition), f"{line.sku}, {words(disposition)}", high=_MOST)
        for disposition in (*USUAL, *OTHERS)
    }
    found = {disposition: quantity for disposition, quantity in counted.items() if quantity}
    condition = form.text(f"condition-{number}", f"{line.sku}, condition", longest=200)
    photo = _photo(form, f"photo-{number}", f"{line.sku}, photo")
    if (condition or photo) and not found:
        form.wrong(field_of(number, USUAL[0]), f"{line.sku} has a condition or a photo, but no units.")
    faulty = [disposition for disposition in found if disposition is not Disposition.SELLABLE]
    return [
        InspectedUnits(
            sku=line.sku,
            quantity=quantity,
            disposition=disposition.value,
            order_line_id=line.order_line_id,
            condition=condition if disposition in faulty or not faulty else "",
            photo=photo if disposition in faulty or not faulty else "",
        )
        for disposition, quantity in found.items()
    ]


def _rows(form: Form, prefix: str, number: int, fixed: Disposition | None) -> list[InspectedUnits]:
    """Units that are entered by SKU; a row without SKU and quantity is empty."""
    found: list[InspectedUnits] = []
    allowed = [disposition.value for disposition in (*USUAL, *OTHERS) if disposition.arrived]
    for row in range(number):
        sku = form.text(f"{prefix}-{row}-sku", "SKU", longest=80)
        quantity = form.number(f"{prefix}-{row}-quantity", "Quantity", high=_MOST)
        if not sku and not quantity:
            continue
        if not sku:
            form.wrong(f"{prefix}-{row}-sku", "SKU is missing.")
        if not quantity:
            form.wrong(f"{prefix}-{row}-quantity", f"{sku}: the quantity is missing.")
        grade = fixed.value if fixed else form.one_of(f"{prefix}-{row}-grade", f"{sku}, grade", allowed)
        photo = _photo(form, f"{prefix}-{row}-photo", f"{sku}, photo")
        if sku and quantity and grade:
            found.append(InspectedUnits(sku=sku, quantity=quantity, disposition=grade, photo=photo))
    return found


def _photo(form: Form, name: str, label: str) -> str:
    text = form.text(name, label)
    if text and (not text.startswith(_PHOTO) or " " in text or len(text) == len(_PHOTO)):
        form.wrong(name, f"{label} is not an address that begins with {_PHOTO}.")
        return ""
    return text


def _location(form: Form, locations: Sequence[str]) -> str:
    return form.one_of("location", "Location", list(locations))


def _inspection(form: Form, units: list[InspectedUnits], location: str, inspector: str, confirmed: bool) -> Inspection:
    """With stand-ins where the form has problems, so that all of them can be shown together."""
    scan = form.text("inspection_id", "Inspection", longest=64)
    try:
        whole = Inspection(
            inspection_id=scan,
            location=location or "none",
            units=units or [InspectedUnits(sku="none", quantity=1)],
            inspector=inspector[:60],
            parcel=form.text("parcel", "Parcel label", longest=60),
            confirmed=confirmed,
        )
    except ValidationError:
        form.wrong("", "The form lost its number. Load the page again and begin anew.")
        whole = Inspection(inspection_id="none", location="none", units=[InspectedUnits(sku="none", quantity=1)])
    return whole
