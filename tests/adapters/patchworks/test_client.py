"""Replies that prove nothing, errors by table, HTTP by table, and what goes out on the wire."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from domain.exceptions import ExceptionCode as E
from domain.outcomes import CredentialsRefused, InDoubt, RetryLater
from tests.adapters.patchworks import requests as desk
from tests.adapters.patchworks.flows import (
    Envelope,
    Flow,
    Flows,
    element,
    error,
    made,
    port,
    raw,
    settings,
)

RECEIPT = desk.receipt("RA1001")


def _other_key(envelope: Envelope) -> Any:
    return element(envelope, erp={"documentNumber": "IR1"}) | {"idempotencyKey": "bh-other-g-1"}


def _other_operation(envelope: Envelope) -> Any:
    return element(envelope, erp={"documentNumber": "IR1"}) | {"operation": "adjust_stock"}


PROVES_NOTHING: dict[str, Flow] = {
    "empty array": raw("[]"),
    "two elements": lambda e: httpx.Response(200, json=[element(e, erp={"documentNumber": "IR1"})] * 2),
    "no array": lambda e: httpx.Response(200, json=element(e, erp={"documentNumber": "IR1"})),
    "no JSON": raw("<html>"),
    "nothing": raw(""),
    "no element": raw("[7]"),
    "another key": _other_key,
    "another operation": _other_operation,
    "ok without a document": element,
    "an empty number": made(""),
    "unknown status": lambda e: element(e, status="maybe"),
    "not found": lambda e: element(e, status="not_found"),
    "deep": raw("[" * 100_000),
    "huge number": raw('[{"status":"ok","operation":"receive_return","erp":{"documentNumber":1e999999999}}]'),
    "gateway": raw("busy", 503),
    "redirect": raw("", 302, location="http://elsewhere.example"),
}


@pytest.mark.parametrize("flow", PROVES_NOTHING.values(), ids=list(PROVES_NOTHING))
async def test_N2_what_proves_nothing_is_looked_up_before_anything_else(flow: Flow) -> None:
    flows = Flows(receive_return=flow)
    async with port(flows) as erp:
        with pytest.raises(InDoubt):
            await erp.receive_goods(RECEIPT)
    assert flows.operations == ["get_operation", "receive_return", "get_operation"]


@pytest.mark.parametrize("flow", PROVES_NOTHING.values(), ids=list(PROVES_NOTHING))
async def test_N2_a_document_that_is_there_after_all_is_adopted(flow: Flow) -> None:
    seen: list[Envelope] = []

    def stored(envelope: Envelope) -> Any:
        seen.append(envelope)
        if len(seen) == 1:
            return element(envelope, status="not_found")
        return element(envelope, of="receive_return", erp={"documentNumber": "IR7"})

    flows = Flows(receive_return=flow, get_operation=stored)
    async with port(flows) as erp:
        posted = await erp.receive_goods(RECEIPT)
    assert (desk.number(posted), posted.adopted) == ("IR7", True)
    assert flows.operations.count("receive_return") == 1


async def test_reads_that_cannot_be_read_are_repeated() -> None:
    for name, flow in PROVES_NOTHING.items():
        async with port(Flows(get_stock=flow)) as erp:
            with pytest.raises(RetryLater):
                await erp.depot_stock([name])


async def test_N2_what_is_found_is_not_sent_again() -> None:
    flows = Flows(get_operation=made("IR7"))
    async with port(flows) as erp:
        posted = await erp.receive_goods(RECEIPT)
    assert (posted.number, posted.adopted, flows.operations) == ("IR7", True, ["get_operation"])


async def test_a_known_key_that_the_flow_itself_recognised_is_adopted() -> None:
    def again(envelope: Envelope) -> Any:
        return element(envelope, duplicate=True, erp={"documentNumber": "IR7"})

    async with port(Flows(receive_return=again)) as erp:
        assert (await erp.receive_goods(RECEIPT)).adopted


@pytest.mark.parametrize("code", ["PERIOD_CLOSED", "ERP_TIMEOUT"])
async def test_E47_a_stored_error_does_not_block_a_corrected_retry(code: str) -> None:
    flows = Flows(
        get_operation=error(code, retryable=code != "PERIOD_CLOSED"),
        create_credit_note=made("CM1", applied="215.55", unapplied="0.00"),
    )
    async with port(flows) as erp:
        posted = await erp.post_credit(desk.credit("RA1001"))
    assert (posted.number, posted.total, posted.adopted) == ("CM1", 21555, False)


@pytest.mark.parametrize("operation", ["get_operation", "receive_return"])
async def test_while_the_flow_is_at_work_nothing_is_sent(operation: str) -> None:
    flows = Flows(**{operation: lambda e: element(e, status="in_progress")})
    async with port(flows) as erp:
        with pytest.raises(RetryLater):
            await erp.receive_goods(RECEIPT)
    assert flows.operations.count("receive_return") == (operation == "receive_return")


async def test_a_search_that_patchworks_does_not_take_is_no_proof_of_absence() -> None:
    flows = Flows(get_operation=raw('{"message": "The given data was invalid."}', 422))
    async with port(flows) as erp:
        refusal = await desk.refused(erp.receive_goods(RECEIPT))
    assert (refusal.code, refusal.vendor_code) == (E.CONFIG_INVALID, "422")
    assert flows.operations == ["get_operation"]


@pytest.mark.parametrize("code", ["ERP_UNAVAILABLE", "ERP_TIMEOUT", "RATE_LIMITED"])
async def test_passing_errors_are_tried_again(code: str) -> None:
    async with port(Flows(receive_return=error(code))) as erp:
        with pytest.raises(RetryLater, match=code):
            await erp.receive_goods(RECEIPT)


async def test_an_unknown_code_is_as_passing_as_the_flow_says() -> None:
    async with port(Flows(receive_return=error("NEW_CODE", retryable=True))) as erp:
        with pytest.raises(RetryLater):
            await erp.receive_goods(RECEIPT)
    async with port(Flows(receive_return=error("NEW_CODE"))) as erp:
        refusal = await desk.refused(erp.receive_goods(RECEIPT))
    assert (refusal.code, refusal.vendor_code) == (E.STOCK_REJECTED, "NEW_CODE")


Call = Callable[[Any], Any]
REFUSALS: list[tuple[str, Call, dict[str, E]]] = [
    (
        "create_return",
        lambda erp: erp.open_rma(desk.rma()),
        {
            "VALIDATION": E.RMA_REJECTED,
            "ORDER_NOT_FOUND": E.ORDER_NOT_FOUND,
            "ITEM_NOT_FOUND": E.SKU_NOT_IN_MASTER,
            "QUANTITY_EXCEEDED": E.VALIDATION_QTY,
            "CONFLICT": E.ORDER_LOCKED,
        },
    ),
    (
        "receive_return",
        lambda erp: erp.receive_goods(RECEIPT),
        {
            "VALIDATION": E.STOCK_REJECTED,
            "LOCATION_NOT_FOUND": E.STOCK_REJECTED,
            "QUANTITY_EXCEEDED": E.STOCK_REJECTED,
            "ITEM_NOT_FOUND": E.SKU_NOT_IN_MASTER,
            "PERIOD_CLOSED": E.PERIOD_CLOSED,
            "CONFLICT": E.RMA_CLOSED_IN_ERP,
        },
    ),
    ("adjust_stock", lambda erp: erp.adjust_stock(desk.adjustment()), {"LOCATION_NOT_FOUND": E.STOCK_REJECTED}),
    ("transfer_stock", lambda erp: erp.transfer_stock(desk.transfer()), {"OUT_OF_STOCK": E.STOCK_REJECTED}),
    (
        "create_credit_note",
        lambda erp: erp.post_credit(desk.credit("RA1")),
        {"PERIOD_CLOSED": E.PERIOD_CLOSED, "QUANTITY_EXCEEDED": E.CREDIT_REJECTED, "VALIDATION": E.CREDIT_REJECTED},
    ),
    (
        "void_credit_note",
        lambda erp: erp.cancel_credit(desk.cancel_credit("CM1")),
        {"PERIOD_CLOSED": E.PERIOD_CLOSED, "CONFLICT": E.CREDIT_REJECTED},
    ),
    (
        "create_exchange_order",
        lambda erp: erp.order_replacement(desk.replacement()),
        {
            "OUT_OF_STOCK": E.EXCHANGE_OOS,
            "ITEM_NOT_FOUND": E.SKU_NOT_IN_MASTER,
            "VALIDATION": E.EXCHANGE_DATA,
            "ORDER_NOT_FOUND": E.ORDER_NOT_FOUND,
        },
    ),
    (
        "cancel_exchange_order",
        lambda erp: erp.cancel_replacement(desk.cancel_replacement("X1")),
        {"CONFLICT": E.EXCHANGE_EXPOSURE},
    ),
    ("cancel_return", lambda erp: erp.cancel_rma(desk.cancel_rma("RA1")), {"CONFLICT": E.RMA_REJECTED}),
    ("get_order", lambda erp: erp.read_order("1"), {"ORDER_NOT_FOUND": E.ORDER_NOT_FOUND, "CONFLICT": E.ORDER_LOCKED}),
    ("get_return", lambda erp: erp.read_rma("RA1"), {"DOCUMENT_NOT_FOUND": E.RMA_CLOSED_IN_ERP}),
]


@pytest.mark.parametrize(("operation", "call", "codes"), REFUSALS, ids=[row[0] for row in REFUSALS])
async def test_refusals_have_our_codes_by_operation(operation: str, call: Call, codes: dict[str, E]) -> None:
    for code, ours in codes.items():
        flows = Flows(**{operation: error(code, sku=desk.COAT)})
        async with port(flows) as erp:
            refusal = await desk.refused(call(erp))
        assert (refusal.code, refusal.vendor_code) == (ours, code)
        assert "somebody@example.com" not in str(refusal)


async def test_refusals_name_the_sku_for_the_queue() -> None:
    async with port(Flows(create_return=error("ITEM_NOT_FOUND", sku=desk.COAT))) as erp:
        assert (await desk.refused(erp.open_rma(desk.rma()))).figures == {"sku": desk.COAT}


async def test_personal_data_of_an_exchange_is_named_by_field_and_never_quoted() -> None:
    hidden = error("VALIDATION", fields=["shippingAddress.city", "Ada Byron, 1 High St"])
    async with port(Flows(create_exchange_order=hidden)) as erp:
        refusal = await desk.refused(erp.order_replacement(desk.replacement()))
    assert refusal.figures == {"fields": "shippingAddress.city"}
    assert "Byron" not in str(refusal) and "VALIDATION of" not in str(refusal)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_signature_is_the_connections(status: int) -> None:
    async with port(Flows(get_operation=raw('{"message": "Invalid signature."}', status))) as erp:
        with pytest.raises(CredentialsRefused) as refused:
            await erp.receive_goods(RECEIPT)
    assert "sandbox-patchworks-signature" not in str(refused.value)


@pytest.mark.parametrize("status", [404, 429])
async def test_a_flow_that_is_not_deployed_or_busy_is_asked_again(status: int) -> None:
    flows = Flows(receive_return=raw('{"message": "no"}', status, **{"retry-after": "7"}))
    async with port(flows) as erp:
        with pytest.raises(RetryLater) as busy:
            await erp.receive_goods(RECEIPT)
    assert busy.value.delay is not None
    assert busy.value.delay.total_seconds() == 7
    assert flows.operations == ["get_operation", "receive_return"]


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_request_that_patchworks_does_not_take_is_a_matter_of_configuration(status: int) -> None:
    async with port(Flows(receive_return=raw("{}", status))) as erp:
        refusal = await desk.refused(erp.receive_goods(RECEIPT))
    assert (refusal.code, refusal.vendor_code) == (E.CONFIG_INVALID, str(status))


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_N2_after_5xx_the_outcome_is_unknown(status: int) -> None:
    flows = Flows(receive_return=raw("", status))
    async with port(flows) as erp:
        with pytest.raises(InDoubt):
            await erp.receive_goods(RECEIPT)
    assert flows.operations == ["get_operation", "receive_return", "get_operation"]


async def test_the_envelope_and_its_headers() -> None:
    flows = Flows(receive_return=made("IR1"))
    async with port(flows, environment="test") as erp:
        await erp.receive_goods(RECEIPT)
    sent, request = flows.asked[1], flows.requests[1]
    assert (sent["operation"], sent["idempotencyKey"]) == ("receive_return", desk.GOODS_KEY)
    assert (sent["correlationId"], sent["sentAt"]) == (f"bh-{desk.RETURN_ID}", "2026-03-20T09:08:05Z")
    assert str(request.url) == "http://callbacks.example/api/v1/acme/cb-1/test"
    assert request.headers["patchworks-signature"] == "sandbox-patchworks-signature"
    assert request.headers["content-type"] == request.headers["accept"] == "application/json"


async def test_reads_never_have_a_key_twice() -> None:
    flows = Flows(get_stock=lambda e: element(e, stock=[]))
    async with port(flows) as erp:
        await erp.depot_stock([desk.COAT])
        await erp.depot_stock([desk.COAT])
    first, second = flows.asked
    assert first["idempotencyKey"] != second["idempotencyKey"]


async def test_the_reply_about_another_order_is_not_ours() -> None:
    order = {
        "id": "1",
        "orderNumber": "A1",
        "status": "Billed",
        "currency": "GBP",
        "taxIncluded": True,
        "orderDate": "2026-03-14",
        "lineItems": [],
        "totalPrice": 0,
    }
    async with port(Flows(get_order=lambda e: element(e, order=order))) as erp:
        assert (await erp.read_order("A1")).order_number == "A1"
        with pytest.raises(RetryLater, match="another order"):
            await erp.read_order("A2")


def test_long_work_without_what_it_needs_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="api_key and flow_id"):
        settings(long_operations=["get_credit_notes"])
    with pytest.raises(ValueError, match="names get_weather"):
        settings(long_operations=["get_weather"], api_key="k", flow_id="12")


def test_secrets_are_in_no_repr() -> None:
    shown = repr(settings(api_key="secret-key", flow_id="12"))
    assert "secret-key" not in shown and "signature'" not in shown
    assert json.loads(settings().model_dump_json())["signature"] == "**********"


async def test_R45_figures_that_the_flow_does_not_tell_are_not_guessed() -> None:
    async with port(Flows(create_credit_note=made("CM1"))) as erp:
        refusal = await desk.refused(erp.post_credit(desk.credit("RA1")))
    assert (refusal.code, refusal.figures) == (E.CREDIT_REJECTED, {"credit_note": "CM1"})


async def test_N17_lines_that_were_left_out_are_seen() -> None:
    short = made("RA1", lines=[{"id": "2", "erpLineId": "7"}])
    async with port(Flows(create_return=short)) as erp:
        refusal = await desk.refused(erp.open_rma(desk.rma()))
    assert refusal.code is E.PARTIAL_ACCEPT
    assert f"1 x {desk.COAT} (line 1)" in str(refusal)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda erp: erp.open_rma(desk.rma()), E.RMA_CLOSED_IN_ERP),
        (lambda erp: erp.receive_goods(RECEIPT), E.STOCK_REJECTED),
        (lambda erp: erp.post_credit(desk.credit("RA1")), E.CREDIT_REJECTED),
        (lambda erp: erp.find_replacement(desk.EXCHANGE_KEY), E.EXCHANGE_DATA),
    ],
)
async def test_a_document_that_was_cancelled_since_is_not_taken_for_a_live_one(call: Call, code: E) -> None:
    gone = made("D1", cancelled=True, applied="0.00", unapplied="0.00")
    async with port(Flows(get_operation=gone)) as erp:
        assert (await desk.refused(call(erp))).code is code
