"""What an RMA is worth, and who owes whom how much.

Differences of variant exchanges are settled item by item: a dearer one never eats the refund of another item.
Fees come off what goes back to the customer; on an exchange, what they exceed it by is invoiced. Shipping and bonus
of the specification are on top of the refund; no field of the wire says why it is higher.
"""

from collections.abc import Iterable
from decimal import Decimal

from sandbox.kit.money import ZERO, payable
from sandbox.returngo.model import Item, Rma


def item_value(item: Item) -> Decimal:
    """What the customer paid for the unit, tax included."""
    return item.price if item.tax_included else item.price + item.tax


def wish_value(item: Item) -> Decimal:
    """Price of the new units wanted for it, zero when it is no exchange."""
    return item.wish.price * item.wish.quantity if item.wish else ZERO


def counted(rma: Rma) -> list[Item]:
    """The units that money is moved for: all when it moved before the goods, else those that are not missing."""
    return [item for item in rma.items if rma.instant or not item.rejected]


def refund_due(rma: Rma) -> Decimal:
    """What goes back to the customer in all, in whole minor units, never negative; the planned amount wins."""
    if rma.planned is not None:
        return rma.planned
    if not counted(rma):
        return ZERO
    return max(payable(_back(rma) - rma.fees, rma.currency), ZERO)


def difference_due(rma: Rma) -> Decimal:
    """What the customer owes in all for dearer new units, in whole minor units."""
    items = counted(rma)
    if not any(item.wish for item in items):
        return ZERO
    dearer = sum((wish_value(item) - item_value(item) for item in owing(items)), ZERO)
    return payable(dearer + max(rma.fees - _back(rma), ZERO), rma.currency)


def owing(items: Iterable[Item]) -> list[Item]:
    """Those whose new units cost more than they did."""
    return [item for item in items if wish_value(item) > item_value(item)]


def owed(items: Iterable[Item]) -> list[Item]:
    """Those whose new units, if any, cost less than they did."""
    return [item for item in items if wish_value(item) < item_value(item)]


def _back(rma: Rma) -> Decimal:
    goods = sum((item_value(item) - wish_value(item) for item in owed(counted(rma))), ZERO)
    return goods + rma.shipping_refund + rma.bonus
