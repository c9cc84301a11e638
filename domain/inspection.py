"""What the warehouse reports about one parcel."""

from datetime import datetime

from pydantic import Field

from domain.dispositions import Disposition
from domain.model import Message


class InspectedUnits(Message):
    """Units of one SKU with one disposition. `disposition` is the sender's code, mapped when it is booked (E66)."""

    sku: str = Field(min_length=1, max_length=80)
    quantity: int = Field(ge=1, le=10_000)
    disposition: str = Field(min_length=1, max_length=60)
    order_line_id: str = Field(default="", description="needed only when one SKU is on several order lines")


class Inspection(Message):
    """One parcel's final inspection (R21, R22). `inspection_id` is the scan id: a repeat has no second effect (E15)."""

    inspection_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")
    location: str = Field(min_length=1, max_length=60, description="the code of the place that received the parcel")
    units: list[InspectedUnits] = Field(min_length=1, max_length=500)
    inspector: str = Field(
        default="warehouse", max_length=60, description="a user or station reference, not a person's name"
    )
    inspected_at: datetime | None = None


class BookedUnits(Message):
    """Units of one return line after their disposition was mapped."""

    line_id: str
    sku: str
    quantity: int
    disposition: Disposition


class AllocatedUnits(Message):
    """Inspected units that found their return line; `disposition` is still the sender's code."""

    line_id: str
    sku: str
    quantity: int
    disposition: str


class OpenLine(Message):
    """A return line and how many of its units are still to come. `skus` are all names of its SKU."""

    line_id: str
    order_line_id: str
    skus: list[str]
    outstanding: int


class UnexpectedSku(ValueError):
    """The parcel holds a SKU that this return does not have."""


class OverReceipt(ValueError):
    """The parcel holds more units than are still to come."""


def allocate(inspection: Inspection, lines: list[OpenLine]) -> list[AllocatedUnits]:
    """Give each inspected unit to a return line, in the order of the lines; raises UnexpectedSku or OverReceipt."""
    left = {line.line_id: line.outstanding for line in lines}
    allocated: list[AllocatedUnits] = []
    for units in inspection.units:
        matching = [line for line in lines if _matches(units, line)]
        if not matching:
            raise UnexpectedSku(f"{_name(units)} is not on this return; it has {_expected(lines)}")
        rest = units.quantity
        for line in matching:
            take = min(rest, left[line.line_id])
            if take:
                left[line.line_id] -= take
                rest -= take
                allocated.append(
                    AllocatedUnits(line_id=line.line_id, sku=line.skus[0], quantity=take, disposition=units.disposition)
                )
        if rest:
            open_units = sum(line.outstanding for line in matching)
            raise OverReceipt(f"{_name(units)}: only {open_units} unit(s) are still to come; this parcel has more")
    return allocated


def _matches(units: InspectedUnits, line: OpenLine) -> bool:
    return units.sku in line.skus and units.order_line_id in ("", line.order_line_id)


def _name(units: InspectedUnits) -> str:
    return f"SKU {units.sku}" + (f" of order line {units.order_line_id}" if units.order_line_id else "")


def _expected(lines: list[OpenLine]) -> str:
    return ", ".join(sorted({line.skus[0] for line in lines})) or "no lines"
