"""ReturnGO's JSON in our words: shapes, words, money texts, and what parks."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.returngo.contract import PHASES
from adapters.returngo.port import PLATFORM_RETURN_TYPES
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from domain.returns import PlatformPhase, RefundState, ReturnKind
from tests.adapters.returngo.bodies import (
    PERSONAL,
    RETURN_ID,
    SAMPLE,
    body,
    item,
    load,
    mapped,
    patched,
    rma,
    transaction,
    wanted,
)


def refusal(raw: object, **settings: object) -> str:
    with pytest.raises(Rejected) as refused:
        mapped(raw, **settings)
    assert refused.value.code is ExceptionCode.EVENT_INVALID
    return str(refused.value)


def shipped(status: str, **more: object) -> dict[str, Any]:
    return {"status": status, "isOutbound": False, "trackingNumber": "T"} | more


def test_the_return_of_the_contract() -> None:
    ret = mapped(body())
    assert (ret.return_id, ret.order_number, ret.currency) == (RETURN_ID, "1001", "ZAR")
    assert (ret.kind, ret.instant, ret.phase) == (ReturnKind.MIXED, False, PlatformPhase.RECEIVED)
    assert (ret.platform_status, ret.final, ret.tracking_number) == ("Received", False, "TRK-1")
    flops, sandal = ret.lines
    assert (flops.line_id, flops.order_line_id) == ("17000000000001/SKU-0001", "17000000000001")
    assert (flops.quantity, flops.reason, flops.exchange, flops.keep) == (1, "Does not fit", False, False)
    assert (flops.accepted, flops.rejected, flops.item_ids) == (0, 0, ["40000001"])
    assert (sandal.exchange, sandal.accepted, sandal.item_ids) == (True, 1, ["40000002"])
    [wish] = ret.exchanges
    assert wish.exchange_id == "17000000000002/SKU-0002-38>SKU-0002-39"
    assert (wish.quantity, wish.replacement_quantity, wish.price_text) == (1, 1, "299")
    [graded] = ret.graded
    assert (graded.line_id, graded.quantity, graded.item_ids) == ("17000000000002/SKU-0002-38", 1, ["40000002"])
    assert (graded.disposition, graded.location, graded.reason) == ("restockable", "online", "")
    assert graded.graded_at == datetime(2026, 2, 9, 10, tzinfo=UTC)
    [refund] = ret.refunds
    assert (refund.refund_id, refund.state, refund.kind) == ("6000002", RefundState.PENDING, "RefundToPaymentMethod")
    assert (refund.amount_text, refund.currency) == ("1119.6", "ZAR"), (
        "the number as it was sent, never through a float"
    )
    assert (ret.due_text, ret.paid_text, ret.fee_text) == ("0", "0", "0")
    assert ret.updated_at == datetime(2026, 2, 10, 8, tzinfo=UTC)


def test_personal_data_is_not_mapped() -> None:
    text = mapped(body()).model_dump_json()
    assert [word for word in PERSONAL if word in text] == []


def test_the_erps_order_may_be_known_by_its_id() -> None:
    assert mapped(body(), order_reference="order_id").order_number == "7000000000001"
    assert mapped(patched(("orderDetails", None))).order_number == "1001", "the summary names it too"
    assert "orderDetails.orderId is missing" in refusal(patched(("orderDetails", None)), order_reference="order_id")


def test_amounts_of_the_shop() -> None:
    ret = mapped(body(), amounts="shop")
    assert (ret.currency, ret.refunds[0].amount_text, ret.exchanges[0].price_text) == ("USD", "61.605", "16.45")


@pytest.mark.parametrize(
    "number", ["0.1", "25.96", "1119.60", "1e2", "199", "123456789012345.123456", "0.1000000000000000055"]
)
def test_a_number_arrives_as_it_was_written(number: str) -> None:
    raw = load(SAMPLE.replace("1119.6", number))
    expected = "100" if number == "1e2" else number
    assert mapped(raw).refunds[0].amount_text == expected


# --- what the vendor's schema does not promise -------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        [("rmaSummary.rmaId", 10000001), ("transactions.0.id", 6000002)],
        [("items.0.returnedItemId", 40000001), ("items.1.shopLineItemId", 17000000000002)],
        [("orderDetails.order_name", 1001)],
        [("shipments.0.isOutbound", 0), ("items.1.itemValidationStatusResponse.isReturned", 1)],
        [("items.1.itemValidationStatusResponse.isReturned", "true")],
        [("items.1.itemValidationStatusResponse.isRestockable", "1")],
        [("items.0.itemValidationStatusResponse", None)],
        [("items.0.itemValidationStatusResponse", ...)],
        [("items.0.exchangeItems", None), ("exchangeItems", None)],
        [("items.0.exchangeItems", ...), ("exchangeItems", ...), ("exchangeOrders", ...)],
        [("items.0.restockingFee", None), ("items.0.returnFee", ...), ("cancellationFee", None)],
        [("items.0.paidPrice", None), ("items.1.paidPrice", ...)],
        [("items.0.extendedReason", ...), ("items.0.policyRuleName", None)],
        [("shipments.0.isOutbound", None)],
        [("lastUpdated", "2026-02-10T08:00:00")],
        [("items.0.returnMethod", None), ("items.1.returnMethod.type", "Ship With Any Carrier")],
    ],
)
def test_the_same_return_in_other_clothes(changes: list[tuple[str, object]]) -> None:
    assert mapped(patched(*changes)) == mapped(body())


def test_nothing_but_what_is_needed() -> None:
    bare = {
        "rmaSummary": {"rmaId": 7, "status": "Approved", "order_name": "1001"},
        "items": [
            {
                "returnedItemId": 1,
                "shopLineItemId": 2,
                "sku": 3,
                "resolutionType": "GiftCard",
                "paidPrice": {"currency": "EUR"},
            }
        ],
    }
    ret = mapped(bare)
    assert (ret.return_id, ret.lines[0].line_id, ret.currency, ret.graded) == ("7", "2/3", "EUR", [])
    assert (ret.kind, ret.phase, ret.updated_at) == (ReturnKind.REFUND, PlatformPhase.AUTHORISED, None)


# --- phases ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "phase"), list(PHASES.items()))
def test_every_status(status: str, phase: PlatformPhase) -> None:
    ret = mapped(rma(item("1", found="good"), status=status))
    assert (ret.phase, ret.platform_status) == (phase, status)


@pytest.mark.parametrize(
    ("shipments", "phase"),
    [
        ([], PlatformPhase.AUTHORISED),
        ([shipped("Pending"), shipped("LabelCreated"), shipped("Canceled")], PlatformPhase.AUTHORISED),
        ([shipped("LabelCreated"), shipped("Shipped")], PlatformPhase.IN_TRANSIT),
        ([shipped("Received")], PlatformPhase.IN_TRANSIT),
        ([shipped("Shipped", isOutbound=1)], PlatformPhase.AUTHORISED),
    ],
)
def test_a_parcel_on_its_way(shipments: list[object], phase: PlatformPhase) -> None:
    assert mapped(rma(item("1"), status="Approved") | {"shipments": shipments}).phase is phase


def test_the_parcel_that_counts_names_the_tracking_number() -> None:
    shipments = [
        shipped("Canceled", trackingNumber="OLD"),
        shipped("Shipped", isOutbound=True, trackingNumber="OUT"),
        shipped("LabelCreated", trackingNumber=None),
        shipped("Shipped", trackingNumber=4711),
    ]
    assert mapped(rma(item("1")) | {"shipments": shipments}).tracking_number == "4711"


@pytest.mark.parametrize("status", ["Validated", "Done"])
@pytest.mark.parametrize(
    ("found", "phase"),
    [
        (("good", "worn"), PlatformPhase.ACCEPTED),
        (("good", "gone"), PlatformPhase.PARTLY_ACCEPTED),
        (("gone", "gone"), PlatformPhase.PARTLY_ACCEPTED),
        (("good", ""), PlatformPhase.PARTLY_ACCEPTED),
    ],
)
def test_what_was_accepted(status: str, found: tuple[str, str], phase: PlatformPhase) -> None:
    assert mapped(rma(item("1", found=found[0]), item("2", found=found[1]), status=status)).phase is phase


@pytest.mark.parametrize(
    ("status", "found", "final"),
    [
        ("Approved", "good", False),
        ("Received", "good", False),
        ("Validated", "good", True),
        ("Validated", "gone", True),
        ("Validated", "", False),
        ("Done", "", True),
        ("Done", "good", True),
        ("Canceled", "", False),
    ],
)
def test_R139_only_a_finalised_return_is_final(status: str, found: str, final: bool) -> None:
    assert mapped(rma(item("1", found=found), item("2", found="good"), status=status)).final is final


def test_R139_kept_items_do_not_hold_a_return_open() -> None:
    kept = item("1", returnMethod={"type": "No shipment required"})
    ret = mapped(rma(kept, item("2", line="2", found="good"), status="Validated"))
    assert (ret.final, ret.phase) == (True, PlatformPhase.ACCEPTED)


# --- money -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Success", RefundState.PAID),
        ("Requested", RefundState.PENDING),
        ("Pending", RefundState.PENDING),
        ("Failed", RefundState.FAILED),
        ("Canceled", RefundState.FAILED),
    ],
)
@pytest.mark.parametrize("kind", ["RefundToPaymentMethod", "RefundToBankAccount", "StoreCredit", "GiftCard"])
def test_every_refund(kind: str, status: str, state: RefundState) -> None:
    [refund] = mapped(rma(item("1")) | {"transactions": [transaction(6, kind, status)]}).refunds
    assert (refund.refund_id, refund.kind, refund.state, refund.amount_text) == ("6", kind, state, "10")


@pytest.mark.parametrize(
    ("states", "due", "paid"),
    [
        (["Requested"], "10", "0"),
        (["Pending"], "10", "0"),
        (["Success"], "10", "10"),
        (["Success", "Requested"], "20", "10"),
        (["Failed"], "10", "0"),
        (["Failed", "Success"], "10", "10"),
        (["Failed", "Failed", "Requested"], "10", "0"),
        (["Canceled"], "0", "0"),
        (["Canceled", "Success"], "10", "10"),
    ],
)
def test_E53_what_the_customer_owes_and_has_paid(states: list[str], due: str, paid: str) -> None:
    payments = [transaction(n, "InvoicePayment", state) for n, state in enumerate(states, 1)]
    ret = mapped(rma(item("1")) | {"transactions": payments})
    assert (ret.due_text, ret.paid_text, ret.refunds) == (due, paid, [])


def test_security_on_a_card_is_neither_refund_nor_payment() -> None:
    held = [transaction(1, "PaymentAuthorization", "Success"), transaction(2, "PaymentCapture", "Success")]
    ret = mapped(rma(item("1")) | {"transactions": held})
    assert (ret.refunds, ret.due_text, ret.paid_text) == ([], "0", "0")


def test_fees_of_units_and_of_the_return() -> None:
    fees = load('{"restockingFee": 0.1, "returnFee": 0.2, "shipmentFee": "1.50"}')
    raw = rma(item("1", **fees), item("2", **fees)) | load('{"cancellationFee": 0.30}')
    assert mapped(raw).fee_text == "3.90"


@pytest.mark.parametrize(
    ("policies", "instant"), [(set(), False), ({"Auto"}, True), ({"Default"}, True), ({"auto"}, False)]
)
def test_policies_that_pay_at_approval(policies: set[str], instant: bool) -> None:
    raw = rma(item("1"), item("2", policyRuleName="Auto"))
    assert mapped(raw, instant_policies=frozenset(policies)).instant is instant


# --- exchanges ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "kind"),
    [
        ([item("1")], ReturnKind.REFUND),
        ([item("1", **wanted())], ReturnKind.EXCHANGE),
        ([item("1"), item("2", **wanted())], ReturnKind.MIXED),
    ],
)
def test_kinds(items: list[dict[str, Any]], kind: ReturnKind) -> None:
    assert mapped(rma(*items)).kind is kind
    assert kind in PLATFORM_RETURN_TYPES


def test_R18_every_kind_has_a_return_type() -> None:
    assert PLATFORM_RETURN_TYPES == ("refund", "exchange", "mixed")


@pytest.mark.parametrize(
    "orders",
    [
        None,
        [],
        [{"type": "Fee", "orderId": None}],
        [{"draftOrderId": "1", "orderId": None, "orderName": "", "type": "Exchange"}],
        [{"type": "Something new"}, None],
    ],
)
def test_R140_nothing_of_the_platforms_own_exchange_orders_is_needed(orders: object) -> None:
    assert mapped(body(exchangeOrders=orders)) == mapped(body())


def test_the_returns_own_list_of_new_items_repeats_those_of_its_items() -> None:
    raw = body()
    assert mapped(raw | {"exchangeItems": raw["items"][1]["exchangeItems"]}) == mapped(raw)
    stray = [{"sku": "OTHER", "quantity": 1}]
    assert "exchangeItems.0 belongs to no returned item" in refusal(raw | {"exchangeItems": stray})


# --- what parks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "word", "text"),
    [
        ("rmaSummary.status", "Frozen", "return: rmaSummary.status is 'Frozen', which we do not know"),
        ("rmaSummary.status", "done", "return: rmaSummary.status is 'done', which we do not know"),
        ("items.1.resolutionType", "Swap", "return: items.1.resolutionType is 'Swap', which we do not know"),
        ("items.1.resolutionType", None, "return: items.1.resolutionType is missing"),
        ("items.0.returnMethod.type", "Donate", "return: items.0.returnMethod.type is 'donate', which we do not know"),
        ("transactions.0.type", "Payout", "return: transactions.0.type is 'Payout', which we do not know"),
        ("transactions.0.status", "Paid", "return: transactions.0.status is 'Paid', which we do not know"),
        ("shipments.0.status", "Lost", "return: the status of a shipment is 'Lost', which we do not know"),
        ("rmaSummary.status", "Zoë <zoe@example.com>", "return: rmaSummary.status is not a plain word"),
    ],
)
def test_an_unknown_word_is_named_with_its_field(path: str, word: object, text: str) -> None:
    assert refusal(patched((path, word))) == f"ReturnGO's {text}"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("rmaSummary", ...),
        ("rmaSummary.rmaId", None),
        ("rmaSummary.rmaId", "../x"),
        ("rmaSummary.rmaId", True),
        ("items", {}),
        ("items.0", None),
        ("items.0.returnedItemId", ...),
        ("items.0.sku", ""),
        ("items.0.sku", None),
        ("items.0.restockingFee", "a lot"),
        ("items.0.restockingFee", True),
        ("items.1.exchangeItems.0.sku", "A>B"),
        ("items.1.exchangeItems.0.quantity", 0),
        ("items.1.itemValidationStatusResponse.isReturned", "perhaps"),
        ("items.1.itemValidationStatusResponse.isReturned", 2),
        ("items.1.itemValidationStatusResponse.lastValidationDate", "yesterday"),
        ("transactions.0.id", None),
        ("transactions.0.amount.amount", "12,50"),
        ("transactions.0.amount.amount", True),
        ("lastUpdated", 1770710400),
    ],
)
def test_a_body_that_cannot_be_used_names_the_field_and_nothing_else(path: str, value: object) -> None:
    text = refusal(patched((path, value)))
    assert path.split(".", maxsplit=1)[0] in text or "body" in text
    assert [word for word in PERSONAL if word in text] == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ([("items", [])], "items is empty"),
        ([("orderDetails.order_name", ""), ("rmaSummary.order_name", None)], "orderDetails.order_name is missing"),
        ([("items.1.returnedItemId", "40000001")], "items.1.returnedItemId is listed twice"),
        ([("items.1.exchangeItems", [])], "items.1.exchangeItems names 0 new items"),
        ([("items.1.exchangeItems.0.effectivePrice", None)], "effectivePrice of the new items"),
        ([("items.1.itemValidationStatusResponse.isReturned", None)], "isReturned is missing although"),
        ([("transactions.0.amount", None)], "transactions.0.amount.amount is missing"),
        ([("transactions.0.amount.currency", "EUR")], "in several currencies"),
        ([("transactions.0.amount.currency", None)], "transactions.0.amount has no currency"),
    ],
)
def test_parts_that_contradict_each_other(changes: list[tuple[str, object]], text: str) -> None:
    assert text in refusal(patched(*changes))


def test_a_transaction_that_is_listed_twice() -> None:
    twice = [transaction(1, "GiftCard", "Success"), transaction("1", "GiftCard", "Success")]
    assert "transactions.1.id is listed twice" in refusal(rma(item("1")) | {"transactions": twice})


def test_no_currency_anywhere() -> None:
    assert "no amount has a currency" in refusal(rma(item("1", paidPrice=None)))
    strange = item("1", paidPrice={"amount": 1, "currency": "Zoë"})
    assert refusal(rma(strange)) == "ReturnGO's return: the currency of its amounts is no currency code"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(body())), JSON)
def test_rubbish_is_refused_never_crashing(field: str, rubbish: object) -> None:
    with suppress(Rejected):
        mapped(body(**{field: rubbish}))


@given(JSON)
def test_rubbish_for_a_body(rubbish: object) -> None:
    with pytest.raises(Rejected):
        mapped(rubbish)
