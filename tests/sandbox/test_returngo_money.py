"""Who pays whom, when, and how much, to the last minor unit."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from sandbox.kit.wanted import ItemEdit, ItemSpec, PayPolicy
from sandbox.returngo import ReturnGoSandbox
from tests.sandbox.returngo_wire import COAT, SHIRT, client_of, found, items, money, spec, swap

REFUND, INVOICE = "RefundToPaymentMethod", "InvoicePayment"


@pytest.fixture
async def sandbox() -> AsyncIterator[ReturnGoSandbox]:
    async with ReturnGoSandbox() as running:
        yield running


@pytest.mark.parametrize(
    ("pay", "after"),
    [("at_once", [(REFUND, "Success", "441.00")]), ("later", [(REFUND, "Requested", "441.00")]), ("withheld", [])],
)
async def test_when_a_refund_appears(pay: PayPolicy, after: list[tuple[str, str, str]]) -> None:
    async with ReturnGoSandbox(pay=pay) as sandbox:
        rma_id = sandbox.add_return(spec(COAT))
        sandbox.receive(rma_id)
        assert money(sandbox, rma_id) == []
        found(sandbox, rma_id)
        assert money(sandbox, rma_id) == after
        if pay != "at_once":
            sandbox.pay_refund(rma_id)
        assert money(sandbox, rma_id) == [(REFUND, "Success", "441.00")]
        (paid,) = sandbox.journal.entries("refund_paid")
        assert (paid["return_id"], paid["amount"], paid["currency"]) == (rma_id, "441.00", "GBP")
        (row,) = sandbox.get(rma_id)["transactions"]
        assert (row["id"], row["returnItemIds"]) == (paid["refund_id"], items(sandbox, rma_id))
        assert row["externalReferenceType"] == "PlatformRefundId"


async def test_instant_money_moves_at_approval_and_stays(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(COAT, mode="instant", status="incomplete"))
    assert money(sandbox, rma_id) == []
    sandbox.complete(rma_id)
    assert money(sandbox, rma_id) == [(REFUND, "Success", "441.00")]
    found(sandbox, rma_id, False, True)
    assert money(sandbox, rma_id) == [(REFUND, "Success", "441.00")]


async def test_reopening_pays_nothing_twice(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(mode="instant"))
    sandbox.cancel(rma_id)
    sandbox.reopen(rma_id)
    sandbox.complete(rma_id)
    found(sandbox, rma_id)
    assert money(sandbox, rma_id) == [(REFUND, "Success", "30.00")]


async def test_cancelling_calls_off_what_is_only_requested() -> None:
    async with ReturnGoSandbox(pay="later") as sandbox:
        rma_id = sandbox.add_return(spec(mode="instant"))
        sandbox.cancel(rma_id)
        assert money(sandbox, rma_id) == [(REFUND, "Canceled", "30.00")]
        assert sandbox.journal.entries("refund_paid") == []
        sandbox.reopen(rma_id)
        sandbox.complete(rma_id)
        assert [row[1] for row in money(sandbox, rma_id)] == ["Canceled", "Requested"], "approved anew, it is due anew"


async def test_an_invoice_is_called_off_and_asked_for_anew(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(swap("36.50")))
    sandbox.cancel(rma_id)
    assert [row[1] for row in money(sandbox, rma_id)] == ["Canceled"]
    sandbox.reopen(rma_id)
    sandbox.complete(rma_id)
    assert [row[1] for row in money(sandbox, rma_id)] == ["Canceled", "Requested"]


@pytest.mark.parametrize(
    ("item", "more", "amount"),
    [
        (SHIRT, {"fees": Decimal("4.95")}, "25.05"),
        (SHIRT, {"fees": Decimal(40)}, None),
        (SHIRT, {"shipping_refund": Decimal("4.95"), "bonus": Decimal(1)}, "35.95"),
        (SHIRT, {"planned_refund": Decimal("12.34"), "fees": Decimal(1)}, "12.34"),
        (SHIRT, {"planned_refund": Decimal(0)}, None),
        (replace(SHIRT, tax_included=False), {}, "36.00"),
        (replace(SHIRT, tax_included=False, tax=Decimal("5.55")), {}, "35.55"),
        (ItemSpec("1", "TIE", 3, Decimal(10), discount=Decimal("0.01")), {}, "29.99"),
        (ItemSpec("1", "TIE", 3, Decimal(333), discount=Decimal(1)), {"currency": "JPY"}, "998"),
        (ItemSpec("1", "TIE", 3, Decimal("1.111"), discount=Decimal("0.001")), {"currency": "KWD"}, "3.332"),
    ],
)
async def test_the_amount_of_a_refund(
    sandbox: ReturnGoSandbox, item: ItemSpec, more: dict[str, object], amount: str | None
) -> None:
    rma_id = sandbox.add_return(spec(item, **more))
    found(sandbox, rma_id)
    assert [row[2] for row in money(sandbox, rma_id)] == ([amount] if amount else [])
    units = sandbox.get(rma_id)["items"]
    assert sum(unit["paidPrice"]["amount"] for unit in units) == item.unit_price * item.quantity - item.discount


async def test_the_fee_stands_on_one_item(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(COAT, fees=Decimal("4.95")))
    assert [item["returnFee"] for item in sandbox.get(rma_id)["items"]] == [Decimal("4.95"), Decimal(0)]
    found(sandbox, rma_id, False, False)
    assert money(sandbox, rma_id) == [], "nothing came back: no refund, and no fee"


async def test_a_refund_is_planned_later_than_the_return(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec())
    sandbox.plan_refund_amount(rma_id, Decimal("29.99"))
    found(sandbox, rma_id)
    assert money(sandbox, rma_id) == [(REFUND, "Success", "29.99")]


async def test_staff_pay_by_hand_and_the_rules_do_not_pay_again(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec())
    assert sandbox.pay_refund(rma_id) == sandbox.get(rma_id)["transactions"][0]["id"]
    found(sandbox, rma_id)
    assert money(sandbox, rma_id) == [(REFUND, "Success", "30.00")]
    with pytest.raises(ValueError, match="nobody can pay 0"):
        sandbox.pay_refund(rma_id)
    sandbox.pay_refund(rma_id, Decimal("1.50"), "adjustment")
    for amount, kind in (
        (None, "adjustment"),
        (Decimal(1), "gift"),
        (Decimal("0.001"), "manual"),
        (Decimal(0), "manual"),
    ):
        with pytest.raises(ValueError):
            sandbox.pay_refund(rma_id, amount, kind)
    assert [row[2] for row in money(sandbox, rma_id)] == ["30.00", "1.50"]


async def test_a_refund_fails_and_is_paid_at_last(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(COAT))
    found(sandbox, rma_id)
    failed = sandbox.fail_refund(rma_id)
    assert [e["refund_id"] for e in sandbox.journal.entries("refund_failed")] == [failed]
    assert sandbox.pay_refund(rma_id) != failed
    assert [row[1:] for row in money(sandbox, rma_id)] == [("Failed", "441.00"), ("Success", "441.00")]


async def test_edits_of_an_instant_return_are_paid(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(mode="instant"))
    sandbox.edit_items(rma_id, add=[replace(SHIRT, external_id="3")])
    assert [row[1:] for row in money(sandbox, rma_id)] == [("Success", "30.00")] * 2


async def test_a_requested_refund_follows_an_edit() -> None:
    async with ReturnGoSandbox(pay="later") as sandbox:
        rma_id = sandbox.add_return(spec(COAT, mode="instant"))
        sandbox.edit_items(rma_id, remove=items(sandbox, rma_id)[:1])
        assert money(sandbox, rma_id) == [(REFUND, "Requested", "220.50")]


async def test_an_even_exchange_moves_no_money(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(swap("30.00")))
    found(sandbox, rma_id)
    assert money(sandbox, rma_id) == []
    (item,) = sandbox.get(rma_id)["items"]
    (wish,) = item["exchangeItems"]
    assert (item["resolutionType"], wish["sku"], wish["quantity"]) == ("VariantExchange", "SHIRT-L", 1)
    assert wish["effectivePrice"]["amount"] == item["paidPrice"]["amount"]


async def test_a_dearer_exchange_is_invoiced_at_approval(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(swap("36.50"), COAT))
    assert money(sandbox, rma_id) == [(INVOICE, "Requested", "6.50")]
    paid = sandbox.pay_difference(rma_id)
    (entry,) = sandbox.journal.entries("difference_paid")
    assert (entry["payment_id"], entry["amount"]) == (paid, "6.50")
    found(sandbox, rma_id)
    assert money(sandbox, rma_id) == [(INVOICE, "Success", "6.50"), (REFUND, "Success", "441.00")], "item by item"
    assert sandbox.get(rma_id)["transactions"][0]["externalReferenceType"] == "InvoicePaymentId"
    assert sandbox.get(rma_id)["transactions"][0]["returnItemIds"] == items(sandbox, rma_id)[:1]


async def test_a_cheaper_exchange_is_refunded(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(swap("24.00", quantity=2)))
    assert [item["exchangeItems"][0]["quantity"] for item in sandbox.get(rma_id)["items"]] == [1, 1]
    found(sandbox, rma_id)
    assert money(sandbox, rma_id) == [(REFUND, "Success", "12.00")]


async def test_an_invoice_follows_what_becomes_of_the_item(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(swap("36.50", quantity=2)))
    found(sandbox, rma_id, True, False)
    assert money(sandbox, rma_id) == [(INVOICE, "Requested", "6.50")]
    sandbox.validate(rma_id, [{"item_id": items(sandbox, rma_id)[0], "returned": False}])
    assert money(sandbox, rma_id) == [(INVOICE, "Canceled", "6.50")]


async def test_invoices_fail_and_are_asked_for_again(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(swap("36.50")))
    first = sandbox.ask_difference(rma_id)
    assert first == sandbox.fail_difference(rma_id), "what is requested already is asked for once"
    second = sandbox.ask_difference(rma_id, Decimal("5.00"))
    assert sandbox.pay_difference(rma_id) == second
    assert sandbox.pay_difference(rma_id, Decimal("1.50")) != second
    assert [row[1:] for row in money(sandbox, rma_id)] == [("Failed", "6.50"), ("Success", "5.00"), ("Success", "1.50")]
    with pytest.raises(ValueError, match="nobody can pay"):
        sandbox.ask_difference(rma_id)


async def test_a_fee_on_an_even_exchange_is_invoiced(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(swap("30.00"), fees=Decimal("4.95")))
    assert money(sandbox, rma_id) == [(INVOICE, "Requested", "4.95")]


async def test_a_wish_given_up_takes_its_invoice_along(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(swap("36.50")))
    sandbox.edit_items(rma_id, [ItemEdit(items(sandbox, rma_id)[0], refund=True)])
    assert [row[1] for row in money(sandbox, rma_id)] == ["Canceled"]
    found(sandbox, rma_id)
    assert money(sandbox, rma_id)[1:] == [(REFUND, "Success", "30.00")]


@pytest.fixture
async def client(sandbox: ReturnGoSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(sandbox) as client:
        yield client


async def test_a_refund_made_outside_is_told_to_returngo() -> None:
    async with ReturnGoSandbox(pay="later") as sandbox, client_of(sandbox) as client:
        rma_id = sandbox.add_return(spec())
        found(sandbox, rma_id)
        (row,) = sandbox.get(rma_id)["transactions"]
        body = {"status": "Success", "externalReferenceId": "CN-1", "externalReferenceType": "PlatformRefundId"}
        events = len(sandbox.events())
        for _ in range(2):
            answer = await client.put(f"/transaction/{row['id']}", json=body)
            assert (answer.status_code, answer.json()["status"]) == (200, "Success")
            assert (answer.json()["id"], answer.json()["externalReferenceId"]) == (row["id"], "CN-1")
        assert len(sandbox.events()) == events, "no webhook tells it"
        assert [e["refund_id"] for e in sandbox.journal.entries("refund_paid")] == [row["id"]]
        for wrong in ({"status": "Failed"}, {"status": "Requested"}, {"status": "Paid"}, {}):
            assert (await client.put(f"/transaction/{row['id']}", json=wrong)).status_code == 400


@pytest.mark.parametrize(
    ("method", "kind"),
    [("store_credit", "StoreCredit"), ("instant_bank_transfer", "RefundToBankAccount")],
)
async def test_other_ways_to_refund(sandbox: ReturnGoSandbox, method: str, kind: str) -> None:
    rma_id = sandbox.add_return(spec(refund_method=method))
    found(sandbox, rma_id)
    assert money(sandbox, rma_id) == [(kind, "Success", "30.00")]
    (row,) = sandbox.get(rma_id)["transactions"]
    assert (row["bankAccountDetails"] is None) == (kind == "StoreCredit")
    assert sandbox.get(rma_id)["items"][0]["resolutionType"] == kind


async def test_amounts_are_exact_numbers_on_the_wire(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    rma_id = sandbox.add_return(spec(COAT, replace(SHIRT, unit_price=Decimal("12345678901234567.89"))))
    text = (await client.get(f"/rma/{rma_id}")).text
    assert '"amount": 220.5,' in text
    assert '"amount": 12345678901234567.89,' in text
    assert '"restockingFee": 0,' in text
