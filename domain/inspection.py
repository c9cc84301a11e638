"""What the warehouse reports about one parcel."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from domain.dispositions import Disposition
from domain.model import Message


class InspectedUnits(Message):
    """Units of one SKU with one disposition. `disposition` is the sender's code, mapped when it is booked (E66).

    Without one the platform's return reason decides, where the connection maps it (R24).
    """

    sku: str = Field(min_length=1, max_length=80)
    quantity: int = Field(ge=1, le=10_000)
    disposition: str = Field(default="", max_length=60)
    order_line_id: str = Field(default="", description="needed only when one SKU is on several order lines")
    condition: str = Field(default="", max_length=200, description="what was found, for people; no names")
    photo: str = Field(
        default="", max_length=500, pattern=r"^(https://[^\s]+)?$", description="where a photo of the units is"
    )


class Inspection(Message):
    """One parcel's final inspection (R21, R22). `inspection_id` is the scan id: a repeat has no second effect (E15)."""

    inspection_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")
    location: str = Field(min_length=1, max_length=60, description="the code of the place that received the parcel")
    units: list[InspectedUnits] = Field(min_length=1, max_length=500)
    inspector: str = Field(
        default="warehouse", max_length=60, description="a user or station reference, not a person's name"
    )
    inspected_at: datetime | None = None
    parcel: str = Field(default="", max_length=60, description="the parcel's own label; two results for it conflict")
    confirmed: bool = Field(
        default=False, description="counted again: what does not fit the return is really there (E18, E19)"
    )

    def contradicts(self, other: "Inspection") -> bool:
        """Whether the two are about one parcel and found different things (E16); the same again is none (E15)."""
        same_scan = self.inspection_id == other.inspection_id
        same_parcel = bool(self.parcel) and self.parcel == other.parcel
        return (same_scan or same_parcel) and self._found() != other._found()

    def repeats(self, other: "Inspection") -> bool:
        """Whether it says of the same parcel what the other one said (E15)."""
        same_parcel = bool(self.parcel) and self.parcel == other.parcel
        return (self.inspection_id == other.inspection_id or same_parcel) and self._found() == other._found()

    def _found(self) -> tuple[str, list[tuple[str, str, str, int]]]:
        found = sorted((u.sku, u.order_line_id, u.disposition, u.quantity) for u in self.units)
        return self.location, found


class WarehouseEvent(Message):
    """What an integration on the ERP's side reports of a return (the connector endpoint).

    event: its own word, for the log; return_id: the platform's id; None: an event that is not for us
    inspection: what was found, where the event is an inspection
    """

    event_id: str = Field(min_length=1, max_length=100)
    event: str
    return_id: str | None
    inspection: Inspection | None = None


class BookedUnits(Message):
    """Units of one return line after their disposition was mapped; no line: surplus that went to quarantine.

    `share` is the percentage of their value that is credited (E22); None until finance has decided.
    `rule`: the rule that decided disposition or depot, where it was not the sender's code and place (R24, R28)
    """

    line_id: str
    sku: str
    quantity: int
    disposition: Disposition
    share: int | None = Field(default=100, ge=0, le=100)
    rule: str = ""


class RegradedUnits(Message):
    """Units that were booked with one disposition and get another one."""

    sku: str = Field(min_length=1, max_length=80)
    quantity: int = Field(ge=1, le=10_000)
    was: Disposition
    now: Disposition


class Regrade(Message):
    """A second look at units that are booked already (E24, N8): stock moves once, money never."""

    regrade_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")
    location: str = Field(min_length=1, max_length=60)
    units: list[RegradedUnits] = Field(min_length=1, max_length=500)
    inspector: str = Field(default="warehouse", max_length=60)


class AllocatedUnits(Message):
    """Inspected units that found their return line; `disposition` is still the sender's code."""

    line_id: str
    sku: str
    quantity: int
    disposition: str


class SurplusUnits(Message):
    """Inspected units that the return does not have: they go to quarantine, and a person decides (E18, E19)."""

    sku: str
    quantity: int
    why: Literal["over", "unexpected"]


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


class NoGoodsExpected(ValueError):
    """The return is over, or is just being called off: its goods are taken in beside it (E20)."""


#: How a refused parcel is sent once it was counted again.
CONFIRM_HINT = "Count again; what is really there is recorded with confirmed=true"


def allocate(inspection: Inspection, lines: list[OpenLine]) -> list[AllocatedUnits]:
    """Give each inspected unit to a return line, in the order of the lines; raises UnexpectedSku or OverReceipt."""
    allocated, surplus = split(inspection, lines)
    if not surplus:
        return allocated
    units = next(units for units in inspection.units if units.sku == surplus[0].sku)
    if surplus[0].why == "unexpected":
        raise UnexpectedSku(f"{_name(units)} is not on this return; it has {_expected(lines)}. {CONFIRM_HINT}")
    open_units = sum(line.outstanding for line in lines if _matches(units, line))
    reason = f"{_name(units)}: only {open_units} unit(s) are still to come; this parcel has more"
    raise OverReceipt(f"{reason}. {CONFIRM_HINT}")


def split(inspection: Inspection, lines: list[OpenLine]) -> tuple[list[AllocatedUnits], list[SurplusUnits]]:
    """Give inspected units to return lines, in the order of the lines; what the return does not have is surplus."""
    left = {line.line_id: line.outstanding for line in lines}
    allocated: list[AllocatedUnits] = []
    surplus: list[SurplusUnits] = []
    for units in inspection.units:
        matching = [line for line in lines if _matches(units, line)]
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
            why: Literal["over", "unexpected"] = "over" if matching else "unexpected"
            surplus.append(SurplusUnits(sku=units.sku, quantity=rest, why=why))
    return allocated, surplus


def _matches(units: InspectedUnits, line: OpenLine) -> bool:
    return units.sku in line.skus and units.order_line_id in ("", line.order_line_id)


def _name(units: InspectedUnits) -> str:
    return f"SKU {units.sku}" + (f" of order line {units.order_line_id}" if units.order_line_id else "")


def _expected(lines: list[OpenLine]) -> str:
    return ", ".join(sorted({line.skus[0] for line in lines})) or "no lines"
