"""What must never be true of replacement orders. Cancelled ones are not looked at."""

from collections import Counter
from collections.abc import Iterator

from sandbox.audit.books import ReturnBook
from sandbox.audit.scope import Rule, Scope


def replacement_without_rma(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """An exchange is two linked documents."""
    own = {rma.number for rma in page.rmas}
    for order in page.live_replacements:
        if order.rma not in own:
            yield f"replacement order {order.number} without an RMA of this return ({order.rma or 'none'} named)"


def more_than_one_live_replacement(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """One key, one order."""
    for key, count in Counter(order.key for order in page.live_replacements).items():
        if count > 1:
            yield f"{count} live replacement orders with key {key}"


def replacement_of_another_type(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """Else it would count as a sale."""
    for order in page.live_replacements:
        if order.order_type != scope.exchange_type:
            yield f"replacement order {order.number} has type {order.order_type or 'none'}, not {scope.exchange_type}"


def replacement_with_a_price(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """Its goods cost nothing; what a dearer one costs on top is a charge, and paid.

    Where orders know no charges, it is the price of the goods.
    """
    for order in page.live_replacements:
        if order.goods and not scope.due_in_prices:
            yield f"replacement order {order.number} sells its goods for {order.goods}"
        elif order.total != order.paid:
            yield f"replacement order {order.number} comes to {order.total}, {order.paid} paid"


def replacement_to_another_place(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """Customer and delivery data are those of the original order."""
    for order in page.live_replacements:
        if not order.same_delivery:
            yield f"replacement order {order.number} goes elsewhere than {order.original or 'no order'}"


def replacement_outlives_the_return(page: ReturnBook, scope: Scope) -> Iterator[str]:
    """A return that was called off before any goods came back has no order that could still be stopped."""
    if page.cancelled and not page.receipts:
        for order in page.live_replacements:
            if not order.despatched:
                yield f"cancelled on the platform, but replacement order {order.number} is still live"


EXCHANGE_RULES: tuple[Rule, ...] = (
    replacement_without_rma,
    more_than_one_live_replacement,
    replacement_of_another_type,
    replacement_with_a_price,
    replacement_to_another_place,
    replacement_outlives_the_return,
)
