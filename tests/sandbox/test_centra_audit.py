"""Centra's journal as books: what several Centra returns of one page mean, and each violation that it can hold."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest

from sandbox.audit import Books, ReturnBook
from sandbox.audit.centra import FOLDS
from sandbox.audit.reading import Reading
from sandbox.audit.rules import find_violations
from sandbox.audit.scope import Scope
from tests.sandbox.centra_wire import CHANGE, COAT, ID, KEY, SHIRT, Wire, add_plain_order, wire
from tests.sandbox.test_centra_exchange import NEW, XKEY, body

Entry = dict[str, Any]


def scope(**changes: Any) -> Scope:
    facts: dict[str, Any] = {
        "explained": {}, "hold_depots": frozenset({"13"}), "sellable_depots": frozenset({"1", "2"}),
        "exchange_type": "internal", "compare": False,
    }  # fmt: skip
    return Scope(**(facts | changes))


def books(entries: Iterable[Entry]) -> Books:
    reading = Reading()
    for entry in entries:
        if fold := FOLDS.get(entry["op"]):
            fold(reading, entry)
    reading.books.violations = find_violations(reading.books, [], scope())
    return reading.books


def opened(number: int = 315, key: str = KEY, line: int = 1, quantity: int = 2, **more: Any) -> Entry:
    row = {"line": 555, "shipment_line": 2943, "order_line": line, "sku": SHIRT, "quantity": quantity, "value": "36.17"}
    return {
        "op": "createReturn", "return_id": number, "key": key, "order": "39790", "shipment": 1338,
        "external_id": key, "policy": "remove", "into": {}, "lines": [row],
    } | more  # fmt: skip


def deleted(number: int = 315, was_completed: bool = False, **more: Any) -> Entry:
    return {"op": "deleteReturn", "return_id": number, "out_from": {}, "was_completed": was_completed} | more


def completed(number: int = 315, quantity: int = 2, total: str = "36.17") -> Entry:
    lines = opened(quantity=quantity)["lines"]
    return {"op": "completeReturn", "return_id": number, "total": total, "currency": "GBP", "lines": lines}


def reopened(number: int = 315) -> Entry:
    return {"op": "uncompleteReturn", "return_id": number}


def moved(quantity: int = 2, into: str = "", out_from: str = "", step: str = "g-1", sku: str = SHIRT) -> Entry:
    lines = [{"sku": sku, "quantity": quantity}]
    return {
        "op": "changeStock", "id": 871, "key": f"bh-{ID}-{step}", "into": into, "out_from": out_from, "lines": lines,
    }  # fmt: skip


def page(*entries: Entry) -> ReturnBook:
    return books(entries).returns[ID]


RIGHT = [opened(), moved(into="1"), completed()]


def test_right_journals_give_right_books() -> None:
    found = books([*RIGHT, {"op": "confirmOrder", "order": "1"}])
    assert found.violations == []
    book = found.returns[ID]
    (rma,) = book.live_rmas
    assert (rma.number, rma.order) == ("315", "39790")
    assert [(row.number, row.authorised, row.received, row.credited) for row in rma.lines] == [(1, 2, 2, 2)]
    assert (book.received, {code: str(sum_) for code, sum_ in book.credited.items()}) == (
        {"1": {SHIRT: 2}}, {"GBP": "36.17"},
    )  # fmt: skip
    assert [row.number for row in book.notes] == ["CENTRA-RETURN-315"]


def test_returns_of_several_parcels_and_dispositions_are_one_rma() -> None:
    book = page(opened(), opened(316, f"{KEY}-s2", quantity=1), opened(317, f"{KEY}-s3", line=2, quantity=1))
    (rma,) = book.live_rmas
    assert [(row.number, row.authorised) for row in rma.lines] == [(1, 3), (2, 1)]


@pytest.mark.parametrize("key", [KEY, f"{KEY}-2"])
def test_a_pending_return_made_again_with_less_is_a_replacement(key: str) -> None:
    again = [opened(), moved(1, "1"), deleted(), opened(316, key, quantity=1), completed(316, 1, "18.09")]
    found = books(again)
    assert found.violations == []
    (rma,) = found.returns[ID].rmas
    assert (rma.number, rma.cancelled, rma.lines[0].authorised, rma.lines[0].credited) == ("315", False, 2, 1)


def test_a_deleted_return_is_a_cancelled_rma() -> None:
    assert [rma.cancelled for rma in page(opened(), deleted()).rmas] == [True]
    found = books([opened(), moved(into="1"), deleted()])
    assert "stands on 315, which is cancelled" in found.violations[0]
    late = books([opened(), deleted(), moved(into="1")])
    assert "stands on 315, which is cancelled" in late.violations[0]


def test_taking_a_credit_back_is_no_cancellation() -> None:
    found = books([*RIGHT, reopened(), deleted(was_completed=True)])
    assert found.violations == []
    book = found.returns[ID]
    assert (book.credited, [row.reversed for row in book.notes], book.rmas[0].lines[0].credited) == ({}, [True], 0)


def test_a_duplicate_under_one_external_id_is_found() -> None:
    twice = [opened(), opened(316)]
    (found,) = books(twice).violations
    assert "2 live RMAs: 315, 316" in found
    assert books([*twice, deleted(316)]).violations == []
    assert books([*twice, deleted(315)]).violations == []


def test_more_than_was_held_cannot_be_credited() -> None:
    found = books([opened(), completed(quantity=3)]).violations
    assert "3 units of P2001-WHT-M credited on line 1 of 315, only 2 authorised" in found[0]


def test_E18_what_is_not_authorised_is_a_surplus_and_never_for_sale() -> None:
    extra = [*RIGHT, moved(1, "12", step="q-1")]
    book = page(*extra)
    assert (books(extra).violations, book.adjusted, book.received) == ([], {SHIRT: 1}, {"1": {SHIRT: 2}})
    (found,) = books([*extra, moved(1, "1", "12", step="t-1")]).violations
    assert "3 units of P2001-WHT-M in sellable stock, only 2 authorised" in found
    assert books([*extra, moved(1, out_from="12", step="q-2")]).violations == []


def test_E26_goods_of_no_return_are_a_surplus() -> None:
    assert page(moved(1, "12")).adjusted == {SHIRT: 1}
    assert len(books([moved(1, "1")]).violations) == 1
    by_hand = moved(1, "1") | {"key": "stocktaking"}
    assert books([by_hand]).returns == {}


def test_a_return_that_stocks_its_units_itself_receives_them() -> None:
    book = page(opened(into={"11": {SHIRT: 2}}))
    assert (book.received, book.stock, book.rmas[0].lines[0].received) == ({"11": {SHIRT: 2}}, {"11": {SHIRT: 2}}, 2)
    back = page(opened(into={"11": {SHIRT: 2}}), deleted(out_from={"11": {SHIRT: 2}}))
    assert back.stock == {"11": {SHIRT: 0}}


def test_a_return_made_by_hand_has_a_page_of_its_own() -> None:
    assert list(books([opened(key="")]).returns) == ["315"]


@pytest.fixture
async def centra() -> AsyncIterator[Wire]:
    async with wire() as running:
        add_plain_order(running.centra)
        running.centra.add_item(NEW)
        running.centra.add_stock(NEW, 5)
        yield running


async def test_the_audit_reads_what_the_sandbox_really_writes(centra: Wire) -> None:
    await centra.open_return(39790, {1: 1, 2: 2})
    for sku, into in ((COAT, 1), (SHIRT, 11)):
        size = {"productSize": {"SKU": sku}, "deliveredQuantity": 1}
        key = f"bh-{ID}-g-{into}"
        given = {"description": f"{key} goods", "intoWarehouse": {"id": into}, "productSizes": [size]}
        assert (await centra.do(CHANGE, i=given))["userErrors"] == []
    await centra.returned("deleteReturn", 315)
    await centra.open_return(39790, {1: 1, 2: 1}, externalId=f"{KEY}-c")
    await centra.returned("completeReturn", 316)
    origin = {"type": "return", "id": 316}
    for number, step in ((1, "x-1"), (2, "x-2")):
        wanted = await body(centra, createdFromOrigin=origin, orderNumber=number, internalComment=f"bh-{ID}-{step}")
        assert (await centra.rest("POST", "/order", wanted))["status"] == "ok"
    centra.centra.despatch("1")
    found = books(centra.centra.journal.entries())
    assert found.violations == []
    book = found.returns[ID]
    assert [(row.rma, row.original, row.despatched) for row in book.replacements] == [
        ("315", "39790", True), ("315", "39790", False),
    ]  # fmt: skip
    assert {code: str(total) for code, total in book.credited.items()} == {"GBP": "238.59"}
    assert book.stock == {"1": {COAT: 1}, "11": {SHIRT: 1}}


async def test_wrong_replacements_are_found(centra: Wire) -> None:
    await centra.open_return(39790, {1: 1}, externalId=f"bh-{'f' * 32}-r-1")
    priced = [{"qty": 1, "sku": NEW, "unitPrice": 3}]
    payment = {"capture": {"status": 1, "amount": 4}}
    changes: list[dict[str, Any]] = [
        {"internalOrder": False},
        {"products": priced},
        {"shippingValue": 5, "payment": payment},
        {"address": {"email": "eva@example.com", "country": "GB"}},
    ]
    for number, change in enumerate(changes, 1):
        wanted = await body(centra, orderNumber=number, internalComment=XKEY.replace("x-1", f"x-{number}"), **change)
        assert (await centra.rest("POST", "/order", wanted))["status"] == "ok"
    found = books(centra.centra.journal.entries()).violations
    for words in (
        "replacement order 1 without an RMA of this return (315 named)",
        "replacement order 1 has type return, not internal",
        "replacement order 2 sells its goods for 3",
        "replacement order 3 comes to 5.00, 4.00 paid",
        "replacement order 4 goes elsewhere than 39790",
    ):
        assert any(words in text for text in found), (words, found)
