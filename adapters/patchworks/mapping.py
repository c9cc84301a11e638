"""Our documents → the blocks of an envelope. Money inside `return` is JSON numbers, in our own blocks decimal text.

| operation                                | block      | builder           |
| ---------------------------------------- | ---------- | ----------------- |
| create_return                            | return     | rma               |
| receive_return                           | return     | receipt           |
| cancel_return, cancel_exchange_order,    |            |                   |
| void_credit_note                         | cancel     | cancellation      |
| adjust_stock                             | adjustment | adjustment        |
| transfer_stock                           | transfer   | transfer          |
| create_credit_note                       | creditNote | credit_note       |
| create_exchange_order                    | exchange   | exchange_order    |
"""

from collections.abc import Iterable
from datetime import date

from adapters.patchworks import contract
from adapters.patchworks.settings import PatchworksSettings
from adapters.patchworks.wire import Body, number
from domain.documents import (
    AdjustmentRequest,
    CreditLine,
    CreditRequest,
    MovementLine,
    ReceiptRequest,
    ReplacementOrder,
    RmaLine,
    RmaRequest,
    TransferRequest,
)
from domain.exceptions import ExceptionCode
from domain.money import decimal_text
from domain.outcomes import Rejected


def external_id(key: str, settings: PatchworksSettings, return_id: str = "") -> str:
    """``<platform>:<return id>``. Our keys hold the id where it is unique in the world, else a digest of it."""
    parts = key.split("-")
    named = parts[1] if len(parts) > 1 else key
    return f"{settings.source_platform}:{return_id or named}"


def rma(request: RmaRequest, settings: PatchworksSettings) -> Body:
    """create_return. A standalone one names its order only in the fields for people and for the flow (R5, R16)."""
    fields = {
        "sourcePlatform": settings.source_platform,
        "taxIncluded": _word(request.tax_inclusive),
        "standalone": _word(request.standalone),
        "originalOrder": request.order_number,
        "customerId": request.customer_ref,
    }
    fields |= {f"exchangeOrder.{n}": order for n, order in enumerate(request.exchange_orders, start=1)}
    total = sum(line.unit_value * line.quantity for line in request.lines)
    outcome = contract.OUTCOME_EXCHANGE if request.exchange_orders else contract.OUTCOME_REFUND
    return {
        "currency": request.currency,
        "return": {
            "externalId": external_id(request.key, settings, request.return_id),
            "orderId": request.order_number,
            "status": contract.RETURN_APPROVED,
            "outcome": outcome,
            **({"locationId": settings.return_location} if settings.return_location else {}),
            "returnTotal": number(total, request.currency),
            "returnLineItems": [_rma_line(line, request.currency) for line in request.lines],
            "exchangeLineItems": [],
            "customFields": [{"name": name, "value": value} for name, value in fields.items()],
        },
    }


def _rma_line(line: RmaLine, currency: str) -> Body:
    return {
        "id": str(line.line_no),
        "orderLineItemId": line.order_line_id,
        "sku": line.sku,
        "quantityReturned": line.quantity,
        "returnReason": line.reason,
        "unitPrice": number(line.unit_value, currency),
    }


def receipt(request: ReceiptRequest, settings: PatchworksSettings) -> Body:
    """receive_return into exactly one location. Lines of bundles are their parts already (R33, R135)."""
    moment = f"{request.received_on.isoformat()}T00:00:00Z"
    inspection = {"warehouseLocationId": request.depot, **_found(request.condition), "inspectedAt": moment}
    return {
        "return": {
            "externalId": external_id(request.key, settings),
            "returnNumber": request.rma_number,
            "orderId": request.order_number,
            "locationId": request.depot,
            "receivedAt": moment,
            "returnLineItems": [_received(line, inspection) for line in request.lines],
        }
    }


def _received(line: MovementLine, inspection: Body) -> Body:
    return {
        "id": str(line.rma_line_no),
        "sku": line.sku,
        "quantityReturned": line.quantity,
        "inspection": inspection,
    }


def _found(word: str) -> Body:
    """The configured word in the field whose vocabulary has it; without one the location says all."""
    if not word:
        return {}
    if word in contract.DISPOSITIONS:
        return {"dispositionOutcome": word}
    if word in contract.CONDITIONS:
        return {"conditionCategory": word}
    known = ", ".join(sorted(contract.RECEIPT_CONDITIONS - {""}))
    reason = f"stock action condition {word!r} is no word of the Patchworks flows; known: {known}"
    raise Rejected(ExceptionCode.DISPOSITION_UNMAPPED, reason, figures={"disposition": word})


def adjustment(request: AdjustmentRequest) -> Body:
    """adjust_stock of one location; a positive quantity adds stock, a negative one takes it out."""
    sign = -1 if request.remove else 1
    lines = [
        {"sku": line.sku, "quantity": sign * line.quantity, "locationId": request.depot, "reason": request.reason}
        for line in request.lines
    ]
    dated = request.adjusted_on.isoformat()
    return {"adjustment": {"orderId": request.order_number, "date": dated, "lines": lines}}


def transfer(request: TransferRequest) -> Body:
    """transfer_stock from one location to another; no return and no money in it."""
    places = {"fromLocationId": request.from_depot, "toLocationId": request.to_depot}
    lines = [{"sku": line.sku, "quantity": line.quantity, **places} for line in request.lines]
    return {"transfer": {"orderId": request.order_number, "reason": request.reason, "lines": lines}}


def cancellation(number: str, key: str, reason: str) -> Body:
    """The document by its number, or by the key that it was made under."""
    return {"cancel": {"documentNumber": number, "documentKey": key, "reason": reason}}


def credit_note(request: CreditRequest, settings: PatchworksSettings) -> Body:
    """create_credit_note from the return order, against order and invoice (R40, R44, R111, N14)."""
    currency = request.currency
    charges = [
        {"code": charge.code, "purpose": charge.purpose, "amount": decimal_text(charge.amount, currency)}
        for charge in request.charges
    ]
    return {
        "currency": currency,
        "return": {
            "externalId": external_id(request.key, settings),
            "returnNumber": request.rma_number,
            "orderId": request.order_number,
        },
        "creditNote": {
            "amount": decimal_text(request.total, currency),
            "taxAmount": decimal_text(sum(line.tax for line in request.lines), currency),
            "taxIncluded": request.tax_inclusive,
            "reason": request.reason,
            "paidBy": contract.PAID_BY,
            "invoiceNumber": request.invoice_number,
            "date": request.credited_on.isoformat(),
            "lines": [_credit_line(line, currency) for line in request.lines],
            "charges": charges,
        },
    }


def _credit_line(line: CreditLine, currency: str) -> Body:
    return {
        "id": str(line.rma_line_no),
        "orderLineItemId": line.order_line_id,
        "sku": line.sku,
        "quantity": line.quantity,
        "unitPrice": decimal_text(line.unit_primary, currency),
        "taxAmount": decimal_text(line.tax, currency),
        "taxCode": line.tax_code,
        "taxRate": line.tax_rate,
    }


def exchange_order(request: ReplacementOrder, settings: PatchworksSettings) -> Body:
    """create_exchange_order with our key as its number. The flow copies customer and address itself (D8)."""
    currency = request.currency
    line = {"id": "1", "sku": request.sku, "quantity": request.quantity, "unitPrice": number(0, currency)}
    on_top = {"amountDue": number(request.due, currency), "feeCode": settings.exchange_fee} if request.due else {}
    return {
        "currency": currency,
        "return": {
            "externalId": external_id(request.key, settings),
            "returnNumber": request.rma_number,
            "orderId": request.original_order,
            "exchangeLineItems": [line],
        },
        "exchange": {
            "zeroPayable": not request.due,
            "originalOrderId": request.original_order,
            "platformOrderId": request.key,
            "orderNumber": request.key,
            "returnNumber": request.rma_number,
            "orderType": settings.exchange_order_type,
            "taxIncluded": request.tax_inclusive,
            **on_top,
        },
    }


def credit_range(since: date, until: date, page: int) -> Body:
    """get_credit_notes of the closed interval."""
    return {"from": since.isoformat(), "to": until.isoformat(), "page": page}


def batches(skus: Iterable[str]) -> list[list[str]]:
    """The SKUs, each once, in lists that one question may hold."""
    distinct = list(dict.fromkeys(skus))
    size = contract.SKUS_AT_ONCE
    return [distinct[start : start + size] for start in range(0, len(distinct), size)]


def _word(yes: bool) -> str:
    return "true" if yes else "false"
