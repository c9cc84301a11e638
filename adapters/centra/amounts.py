"""What a return of Centra is given so that its grand total is ours. Amounts are minor units."""

from dataclasses import dataclass
from decimal import Decimal

from adapters.centra import mapping
from adapters.centra.units import Units, by_order_line
from adapters.centra.wire import Order
from domain.exceptions import ExceptionCode
from domain.footing import SnapshotNotFooting
from domain.money import decimal_text, round_half_away
from domain.order import OrderSnapshot, TaxMode
from domain.outcomes import Rejected
from domain.slots import value_order


@dataclass(frozen=True)
class Costs:
    """The money fields of `ReturnCreateInput`. `shipping` raises the total; `voucher` and `fee` lower it."""

    voucher: int = 0
    shipping: int = 0
    fee: int = 0

    def fields(self, currency: str) -> dict[str, object]:
        """As GraphQL input; what is nothing is left out."""
        named = {"voucherValue": self.voucher, "shippingCost": self.shipping}
        given: dict[str, object] = {
            name: {"value": _money(amount, currency)} for name, amount in named.items() if amount
        }
        return given | ({"returnCost": _money(self.fee, currency)} if self.fee else {})


class Valuation:
    """What Centra counts for units of one order, and how much of the order's discounts is theirs (money.md 6.3).

    `others` are the units in returns that stay: the next ones of each line come after them.
    """

    def __init__(self, order: Order, snapshot: OrderSnapshot, others: Units) -> None:
        self._order = order
        self._before = by_order_line(order, others)
        self._lines = {str(line.id): line for line in order.lines}
        try:
            value = value_order(snapshot)
        except SnapshotNotFooting as error:
            raise Rejected(ExceptionCode.SNAPSHOT_NOT_FOOTING, str(error)) from None
        self._slots = {line.order_line_id: line for line in value.lines}
        self._exclusive = snapshot.tax_mode is TaxMode.EXCLUSIVE

    def counted(self, units: Units) -> int:
        """Value of the units with tax, before order discounts: what Centra starts from."""
        return sum(
            self._next(name, quantity, mapping.value_of(self._lines[name], self._order.currency))
            for name, quantity in by_order_line(self._order, units).items()
        )

    def voucher(self, units: Units) -> int:
        """The discounts' share of the units."""
        return sum(self._next(name, n, self._off(name)) for name, n in by_order_line(self._order, units).items())

    def costs(self, units: Units, wanted: int, shipping: int = 0, fee: int = 0) -> Costs:
        """Costs with which these units come to `wanted`, shipping and fee apart.

        The discounts' share goes off as a voucher, of which Centra takes no more than the order had. What a cheaper
        exchange or a partial credit takes off beyond that lowers the refund, as a fee does.
        """
        off = max(self.counted(units) - wanted, 0)
        wanted_units = by_order_line(self._order, units)
        most = sum(-(-self._off(name) * n // self._slots[name].quantity) for name, n in wanted_units.items())
        return Costs(voucher=min(off, most), shipping=shipping, fee=fee + off - min(off, most))

    def as_opened(self, units: Units) -> Costs:
        """Costs of a return before any credit is known: nothing but the discounts."""
        return Costs(voucher=self.voucher(units))

    def _off(self, name: str) -> int:
        """Order discounts of a whole line."""
        line, slots = self._lines[name], self._slots[name]
        value = mapping.net_of(line, self._order.currency) if self._exclusive else None
        return max((mapping.value_of(line, self._order.currency) if value is None else value) - slots.primary, 0)

    def _next(self, name: str, quantity: int, whole: int) -> int:
        """So many units' part of a line's amount, after those that went before."""
        bought, before = self._slots[name].quantity, self._before[name]
        until = round_half_away(whole * (before + quantity), bought)
        return until - round_half_away(whole * before, bought)


def _money(amount: int, currency: str) -> dict[str, object]:
    return {"value": Decimal(decimal_text(amount, currency)), "currencyIsoCode": currency}
