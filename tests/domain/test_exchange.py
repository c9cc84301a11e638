"""Which units an RMA sets aside for exchanges, and under which number (docs/decisions/0009, E49, E55, E61)."""

from collections.abc import Sequence

import pytest

from domain.exchange import ExchangeState, ExchangeUnits, set_aside
from domain.returns import ExchangeWish

ORDERED, CONVERTED = ExchangeState.ORDERED, ExchangeState.CONVERTED_TO_REFUND
REQUESTED, CANCELLED = ExchangeState.REQUESTED, ExchangeState.CANCELLED


def wish(name: str, quantity: int = 1) -> ExchangeWish:
    return ExchangeWish(
        exchange_id=name, line_id="1", quantity=quantity, sku="NEW", replacement_quantity=quantity, price_text="10.00"
    )


def begun(number: int, name: str, state: ExchangeState, units: int = 1) -> ExchangeUnits:
    return ExchangeUnits(number=number, exchange_id=name, line_id="1", units=units, state=state)


@pytest.mark.parametrize(
    ("wishes", "before", "expected"),
    [
        ([wish("a"), wish("b", 2)], [], [("a", 1, 1), ("b", 2, 2)]),
        ([wish("a")], [begun(1, "a", CONVERTED)], []),
        ([wish("a")], [begun(1, "a", CANCELLED)], []),
        ([wish("a"), wish("b")], [begun(1, "a", CONVERTED)], [("b", 2, 1)]),
        ([wish("a")], [begun(1, "a", REQUESTED)], [("a", 1, 1)]),
        ([wish("b")], [begun(1, "a", ORDERED), begun(2, "b", ORDERED)], [("b", 2, 1)]),
        ([wish("c"), wish("b")], [begun(1, "a", ORDERED), begun(2, "b", ORDERED)], [("c", 3, 1), ("b", 2, 1)]),
        ([wish("a", 3)], [begun(1, "a", CONVERTED)], [("a", 2, 2)]),
        ([wish("a", 3)], [begun(1, "a", ORDERED, 2), begun(2, "a", REQUESTED)], [("a", 1, 2)]),
        ([wish("a", 3)], [begun(1, "a", CONVERTED), begun(3, "a", ORDERED)], [("a", 3, 2)]),
        ([wish("a")], [begun(1, "a", ORDERED, 2)], [("a", 1, 1)]),
        ([wish("a")], [begun(1, "a", ORDERED), begun(2, "a", ORDERED)], [("a", 1, 0)]),
    ],
)
def test_E49_E61_what_became_a_refund_is_set_aside_no_more_and_numbers_stay(
    wishes: Sequence[ExchangeWish], before: Sequence[ExchangeUnits], expected: Sequence[tuple[str, int, int]]
) -> None:
    assert [(one.wish.exchange_id, one.number, one.units) for one in set_aside(wishes, before)] == expected
