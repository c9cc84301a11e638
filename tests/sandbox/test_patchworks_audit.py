"""The journal of Patchworks in the books: a right course breaks no rule, and each wrong one is found."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from sandbox.audit import Books
from sandbox.audit.exchange_rules import EXCHANGE_RULES
from sandbox.audit.patchworks import FOLDS, RULES
from sandbox.audit.reading import Reading
from sandbox.audit.rules import RULES as COMMON_RULES
from sandbox.audit.scope import Scope
from tests.sandbox.patchworks_wire import ID, KEY, ORDER, SHIRT, Wire, cancel, credit, exchange, receipt, wire

SCOPE = Scope(
    explained={},
    hold_depots=frozenset({"HC"}),
    sellable_depots=frozenset({"01", "02"}),
    exchange_type="EXCHANGE",
    compare=False,
)


@pytest.fixture
async def patchworks() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


def key(step: str) -> str:
    return f"bh-{ID}-{step}"


def read(patchworks: Wire) -> Books:
    reading = Reading()
    for entry in patchworks.sandbox.journal.entries():
        if fold := FOLDS.get(entry["op"]):
            fold(reading, entry)
    return reading.books


def broken(patchworks: Wire, scope: Scope = SCOPE) -> list[str]:
    rules = (*COMMON_RULES, *EXCHANGE_RULES, *RULES)
    return [text for page in read(patchworks).returns.values() for rule in rules for text in rule(page, scope)]


async def whole_course(patchworks: Wire) -> str:
    """Two shirts come back, one good and one damaged, one is credited and one exchanged; a regrade and a write-off."""
    number = await patchworks.opened(quantity=2)
    await patchworks.ask("receive_return", key("g-1"), **receipt(number, "01"))
    await patchworks.ask("receive_return", key("g-2"), **receipt(number, "DM"))
    await patchworks.ask("create_credit_note", key("c-1"), **credit(number))
    await patchworks.ask("create_exchange_order", key("x-1"), **exchange(number, key("x-1")))
    line = {"sku": SHIRT, "quantity": 1, "fromLocationId": "01", "toLocationId": "QT"}
    await patchworks.ask("transfer_stock", key("t-1"), transfer={"lines": [line]})
    off = {"sku": SHIRT, "quantity": -1, "locationId": "QT", "reason": "X"}
    await patchworks.ask("adjust_stock", key("a-1"), adjustment={"lines": [off]})
    return number


async def test_a_right_course_is_on_one_page_and_breaks_no_rule(patchworks: Wire) -> None:
    number = await whole_course(patchworks)
    patchworks.sandbox.despatch(key("x-1"))
    assert broken(patchworks) == []
    (page,) = read(patchworks).returns.values()
    assert (page.key, [rma.number for rma in page.live_rmas]) == (ID, [number])
    assert page.received == {"01": {SHIRT: 1}, "DM": {SHIRT: 1}}
    assert page.stock == {"01": {SHIRT: 0}, "DM": {SHIRT: 1}, "QT": {SHIRT: 0}}
    assert (page.adjusted, page.credited) == ({SHIRT: -1}, {"GBP": Decimal("18.09")})
    (order,) = page.live_replacements
    assert (order.units, order.despatched, order.original) == ({SHIRT: 1}, True, ORDER)
    assert [(line.received, line.credited) for line in page.rmas[0].lines] == [(2, 1)]


async def test_what_was_taken_back_counts_no_more(patchworks: Wire) -> None:
    number = await patchworks.opened()
    memo = await patchworks.ask("create_credit_note", key("c-1"), **credit(number))
    await patchworks.ask("void_credit_note", key("c-1-undo"), **cancel(memo["erp"]["documentNumber"]))
    await patchworks.ask("create_exchange_order", key("x-1"), **exchange(number, key("x-1")))
    await patchworks.ask("cancel_exchange_order", key("x-1-undo"), **cancel(key=key("x-1")))
    await patchworks.ask("cancel_return", f"{KEY}-undo", **cancel(number))
    (page,) = read(patchworks).returns.values()
    assert (page.live_rmas, page.live_replacements, page.credited) == ([], [], {})
    assert page.rmas[0].lines[0].credited == 0
    assert broken(patchworks) == []


async def test_N14_a_credit_that_restocks_is_found(patchworks: Wire) -> None:
    number = await patchworks.opened()
    await patchworks.ask("receive_return", key("g-1"), **receipt(number, "DM"))
    await patchworks.ask("create_credit_note", key("c-1"), **credit(""))
    assert f"1 units of {SHIRT} came into stock by a credit memo" in broken(patchworks)


async def test_R45_an_unapplied_credit_is_reported_until_it_is_applied_or_explained(patchworks: Wire) -> None:
    number = await patchworks.opened()
    patchworks.sandbox.pay_invoice(ORDER)
    memo = await patchworks.ask("create_credit_note", key("c-1"), **credit(number))
    assert broken(patchworks) == ["credit memo CM9301 has 18.09 GBP unapplied"]
    explained = Scope({ID: "paid by card"}, SCOPE.hold_depots, SCOPE.sellable_depots, "EXCHANGE", compare=False)
    assert broken(patchworks, explained) == []
    patchworks.sandbox.open_invoice(ORDER)
    applied = {"documentNumber": memo["erp"]["documentNumber"]}
    await patchworks.ask("apply_credit_note", key("c-1"), apply=applied)
    assert broken(patchworks) == []


async def test_the_common_rules_hold_for_this_journal(patchworks: Wire) -> None:
    number = await patchworks.opened()
    await patchworks.opened(key("r-2"))
    body = exchange(number, key("x-1"))
    body["exchange"]["orderType"] = "WEB"
    body["return"]["exchangeLineItems"][0]["unitPrice"] = 5
    await patchworks.ask("create_exchange_order", key("x-1"), **body)
    up = {"sku": SHIRT, "quantity": 5, "locationId": "01", "reason": "X"}
    await patchworks.ask("adjust_stock", key("a-1"), adjustment={"lines": [up]})
    found = broken(patchworks)
    for words in (
        "2 live RMAs: RA4711, RA4712",
        "has type WEB, not EXCHANGE",
        "sells its goods for 5.00",
        f"5 units of {SHIRT} in sellable stock, only 2 authorised",
    ):
        assert any(words in text for text in found), words
    assert len(found) == 4
