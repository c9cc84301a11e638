"""Slots: every unit of an order line has one fixed credit value (money.md 6.4, 6.6, decision D6).

A return claims slots; its goods credit is the sum of them. All slots of an order add up to its goods exactly,
so partial returns, voids and repetitions cannot change any sum. Amounts are minor units.
"""

from collections.abc import Collection, Iterable, Sequence

from domain.allocation import line_primaries, line_taxes
from domain.footing import check_parts, check_total
from domain.model import Value
from domain.money import largest_remainder, round_half_away
from domain.order import OrderLine, OrderSnapshot, TaxMode


class Slot(Value):
    """One unit. `primary`: gross if tax is inclusive, else net. `taxes`: parallel to the tax codes."""

    no: int
    primary: int
    taxes: tuple[int, ...] = ()

    @property
    def tax(self) -> int:
        """Tax of all codes."""
        return sum(self.taxes)


class SlotLine(Value):
    """The units of one SKU on one order line. `line_id` is ``<order line>/<sku>``.

    order_line_id: what ERP documents reference: the part's own order line where the ERP has one
    parent_line_id: the line of the snapshot: for a part that is its bundle's line
    bundle_sku, units_per_bundle: for a part; empty and 1 otherwise
    """

    line_id: str
    order_line_id: str
    parent_line_id: str
    sku: str
    tax_codes: tuple[str, ...] = ()
    tax_rates: tuple[str, ...] = ()
    slots: tuple[Slot, ...]
    returnable: bool = True
    bundle_sku: str = ""
    units_per_bundle: int = 1

    @property
    def quantity(self) -> int:
        """Units ordered."""
        return len(self.slots)

    @property
    def primary(self) -> int:
        """Value of all units, in the order's tax mode."""
        return sum(slot.primary for slot in self.slots)

    @property
    def tax(self) -> int:
        """Tax of all units and codes."""
        return sum(slot.tax for slot in self.slots)

    @property
    def unit_value(self) -> int:
        """Value of one unit, rounded: for information only, never for money."""
        return round_half_away(self.primary, self.quantity)

    def pick(self, numbers: Iterable[int]) -> tuple[Slot, ...]:
        """The slots with these numbers. ValueError for a number that is not on the line, or comes twice."""
        wanted = list(numbers)
        if len(set(wanted)) != len(wanted) or not all(1 <= no <= self.quantity for no in wanted):
            raise ValueError(f"line {self.line_id} has slots 1..{self.quantity}, not {wanted}")
        return tuple(self.slots[no - 1] for no in wanted)


class OrderValue(Value):
    """All slots of an order."""

    currency: str
    tax_mode: TaxMode
    lines: tuple[SlotLine, ...]

    def line(self, line_id: str) -> SlotLine | None:
        """The line with this id, or None."""
        return next((line for line in self.lines if line.line_id == line_id), None)

    def find(self, order_line_id: str, sku: str) -> SlotLine | None:
        """The line that a platform or a warehouse means, or None when there is none or more than one.

        The order line may be the part's own or its bundle's. Without one the SKU must be unique on the order.
        """
        found = [
            line
            for line in self.lines
            if line.sku == sku and order_line_id in ("", line.order_line_id, line.parent_line_id)
        ]
        return found[0] if len(found) == 1 else None

    def parts(self, order_line_id: str, bundle_sku: str) -> tuple[SlotLine, ...]:
        """The parts of a bundle that comes back under its own SKU; empty when there is no such bundle."""
        return tuple(
            line
            for line in self.lines
            if bundle_sku and line.bundle_sku == bundle_sku and order_line_id in ("", line.parent_line_id)
        )

    def gross(self, slots: Iterable[Slot]) -> int:
        """What the customer paid for these units: tax is in the primary, or comes on top."""
        on_top = self.tax_mode is TaxMode.EXCLUSIVE
        return sum(slot.primary + (slot.tax if on_top else 0) for slot in slots)

    @property
    def goods_total(self) -> int:
        """What the customer paid for all units."""
        return sum(self.gross(line.slots) for line in self.lines)


def value_order(snapshot: OrderSnapshot) -> OrderValue:
    """The slots of an order; a pure function of the snapshot (I7, I10).

    Raises SnapshotNotFooting when the order's figures do not add up.
    """
    check_parts(snapshot)
    primaries = line_primaries(snapshot)
    taxes = line_taxes(snapshot, primaries)
    check_total(snapshot, taxes)
    return slots_from(snapshot, primaries, taxes)


def slots_from(snapshot: OrderSnapshot, primaries: Sequence[int], taxes: Sequence[Sequence[int]]) -> OrderValue:
    """Slots for given line values and line taxes, parallel to the snapshot's lines."""
    lines: list[SlotLine] = []
    for line, primary, line_tax in zip(snapshot.lines, primaries, taxes, strict=True):
        if line.components:
            lines += _parts_of(line, primary, line_tax)
        else:
            lines.append(_slot_line(line, primary, line_tax))
    return OrderValue(currency=snapshot.currency, tax_mode=snapshot.tax_mode, lines=tuple(lines))


def unit_slots(primary: int, taxes: Sequence[int], quantity: int) -> tuple[Slot, ...]:
    """Split a line into its units by cumulative rounding, so that the units add up to the line (6.4)."""
    slots, before, taxes_before = [], 0, [0] * len(taxes)
    for no in range(1, quantity + 1):
        reached = round_half_away(primary * no, quantity)
        taxes_reached = [_tax_reached(tax, reached, primary, no, quantity) for tax in taxes]
        unit_taxes = tuple(now - then for now, then in zip(taxes_reached, taxes_before, strict=True))
        slots.append(Slot(no=no, primary=reached - before, taxes=unit_taxes))
        before, taxes_before = reached, taxes_reached
    return tuple(slots)


def lowest_free(line: SlotLine, taken: Collection[int], quantity: int) -> tuple[int, ...]:
    """The slots that a return of `quantity` units claims; fewer when fewer are free (VALIDATION_QTY, E7)."""
    free = [slot.no for slot in line.slots if slot.no not in taken]
    return tuple(free[:quantity])


def split_slot(slot: Slot, part: int) -> tuple[Slot, Slot]:
    """Partial money on a unit: the part of its primary that is credited, and the rest of the slot (6.4)."""
    if not 0 <= part <= slot.primary:
        raise ValueError(f"part {part} is not within the slot's {slot.primary}")
    taxes = tuple(round_half_away(tax * part, slot.primary) if slot.primary else 0 for tax in slot.taxes)
    rest = tuple(tax - credited for tax, credited in zip(slot.taxes, taxes, strict=True))
    return (
        Slot(no=slot.no, primary=part, taxes=taxes),
        Slot(no=slot.no, primary=slot.primary - part, taxes=rest),
    )


def _tax_reached(tax: int, reached: int, primary: int, no: int, quantity: int) -> int:
    """Tax of the first `no` units. It follows the money; on a free line it follows the units."""
    return round_half_away(tax * reached, primary) if primary else round_half_away(tax * no, quantity)


def _slot_line(line: OrderLine, primary: int, taxes: Sequence[int]) -> SlotLine:
    return SlotLine(
        line_id=f"{line.line_id}/{line.sku}",
        order_line_id=line.line_id,
        parent_line_id=line.line_id,
        sku=line.sku,
        tax_codes=tuple(tax.code for tax in line.taxes),
        tax_rates=tuple(tax.rate for tax in line.taxes),
        slots=unit_slots(primary, taxes, line.quantity),
        returnable=line.returnable,
    )


def _parts_of(line: OrderLine, primary: int, taxes: Sequence[int]) -> list[SlotLine]:
    """One slot line per part of a bundle line; together they are the bundle exactly (6.6)."""
    # An item master without prices gives no weights: then every unit of the recipe counts the same.
    weights = [part.weight for part in line.components]
    if not any(weights):
        weights = [part.quantity_per_bundle for part in line.components]
    primaries = largest_remainder(primary, weights)
    # A free bundle has no money that its tax could follow, so tax follows the weights there.
    shares = [largest_remainder(tax, primaries if primary else weights) for tax in taxes]
    return [
        SlotLine(
            line_id=f"{line.line_id}/{part.sku}",
            order_line_id=part.order_line_id or line.line_id,
            parent_line_id=line.line_id,
            sku=part.sku,
            tax_codes=tuple(tax.code for tax in line.taxes),
            tax_rates=tuple(tax.rate for tax in line.taxes),
            slots=unit_slots(primaries[i], [share[i] for share in shares], line.quantity * part.quantity_per_bundle),
            returnable=line.returnable,
            bundle_sku=line.sku,
            units_per_bundle=part.quantity_per_bundle,
        )
        for i, part in enumerate(line.components)
    ]
