"""The audit finds each violation that is put into the journals, and nothing in journals that are right."""

from typing import Any

import pytest

from sandbox.audit import read_books

ID = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
DASHED = "01234567-89ab-cdef-0123-456789abcdef"
SKU = "P1001-BLK-080"
Entry = dict[str, Any]


def rma(number: str = "R1", step: str = "r-1", quantity: int = 2, return_id: str = ID) -> Entry:
    line = {"return_line": 1, "order_line": 1, "sku": SKU, "quantity": quantity}
    return {
        "op": "NewReturn", "return_number": number, "tpguid": f"bh-{return_id}-{step}", "order": "O1",
        "standalone": False, "lines": [line],
    }  # fmt: skip


def receipt(quantity: int = 2, on: str = "R1", step: str = "g-1", depot: str = "01", return_id: str = ID) -> Entry:
    line = {"return_line": 1, "sku": SKU, "quantity": quantity, "depot": depot}
    return {
        "op": "ReturnReceipt", "receipt_number": f"G-{step}", "tpguid": f"bh-{return_id}-{step}",
        "return_number": on, "order": "O1", "lines": [line],
    }  # fmt: skip


def note(total: str = "40.00", step: str = "c-1", quantity: int = 2, currency: str = "GBP") -> Entry:
    line = {
        "return_line": 1, "order_line": 1, "sku": SKU, "quantity": quantity,
        "price": "20.00", "vat": "3.33",
    }  # fmt: skip
    return {
        "op": "NewCreditNote", "credit_number": f"CN-{step}", "tpguid": f"bh-{ID}-{step}",
        "return_number": "R1", "order": "O1", "invoice": "", "currency": currency, "total": total,
        "lines": [line], "charges": [],
    }  # fmt: skip


def refund(amount: str = "40.00", refund_id: str = "f1", op: str = "refund_paid") -> Entry:
    return {"op": op, "return_id": DASHED, "refund_id": refund_id, "amount": amount, "currency": "GBP"}


def decided(quantity: int = 2, status: str = "accepted", item: str = "i1") -> Entry:
    return {
        "op": "item_decided", "return_id": DASHED, "item_id": item, "sku": SKU, "quantity": quantity,
        "status": status,
    }  # fmt: skip


CANCEL_RMA = {"op": "CancelReturn", "return_number": "R1"}
CANCELLED = {"op": "return_cancelled", "return_id": DASHED}
RIGHT = [rma(), receipt(), note()]
PAID = [decided(), refund()]


def test_right_journals_give_right_books() -> None:
    books = read_books([*RIGHT, {"op": "SomethingNew"}], [*PAID, {"op": "webhook_sent"}])
    assert books.violations == []
    page = books.returns[ID]
    assert [row.number for row in page.live_rmas] == ["R1"]
    assert page.received == {"01": {SKU: 2}}
    assert page.accepted == {SKU: 2}
    assert {code: str(total) for code, total in page.credited.items()} == {"GBP": "40.00"}
    assert page.credited == page.refunded


@pytest.mark.parametrize(
    ("prima", "reveni", "words"),
    [
        ([rma(), rma("R2", "r-2")], [], "2 live RMAs: R1, R2"),
        ([rma(), rma("R2")], [], f"key bh-{ID}-r-1 was applied 2 times by NewReturn"),
        ([rma(), receipt(3)], [], f"3 units of {SKU} received on line 1 of R1, only 2 authorised"),
        ([rma(), receipt(2), receipt(1, step="g-2")], [], "3 units"),
        ([rma(), note(quantity=3)], [refund()], f"3 units of {SKU} credited on line 1 of R1, only 2"),
        ([rma(), receipt(), note("39.99")], PAID, "credited 39.99 GBP, refunded 40.00 GBP"),
        (RIGHT, [decided()], "credited 40.00 GBP, refunded 0 GBP"),
        ([rma(), receipt()], PAID, "credited 0 GBP, refunded 40.00 GBP"),
        (RIGHT, [*PAID, refund(op="refund_failed")], "credited 40.00 GBP, refunded 0 GBP"),
        ([rma(), receipt(), note(currency="EUR")], PAID, "credited 40.00 EUR, refunded 0 EUR"),
        ([rma(), CANCEL_RMA, receipt()], [], "receipt G-g-1 stands on R1, which is cancelled"),
        ([rma()], [CANCELLED], "cancelled on the platform, but R1 is still live"),
        (
            [rma(), receipt()],
            [decided(1), decided(1, "rejected", "i2")],
            "2 units of P1001-BLK-080 received, but 1",
        ),
        ([rma(), receipt(1)], [decided()], "2 units of P1001-BLK-080 accepted, but only 1 received"),
        ([rma(), receipt(return_id=OTHER)], [], "G-g-1 was posted on R1, an RMA of another return"),
    ],
)
def test_each_violation_is_found(prima: list[Entry], reveni: list[Entry], words: str) -> None:
    found = read_books(prima, reveni).violations
    assert any(words in text for text in found), found


def test_a_cancelled_rma_makes_room_for_another() -> None:
    assert read_books([rma(), CANCEL_RMA, rma("R2", "r-2")], []).violations == []


def test_goods_or_money_on_the_rma_of_a_cancelled_return_stay() -> None:
    assert read_books(RIGHT, [*PAID, CANCELLED]).violations == []


def test_reversed_notes_and_failed_refunds_do_not_count() -> None:
    prima = [rma(), receipt(), note("39.99"), {"op": "CancelCreditNote", "credit_number": "CN-c-1"}]
    again = [*prima, note("40.00", "c-2")]
    assert (
        read_books(again, [refund("39.99", "f0"), refund(op="refund_failed", refund_id="f0"), *PAID]).violations == []
    )


def test_a_later_decision_on_the_same_item_wins() -> None:
    books = read_books([], [decided(2, "rejected"), decided(2, "accepted")])
    assert (books.returns[ID].accepted, books.returns[ID].rejected) == ({SKU: 2}, {})


def test_explained_differences_are_not_reported() -> None:
    prima = [rma(), receipt(), note("39.99")]
    assert read_books(prima, PAID, explained={DASHED: "penny agreed with finance"}).violations == []


def test_rejected_goods_may_stand_in_a_hold_depot() -> None:
    prima = [rma(), receipt(1), receipt(1, step="g-2", depot="HC"), note("20.00", quantity=1)]
    reveni = [decided(1), decided(1, "rejected", "i2"), refund("20.00")]
    assert read_books(prima, reveni, hold_depots=["HC"]).violations == []
    assert len(read_books(prima, reveni).violations) == 1


def test_keys_without_a_return_id_are_grouped_by_rma() -> None:
    opened, booked = rma() | {"tpguid": "by-hand-1"}, receipt() | {"tpguid": "by-hand-2"}
    assert read_books([opened, booked], []).returns["R1"].received == {"01": {SKU: 2}}


def test_transfers_and_adjustments_change_the_net_stock() -> None:
    line = {"sku": SKU, "quantity": 1}
    move = {
        "op": "DepotTransfer", "number": "T1", "tpguid": f"bh-{ID}-t-1", "from_depot": "01", "to_depot": "DM",
        "lines": [line],
    }  # fmt: skip
    off = {
        "op": "StockAdjustment", "number": "A1", "tpguid": f"bh-{ID}-a-1", "depot": "DM",
        "lines": [{"sku": SKU, "quantity": -1}], "reason": "WO",
    }  # fmt: skip
    page = read_books([rma(), receipt(), move, off], []).returns[ID]
    assert page.stock == {"01": {SKU: 1}, "DM": {SKU: 0}}
    assert page.received == {"01": {SKU: 2}}
