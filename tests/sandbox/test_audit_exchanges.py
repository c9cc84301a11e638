"""The audit on replacement orders, goods that nobody owes, kept and lost items, notes made by hand."""

from typing import Any

import pytest

from sandbox.audit import read_books
from sandbox.audit.command import books_json
from tests.sandbox.prima_wire import new_order, wire
from tests.sandbox.test_audit_rules import CANCELLED, DASHED, ID, PAID, RIGHT, SKU, decided, note, receipt, rma

Entry = dict[str, Any]
NEW = "P1001-BLK-090"


def order(step: str = "x-1", **changes: Any) -> Entry:
    number = f"bh-{ID}-{step}"
    lines = [{"sku": NEW, "quantity": 1, "price": "0.00"}]
    return {
        "op": "MultiNewOrder", "tpguid": number, "order": number, "original_order": "O1", "customer_ref": "R1",
        "order_type": "EX", "status": "Entered", "currency": "GBP", "total": "0.00", "payment": "0.00",
        "lines": lines, "charges": [], "delivery_matches": True,
    } | changes  # fmt: skip


def stopped(step: str = "x-1") -> Entry:
    return {"op": "CancelOrder", "order": f"bh-{ID}-{step}"}


def sent(step: str = "x-1") -> Entry:
    return {"op": "OrderDespatched", "order": f"bh-{ID}-{step}", "order_type": "EX", "lines": []}


def adjusted(quantity: int, depot: str = "QT", step: str = "q-1", return_id: str = ID) -> Entry:
    return {
        "op": "StockAdjustment", "number": f"A-{step}", "tpguid": f"bh-{return_id}-{step}", "depot": depot,
        "lines": [{"sku": SKU, "quantity": quantity, "depot": depot}], "reason": "OVER",
    }  # fmt: skip


def moved(quantity: int, source: str, target: str) -> Entry:
    return {
        "op": "DepotTransfer", "number": "T1", "tpguid": f"bh-{ID}-t-1", "from_depot": source, "to_depot": target,
        "lines": [{"sku": SKU, "quantity": quantity}],
    }  # fmt: skip


def test_R54_R57_a_right_exchange_is_on_the_page_of_its_return() -> None:
    books = read_books([rma(), order(), order("x-2", total="9.99", payment="9.99"), sent()], [])
    assert books.violations == []
    first, second = books.returns[ID].live_replacements
    assert (first.rma, first.original, first.despatched, second.despatched) == ("R1", "O1", True, False)
    shown = books_json(books)["returns"][ID]["replacements"]
    assert [(row["units"], row["total"]) for row in shown] == [({NEW: 1}, "0.00"), ({NEW: 1}, "9.99")]


@pytest.mark.parametrize(
    ("prima", "words"),
    [
        ([rma(), order(customer_ref="")], "x-1 without an RMA of this return (none named)"),
        ([rma(), order(customer_ref="R7")], "x-1 without an RMA of this return (R7 named)"),
        ([rma(), order(), order()], f"2 live replacement orders with key bh-{ID}-x-1"),
        ([rma(), order(order_type="")], "has type none, not EX"),
        ([rma(), order(order_type="WEB")], "has type WEB, not EX"),
        ([rma(), order(lines=[{"sku": NEW, "quantity": 2, "price": "3.00"}])], "sells its goods for 6.00"),
        ([rma(), order(total="5.00")], "comes to 5.00, 0.00 paid"),
        ([rma(), order(delivery_matches=False)], "goes elsewhere than O1"),
    ],
)
def test_each_wrong_replacement_is_found_while_it_lives(prima: list[Entry], words: str) -> None:
    found = read_books(prima, []).violations
    assert any(words in text for text in found), found
    assert not any("replacement" in text for text in read_books([*prima, stopped()], []).violations[1:])


def test_the_exchange_type_is_the_readers() -> None:
    assert read_books([rma(), order(order_type="XC")], [], exchange_type="XC").violations == []


def test_E51_a_return_called_off_has_no_order_that_could_be_stopped() -> None:
    dead = [rma(), order(), {"op": "CancelReturn", "return_number": "R1"}]
    (found,) = read_books(dead, [CANCELLED]).violations
    assert f"bh-{ID}-x-1 is still live" in found
    for end in (stopped(), sent()):
        assert read_books([*dead, end], [CANCELLED]).violations == []


def test_E18_surplus_is_never_for_sale() -> None:
    extra = [*RIGHT, adjusted(1)]
    assert read_books(extra, PAID, sellable_depots=["01"]).violations == []
    wrong = [*extra, moved(1, "QT", "01")]
    (found,) = read_books(wrong, PAID, sellable_depots=["01"]).violations
    assert f"3 units of {SKU} in sellable stock, only 2 authorised" in found
    assert read_books(wrong, PAID).violations == []


def test_E26_goods_of_no_return_are_never_for_sale() -> None:
    blind = [adjusted(1, "01", return_id="e" * 32)]
    assert len(read_books(blind, [], sellable_depots=["01"]).violations) == 1
    assert read_books([adjusted(1, "QT")], [], sellable_depots=["01"]).violations == []


def test_goods_may_be_booked_in_by_adjustment() -> None:
    by_journal = [rma(), adjusted(2, "01", "g-1"), note()]
    assert read_books(by_journal, PAID, sellable_depots=["01"]).violations == []
    taken_out = [*by_journal, adjusted(-1, "01", "g-2")]
    assert len(read_books(taken_out, PAID).violations) == 1


def test_E32_lost_goods_must_be_explained_and_kept_ones_need_not() -> None:
    lost = [rma(), note()]
    (found,) = read_books(lost, PAID).violations
    assert "2 units of P1001-BLK-080 accepted, but only 0 received" in found
    assert read_books(lost, PAID, explained={DASHED: "lost in transit"}).violations == []
    kept = {"op": "item_kept", "return_id": DASHED, "item_id": "i1", "sku": SKU, "quantity": 2}
    assert read_books(lost, [kept, PAID[1]]).violations == []


def test_E42_notes_by_hand_count_on_the_return_of_their_rma() -> None:
    by_hand = note() | {"tpguid": "", "by_hand": True}
    books = read_books([rma(), receipt(), by_hand], PAID)
    assert books.violations == []
    small = [note("1.00", f"c-{n}", 0) | {"tpguid": "", "lines": []} for n in (1, 2)]
    assert len(read_books([rma(), *small], [decided(0)]).returns[ID].notes) == 2
    assert read_books([rma(), *small], []).violations == []


async def test_the_audit_reads_what_the_sandbox_really_writes() -> None:
    async with wire() as prima:
        await prima.open_return(key=f"bh-{ID}-r-1", quantity=1)
        assert (await prima.ask("MultiNewOrder", new_order(f"bh-{ID}-x-1"))).ok
        assert (await prima.ask("MultiNewOrder", new_order(f"bh-{ID}-x-2"))).ok
        prima.prima.despatch(f"bh-{ID}-x-1")
        assert (await prima.ask("CancelOrder", f'<Data OrderNumber="bh-{ID}-x-2"/>')).ok
        books = read_books(prima.prima.journal.entries(), [])
    assert books.violations == []
    assert [(row.despatched, row.cancelled) for row in books.returns[ID].replacements] == [(True, False), (False, True)]
