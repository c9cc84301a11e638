"""Which replacements the platform's return still asks for after the customer changed it (E61)."""

import pytest

from activities.exchange_signatures import ReplacementPlaced
from domain.exchange import ExchangeState, ExchangeUnits
from domain.returns import ExchangeWish
from tests.workflows.cases import authorised, book, line
from workflows.case import ReturnCase
from workflows.exchanges import gives_way, is_unwanted, note, replacements_due

ONE = "1/SKU-1"
ORDERED, CONVERTED = ExchangeState.ORDERED, ExchangeState.CONVERTED_TO_REFUND


def changed(wished: int, *begun: tuple[int, ExchangeState]) -> ReturnCase:
    """A return whose wish is for `wished` units by now; orders were begun before, as (units, state)."""
    case = authorised(line(1, 4))
    assert case.platform is not None
    wish = ExchangeWish(
        exchange_id="a", line_id=ONE, quantity=wished, sku="NEW", replacement_quantity=wished, price_text="10.00"
    )
    case.platform = case.platform.model_copy(update={"exchanges": [wish]})
    case.exchange_units = [
        ExchangeUnits(number=number, exchange_id="a", line_id=ONE, units=units, state=state)
        for number, (units, state) in enumerate(begun, start=1)
    ]
    return case


@pytest.mark.parametrize(
    ("wished", "begun", "unwanted"),
    [
        (2, [(2, ORDERED)], []),
        (1, [(2, ORDERED)], [1]),
        (1, [(1, ORDERED), (1, ORDERED)], [2]),
        (3, [(2, ORDERED), (2, ORDERED)], [2]),
        (1, [(1, ORDERED), (1, CONVERTED)], [1]),
        (2, [(1, ORDERED), (1, CONVERTED)], []),
        (3, [(2, ORDERED)], []),
    ],
)
def test_E61_orders_for_more_units_than_are_wished_go_the_latest_first(
    wished: int, begun: list[tuple[int, ExchangeState]], unwanted: list[int]
) -> None:
    case = changed(wished, *begun)
    found = [one.number for one in case.exchange_units if is_unwanted(case, one) and not one.state.refundable]
    assert found == unwanted
    assert gives_way(case) is bool(unwanted)
    assert not (unwanted and replacements_due(case)), "the old order gives its units back first"


def test_E61_what_was_taken_back_counts_for_nothing_and_the_rest_is_ordered_anew() -> None:
    case = changed(1, (2, ORDERED))
    note(case, ReplacementPlaced(number=1, state=ExchangeState.CANCELLED), superseded=True)
    [due] = replacements_due(case)
    assert due.units == 1
    case.amending = True
    assert replacements_due(case) == [], "the next RMA comes first"


def test_E61_E18_once_goods_came_no_order_goes_by_itself() -> None:
    case = changed(1, (2, ORDERED))
    book(case, "s1", (ONE, 2))
    assert not is_unwanted(case, case.exchange_units[0])


def test_E61_E51_what_the_customer_keeps_is_wanted_whatever_is_wished() -> None:
    case = changed(1, (2, ORDERED))
    note(case, ReplacementPlaced(number=1, state=ORDERED, kept=True))
    assert not is_unwanted(case, case.exchange_units[0])
    assert replacements_due(case) == [], "it stands for more than is wished"
