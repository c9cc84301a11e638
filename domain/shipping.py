"""How much of the outbound shipping a credit gives back (money.md 6.5). Amounts are minor units."""

from domain.connection import ShippingPolicy
from domain.model import Value
from domain.money import round_half_away
from domain.order import OrderSnapshot, TaxMode


class ShippingLedger(Value):
    """What is known about one order when a credit is made.

    paid: what the customer paid for shipping; the cap of everything that is given back
    credited: shipping that live credits gave back already
    goods_total: value of all goods of the order
    goods_before: value of the goods that live credits cover already; goods_now: of those on this credit
    last_units: with this credit no unit of the order is left with the customer
    """

    paid: int
    credited: int = 0
    goods_total: int = 0
    goods_before: int = 0
    goods_now: int = 0
    last_units: bool = False

    @property
    def left(self) -> int:
        """Shipping that may still be given back."""
        return max(self.paid - self.credited, 0)


def shipping_paid(snapshot: OrderSnapshot) -> int:
    """Shipping as the customer paid it, its tax included."""
    on_top = snapshot.tax_mode is TaxMode.EXCLUSIVE
    return sum(charge.amount + (charge.tax if on_top else 0) for charge in snapshot.shipping)


def shipping_to_credit(
    policy: ShippingPolicy, ledger: ShippingLedger, platform_says: int = 0, faulty: bool = False
) -> int:
    """Shipping that this credit gives back; never more than is left, never negative.

    `platform_says` counts only under that policy. `faulty`: a reason by which the retailer gives it back at
    once instead of waiting for the last unit.
    """
    match policy:
        case ShippingPolicy.NEVER:
            return 0
        case ShippingPolicy.ON_FULL_RETURN:
            return ledger.left if ledger.last_units or faulty else 0
        case ShippingPolicy.PRO_RATA:
            before, now = ledger.goods_before, ledger.goods_now
            step = _released(ledger, before + now) - _released(ledger, before)
            return min(max(step, 0), ledger.left)
        case ShippingPolicy.PLATFORM_SAYS:
            return min(max(platform_says, 0), ledger.left)


def _released(ledger: ShippingLedger, goods: int) -> int:
    """Shipping that goods of this value release in all: S(v) of money.md 6.5."""
    return round_half_away(ledger.paid * goods, ledger.goods_total) if ledger.goods_total else 0
