"""What a credit should be worth by the order alone (money.md 6.4, 6.5, 6.8). Amounts are minor units."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from domain.model import Message, Value
from domain.money import Money, round_half_away
from domain.order import TaxMode
from domain.slots import OrderValue, Slot, SlotLine, split_slot


class GoodsLine(Message):
    """Units of one line that have the same value: one goods line of the credit.

    unit_primary: one unit, gross when tax is inclusive, net when exclusive
    taxes: tax of all the units together, parallel to `tax_codes`
    partial: only this part of the units' value is credited; the rest stays on their slots
    """

    line_id: str
    order_line_id: str
    sku: str
    slots: tuple[int, ...]
    unit_primary: int
    taxes: tuple[int, ...] = ()
    tax_codes: tuple[str, ...] = ()
    tax_rates: tuple[str, ...] = ()
    partial: bool = False

    @property
    def quantity(self) -> int:
        """Units on this line."""
        return len(self.slots)

    @property
    def primary(self) -> int:
        """Value of all its units, in the order's tax mode."""
        return self.unit_primary * self.quantity

    @property
    def tax(self) -> int:
        """Tax of all its units and codes."""
        return sum(self.taxes)

    @property
    def tax_code(self) -> str:
        """The order's tax code. Several on one line are joined: ``GST+PST`` needs a mapping of its own."""
        return "+".join(self.tax_codes)

    @property
    def tax_rate(self) -> str:
        """Percent as decimal text; several codes are added up."""
        return str(sum(map(Decimal, self.tax_rates))) if self.tax_rates else ""


class UnitPart(Value):
    """Partial money on one unit (money.md 6.4). `credited` is the part of its slot that is credited."""

    line_id: str
    credited: Slot


class ExpectedCredit(Message):
    """A credit by the order: goods at slot value, shipping given back, fee kept, goodwill agreed.

    fee: positive here, and taken off; goodwill: signed
    top_up: what dearer replacements cost more, positive here, and taken off: the platform kept it back (6.7)
    """

    currency: str
    tax_mode: TaxMode
    lines: tuple[GoodsLine, ...]
    shipping: int = 0
    fee: int = 0
    goodwill: int = 0
    top_up: int = 0

    @property
    def goods(self) -> int:
        """What the customer paid for the units."""
        on_top = self.tax_mode is TaxMode.EXCLUSIVE
        return sum(line.primary + (line.tax if on_top else 0) for line in self.lines)

    @property
    def total(self) -> int:
        """Goods + shipping - fee - top-up + goodwill: E of money.md 6.8."""
        return self.goods + self.shipping - self.fee - self.top_up + self.goodwill

    @property
    def money(self) -> Money:
        """The total with its currency."""
        return Money(amount=self.total, currency=self.currency)

    @property
    def tax_per_code(self) -> dict[str, int]:
        """Tax of the goods per tax code of the order (R50)."""
        taxes: dict[str, int] = {}
        for line in self.lines:
            for code, tax in zip(line.tax_codes, line.taxes, strict=True):
                taxes[code] = taxes.get(code, 0) + tax
        return taxes

    @property
    def rounded_components(self) -> int:
        """m of money.md 6.8: goods lines, tax codes with an amount, shipping if any, fee if any."""
        codes = sum(1 for tax in self.tax_per_code.values() if tax)
        return len(self.lines) + codes + bool(self.shipping) + bool(self.fee)

    @property
    def claimed(self) -> dict[str, tuple[int, ...]]:
        """Line id → slot numbers, rising, of units that are credited whole. Free units are not in it."""
        slots: dict[str, tuple[int, ...]] = {}
        for line in self.lines:
            if line.partial:
                continue
            slots[line.line_id] = tuple(sorted((*slots.get(line.line_id, ()), *line.slots)))
        return slots


def expect_credit(
    value: OrderValue,
    claimed: Mapping[str, Sequence[int]],
    shipping: int = 0,
    fee: int = 0,
    goodwill: int = 0,
    *,
    parts: Sequence[UnitPart] = (),
    top_up: int = 0,
) -> ExpectedCredit:
    """The credit for these units: `claimed` maps line id → slot numbers; of `parts` only a part is credited.

    Units of different value become different lines, because ERPs credit a quantity at one unit price.
    Free units (no value, no tax) get stock but no money, so they are not on the credit (6.5).
    Raises ValueError for a line or slot that the order does not have.
    """
    lines: list[GoodsLine] = []
    for line_id, numbers in claimed.items():
        line = _line(value, line_id)
        lines += _by_value(line, line.pick(sorted(numbers)))
    for line_id in dict.fromkeys(part.line_id for part in parts):
        of_line = [part.credited for part in parts if part.line_id == line_id]
        lines += _by_value(_line(value, line_id), of_line, partial=True)
    return ExpectedCredit(
        currency=value.currency,
        tax_mode=value.tax_mode,
        lines=tuple(lines),
        shipping=shipping,
        fee=fee,
        goodwill=goodwill,
        top_up=top_up,
    )


def part_by_share(line_id: str, slot: Slot, share: int) -> UnitPart:
    """`share` percent of a unit's value, halves rounded away from zero; its tax follows the money (E22)."""
    credited, _ = split_slot(slot, round_half_away(slot.primary * share, 100))
    return UnitPart(line_id=line_id, credited=credited)


def _line(value: OrderValue, line_id: str) -> SlotLine:
    line = value.line(line_id)
    if line is None:
        raise ValueError(f"the order has no line {line_id!r}")
    return line


def _by_value(line: SlotLine, slots: Sequence[Slot], partial: bool = False) -> list[GoodsLine]:
    """One goods line per unit value, in the order of the lowest slot of each."""
    groups: dict[int, list[Slot]] = {}
    for slot in slots:
        if slot.primary or slot.tax:
            groups.setdefault(slot.primary, []).append(slot)
    return [
        GoodsLine(
            line_id=line.line_id,
            order_line_id=line.order_line_id,
            sku=line.sku,
            slots=tuple(slot.no for slot in group),
            unit_primary=unit_primary,
            taxes=tuple(sum(amounts) for amounts in zip(*(slot.taxes for slot in group), strict=True)),
            tax_codes=line.tax_codes,
            tax_rates=line.tax_rates,
            partial=partial,
        )
        for unit_primary, group in groups.items()
    ]
