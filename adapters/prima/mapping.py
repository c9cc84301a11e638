"""Our documents → Prima's messages: the attributes of `Data` and its rows. `answers` has the way back.

| RequestType                      | builder             | parser                           |
| -------------------------------- | ------------------- | -------------------------------- |
| NewReturn / ReturnDetail         | new_return          | posted / found_rma               |
| CancelReturn / ReturnDetail      | (number, narrative) | posted / cancelled_rma           |
| ReturnReceipt / ReceiptDetail    | receipt             | posted                           |
| StockAdjustment / …Detail        | adjustment          | posted                           |
| DepotTransfer / TransferDetail   | transfer            | posted                           |
| NewCreditNote / CreditNoteDetail | credit_note         | posted_credit / found_credit     |
| CancelCreditNote / …Detail       | (number, narrative) | posted / reversed_credit         |
| CreditNoteList                   | credit_range        | credit_page                      |
| ProductDetail                    | sku_rows            | item_records                     |
| DepotStock                       | sku_rows            | stock_records                    |
| OrderDetail                      | (number)            | orders.read                      |
| ReturnDetail                     | (number)            | rma_state                        |

Orders of exchanges are in `replacements`.
"""

import hashlib
from collections.abc import Sequence
from datetime import date

from adapters.prima.codec import Document, Values
from adapters.prima.settings import PrimaSettings
from adapters.prima.values import rate, short_sku, split_sku
from domain.documents import (
    AdjustmentRequest,
    CreditLine,
    CreditRequest,
    ReceiptRequest,
    RmaLine,
    RmaRequest,
    TransferRequest,
)
from domain.exceptions import ExceptionCode
from domain.money import decimal_text
from domain.outcomes import Rejected

#: Rows asked for at once by CreditNoteList.
MAX_ROWS = 200


def unique_id(key: str) -> str:
    """Eight digits that only depend on the key: a repeated call repeats its UniqueId."""
    digest = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
    return str(10_000_000 + digest % 90_000_000)


def new_return(request: RmaRequest, settings: PrimaSettings) -> Document:
    """NewReturn. A standalone one names its order in the narrative and the line references (R5, R16)."""
    data = {
        "UniqueId": unique_id(request.key),
        "TPGUID": request.key,
        "OrderNumber": "" if request.standalone else request.order_number,
        "Customer": request.customer_ref,
        "Currency": request.currency,
        "VatInclusive": "Yes" if request.tax_inclusive else "No",
        "ReturnDepot": settings.return_depot,
        "ReturnNarrative": _return_narrative(request),
    }
    return data, [("ReturnLineData", _return_line(line, request, settings)) for line in request.lines]


def _return_narrative(request: RmaRequest) -> str:
    """Order and customer, and the orders that will replace its goods: the way to them from the return (R60)."""
    parts = [f"Original order {request.order_number}", f"customer {request.customer_ref}"]
    parts += [f"exchange order {number}" for number in request.exchange_orders]
    return ", ".join(parts)


def _return_line(line: RmaLine, request: RmaRequest, settings: PrimaSettings) -> Values:
    return {
        "ReturnLine": str(line.line_no),
        "OrderLine": "0" if request.standalone else line.order_line_id,
        **split_sku(line.sku, settings.sku_separator),
        "Quantity": str(line.quantity),
        "Price": decimal_text(line.unit_value, request.currency),
        "ReasonCode": line.reason,
        "LineReference": f"{request.order_number}/{line.order_line_id}",
    }


def receipt(request: ReceiptRequest) -> Document:
    """ReturnReceipt into one depot. Its order is that of the return it names."""
    data = {
        "TPGUID": request.key,
        "ReturnNumber": request.rma_number,
        "ReceiptDate": request.received_on.isoformat(),
    }
    return data, [
        (
            "ReceiptLineData",
            {
                "ReturnLine": str(line.rma_line_no),
                "Quantity": str(line.quantity),
                "Depot": request.depot,
                "Condition": request.condition,
            },
        )
        for line in request.lines
    ]


def adjustment(request: AdjustmentRequest, settings: PrimaSettings) -> Document:
    """StockAdjustment of one depot; a positive quantity adds stock, a negative one takes it out."""
    data = {"TPGUID": request.key, "Narrative": _narrative(request.order_number)}
    sign = -1 if request.remove else 1
    return data, [
        (
            "SKU",
            {
                **split_sku(line.sku, settings.sku_separator),
                "Quantity": str(sign * line.quantity),
                "Depot": request.depot,
                "ReasonCode": request.reason,
            },
        )
        for line in request.lines
    ]


def transfer(request: TransferRequest, settings: PrimaSettings) -> Document:
    """DepotTransfer from one depot to another; no RMA and no money in it."""
    data = {
        "TPGUID": request.key,
        "FromDepot": request.from_depot,
        "ToDepot": request.to_depot,
        "Narrative": _narrative(request.order_number, request.reason),
    }
    return data, [
        ("SKU", {**split_sku(line.sku, settings.sku_separator), "Quantity": str(line.quantity)})
        for line in request.lines
    ]


def _narrative(order_number: str, reason: str = "") -> str:
    """The original order where one is known, and why."""
    return ", ".join(part for part in (order_number and f"Original order {order_number}", reason) if part)


def credit_note(request: CreditRequest) -> Document:
    """NewCreditNote against order and invoice; each line names its order line (R40, R44, R111)."""
    data = {
        "TPGUID": request.key,
        "ReturnNumber": request.rma_number,
        "OrderNumber": request.order_number,
        "InvoiceNumber": request.invoice_number,
        "Currency": request.currency,
        "CreditDate": request.credited_on.isoformat(),
    }
    lines = [
        ("CreditLineData", _credit_line(number, line, request.currency)) for number, line in enumerate(request.lines, 1)
    ]
    charges = [
        (
            "CreditChargeData",
            {"Charge": charge.code, "ChargeValue": decimal_text(charge.amount, request.currency)},
        )
        for charge in request.charges
    ]
    return data, [*lines, *charges]


def _credit_line(number: int, line: CreditLine, currency: str) -> Values:
    return {
        "CreditLine": str(number),
        "ReturnLine": str(line.rma_line_no),
        "OrderLine": line.order_line_id,
        "Quantity": str(line.quantity),
        "Price": decimal_text(line.unit_primary, currency),
        "VatRate": _vat_rate(line),
        "VatValue": decimal_text(line.tax, currency),
    }


def _vat_rate(line: CreditLine) -> str:
    """The mapped code when it is a rate, which is what Prima wants; else the rate of the order."""
    for text in (line.tax_code, line.tax_rate):
        try:
            return rate(text)
        except ValueError:
            continue
    if line.tax == 0:
        return "0.00"
    problem = f"tax code {line.tax_code!r} of order line {line.order_line_id} is no VAT rate"
    raise Rejected(ExceptionCode.TAX_CODE_UNMAPPED, problem, figures={"tax_code": line.tax_code})


def credit_range(since: date, until: date, from_row: int) -> Document:
    """CreditNoteList of the closed interval, from this row (1-based) on."""
    data = {
        "DateFrom": since.isoformat(),
        "DateTo": until.isoformat(),
        "FromRow": str(from_row),
        "MaxRows": str(MAX_ROWS),
    }
    return data, ()


def sku_rows(skus: Sequence[str], settings: PrimaSettings) -> Document:
    """ProductDetail and DepotStock: one `sku` row each."""
    return {}, [("sku", split_sku(sku, settings.sku_separator)) for sku in skus]


def distinct_short(skus: Sequence[str], settings: PrimaSettings) -> list[list[str]]:
    """The SKUs, each once, in groups in which no two agree in all that a stock row states."""
    groups: list[dict[tuple[str, str, str], str]] = []
    for sku in dict.fromkeys(skus):
        short = short_sku(split_sku(sku, settings.sku_separator))
        group = next((group for group in groups if short not in group), None)
        if group is None:
            groups.append(group := {})
        group[short] = sku
    return [list(group.values()) for group in groups]
