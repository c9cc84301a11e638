"""What a return is worth, and what Reveni owes the customer for it."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox.kit.money import ZERO, payable
from sandbox.reveni.model import Item, Return


@dataclass(frozen=True)
class Breakdown:
    """The composition of a refund; `total` = items - exchange items - fees + shipping + bonus."""

    return_items: Decimal
    exchange_items: Decimal
    fees: Decimal
    shipping_refund: Decimal
    bonus: Decimal

    @property
    def total(self) -> Decimal:
        """What the customer gets; negative when the new items cost more than the old ones."""
        return self.return_items - self.exchange_items - self.fees + self.shipping_refund + self.bonus

    @property
    def at_stake(self) -> Decimal:
        """The gross value of the return (the `amount` of the wire), before new items are taken off."""
        return self.total + self.exchange_items


def breakdown(ret: Return) -> Breakdown:
    """The composition as it stands.

    Instant money is fixed at request time, so every item counts. Otherwise rejected items drop out, with the
    new items asked for them; a return rejected as a whole is worth nothing and costs no fee.
    """
    counted = [item for item in ret.items if ret.mode == "instant" or item.status != "rejected"]
    if not counted:
        return Breakdown(ZERO, ZERO, ZERO, ZERO, ZERO)
    return Breakdown(
        return_items=sum((item_value(item) for item in counted), ZERO),
        exchange_items=sum((exchange_value(item) for item in counted), ZERO),
        fees=ret.fees,
        shipping_refund=ret.shipping_refund,
        bonus=ret.bonus,
    )


def item_value(item: Item) -> Decimal:
    """What the customer paid for the item's whole quantity, tax included."""
    value = item.unit_price * item.quantity - item.discount
    return value if item.tax_included else value + item.tax


def exchange_value(item: Item) -> Decimal:
    """Price of the new units wanted for the item, zero when it is not an exchange."""
    return item.exchange.unit_price * item.exchange.quantity if item.exchange else ZERO


def difference_due(ret: Return) -> Decimal:
    """What the customer owes in all for dearer new items, in whole minor units; zero when there is a refund."""
    return max(-payable(breakdown(ret).total, ret.currency), ZERO)


def refund_due(ret: Return) -> Decimal:
    """What an automatic refund pays, in whole minor units, never negative; the planned amount wins."""
    if ret.planned_refund is not None:
        return ret.planned_refund
    return max(payable(breakdown(ret).total, ret.currency), ZERO)
