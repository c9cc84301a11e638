"""Our documents → records of a file. What a document needs of the ERP comes in; nothing is read here.

| request                              | records                        | of the ERP                   |
| ------------------------------------ | ------------------------------ | ---------------------------- |
| RmaRequest / CancelRma               | RAH RAD / RAX                  | – / RA number                |
| ReceiptRequest                       | RCV, one a line                | –                            |
| AdjustmentRequest / TransferRequest  | ADJ, one a line / two          | –                            |
| CreditRequest / CancelCredit         | CMH CMD / CMV                  | customer and invoice / –     |
| ReplacementOrder / CancelReplacement | SOH SOD / SOX                  | address / order number       |
"""

from collections.abc import Sequence
from datetime import date

from adapters.bluecherry.codes import extref, split_sku, warehouse_of
from adapters.bluecherry.contract import DAY, DESTROYED, GRADES, LINES_OF, NO_REASON, OPTIONAL, OTHERWISE, VENDOR
from adapters.bluecherry.layout import Record, record
from adapters.bluecherry.settings import BlueCherrySettings
from adapters.bluecherry.wire import WireOrder
from domain.documents import (
    AdjustmentRequest,
    CreditLine,
    CreditRequest,
    MovementLine,
    ReceiptRequest,
    ReplacementOrder,
    RmaRequest,
    StockUnits,
    TransferRequest,
)
from domain.exceptions import ExceptionCode
from domain.money import decimal_text
from domain.outcomes import Rejected

Documents = list[list[Record]]
"""One request as documents of the file."""

DECIMALS = 2
CHARGES = frozenset({"shipping", "fee"})


def rma(request: RmaRequest, on: date, settings: BlueCherrySettings) -> Documents:
    """RAH and RAD. A standalone one names its order in the note only (R5, R16)."""
    reference, total = extref(request.key), sum(line.unit_value * line.quantity for line in request.lines)
    note = [f"Original order {request.order_number}"]
    note += [f"exchange order {extref(number)}" for number in request.exchange_orders]
    header = _row(
        "RAH",
        EXTREF=reference,
        ORDERNO="" if request.standalone else request.order_number,
        CUSTNO=request.customer_ref,
        RADATE=on.strftime(DAY),
        CURR=request.currency,
        RETWHSE=settings.return_warehouse,
        REASON=request.lines[0].reason,
        LINES=str(len(request.lines)),
        TOTAL=_money(total, request.currency),
        NOTE=", ".join(note),
    )
    lines = [
        _row(
            "RAD",
            EXTREF=reference,
            LINENO=str(line.line_no),
            ORDLINE="" if request.standalone else line.order_line_id,
            **split_sku(line.sku, settings.sku_separator).fields,
            QTY=str(line.quantity),
            PRICE=_money(line.unit_value, request.currency),
            TAX=_money(0, request.currency),
            LREASON=line.reason,
        )
        for line in request.lines
    ]
    return [[header, *lines]]


def rma_cancellation(key: str, number: str, reason: str) -> Documents:
    """RAX."""
    return [[_row("RAX", EXTREF=extref(key), RANO=number, CANCELREASON=reason or NO_REASON)]]


def receipt(request: ReceiptRequest, settings: BlueCherrySettings) -> Documents:
    """RCV, one document a line. Rejected(STOCK_REJECTED) for a condition that is no grade."""
    if request.condition not in GRADES:
        reason = f"condition {request.condition!r} is no grade of {VENDOR}: {', '.join(sorted(GRADES))}"
        raise Rejected(ExceptionCode.STOCK_REJECTED, reason, figures={"condition": request.condition})
    warehouse = "" if request.condition == DESTROYED else warehouse_of(request.depot, settings)
    return [
        [
            _row(
                "RCV",
                EXTREF=extref(request.key, str(number)),
                RANO=request.rma_number,
                LINENO=str(line.rma_line_no),
                QTY=str(line.quantity),
                WHSE=warehouse,
                GRADE=request.condition,
                RCVDATE=request.received_on.strftime(DAY),
            )
        ]
        for number, line in enumerate(request.lines, 1)
    ]


def adjustment(request: AdjustmentRequest, settings: BlueCherrySettings) -> Documents:
    """ADJ, one document a line; a positive quantity adds stock, a negative one takes it out."""
    return [
        [
            _movement(
                extref(request.key, str(number)),
                warehouse_of(request.depot, settings),
                line,
                -line.quantity if request.remove else line.quantity,
                request,
                settings,
            )
        ]
        for number, line in enumerate(request.lines, 1)
    ]


def transfer(request: TransferRequest, settings: BlueCherrySettings) -> Documents:
    """Two ADJ a line: out of one warehouse, then into the other."""
    source, target = (warehouse_of(depot, settings) for depot in (request.from_depot, request.to_depot))
    documents: Documents = []
    for number, line in enumerate(request.lines, 1):
        nth = "" if number == 1 else str(number)
        for side, warehouse, quantity in (("o", source, -line.quantity), ("i", target, line.quantity)):
            reference = extref(request.key, side + nth)
            documents.append([_movement(reference, warehouse, line, quantity, request, settings)])
    return documents


def _movement(
    reference: str,
    warehouse: str,
    line: MovementLine | StockUnits,
    quantity: int,
    request: AdjustmentRequest | TransferRequest,
    settings: BlueCherrySettings,
) -> Record:
    return _row(
        "ADJ",
        EXTREF=reference,
        WHSE=warehouse,
        **split_sku(line.sku, settings.sku_separator).fields,
        QTY=str(quantity),
        ADJREASON=request.reason or NO_REASON,
        DOCREF=request.order_number,
    )


def credit(request: CreditRequest, customer: str, invoice: str) -> Documents:
    """CMH and CMD against order and invoice (R40, R44, R111).

    Rejected(CREDIT_REJECTED) without an invoice, and as in `check_credit`.
    """
    check_credit(request)
    if not invoice:
        raise Rejected(ExceptionCode.CREDIT_REJECTED, f"order {request.order_number} has no invoice in {VENDOR} yet")
    reference, lines = extref(request.key), [part for line in request.lines for part in _by_value(line, request)]
    header = _row(
        "CMH",
        EXTREF=reference,
        RANO=request.rma_number,
        INVNO=invoice,
        CUSTNO=customer,
        CMDATE=request.credited_on.strftime(DAY),
        CURR=request.currency,
        SUBTOTAL=_money(sum(net * quantity for _, quantity, net, _ in lines), request.currency),
        TAX=_money(sum(line.tax for line in request.lines), request.currency),
        FREIGHT=_money(_charged(request, "shipping"), request.currency),
        FEES=_money(-_charged(request, "fee"), request.currency),
        TOTAL=_money(request.total, request.currency),
    )
    details = [
        _row(
            "CMD",
            EXTREF=reference,
            LINENO=str(number),
            RALINE=str(line.rma_line_no),
            QTY=str(quantity),
            PRICE=_money(net, request.currency),
            TAX=_money(tax, request.currency),
        )
        for number, (line, quantity, net, tax) in enumerate(lines, 1)
    ]
    return [[header, *details]]


def check_credit(request: CreditRequest) -> None:
    """Rejected(CREDIT_REJECTED) when a credit memo cannot carry a charge, or would not come to our total."""
    foreign = sorted({charge.purpose for charge in request.charges} - CHARGES)
    if foreign:
        reason = f"a credit memo of {VENDOR} carries freight and fees, and no {' or '.join(foreign)}"
        raise Rejected(ExceptionCode.CREDIT_REJECTED, reason, "CHARGE", figures={"charge": ", ".join(foreign)})
    if _charged(request, "shipping") < 0 or _charged(request, "fee") > 0:
        reason = f"a credit memo of {VENDOR} gives freight back and keeps fees, not the other way round"
        raise Rejected(ExceptionCode.CREDIT_REJECTED, reason, "CHARGE")
    goods = sum(
        line.unit_primary * line.quantity + (0 if request.tax_inclusive else line.tax) for line in request.lines
    )
    total = goods + sum(charge.amount for charge in request.charges)
    if total != request.total:
        texts = (decimal_text(value, request.currency) for value in (total, request.total))
        reason = "the credit's lines and charges come to {}, but its total is {}".format(*texts)
        raise Rejected(ExceptionCode.CREDIT_REJECTED, reason, "TOTAL")


def _by_value(line: CreditLine, request: CreditRequest) -> list[tuple[CreditLine, int, int, int]]:
    """Units of one value each: line, units, net and tax of one. A minor unit of tax may be more on some of them."""
    tax, more = divmod(line.tax, line.quantity)
    parts = [(more, tax + 1), (line.quantity - more, tax)]
    inside = 1 if request.tax_inclusive else 0
    return [(line, units, line.unit_primary - inside * tax, tax) for units, tax in parts if units]


def _charged(request: CreditRequest, purpose: str) -> int:
    return sum(charge.amount for charge in request.charges if charge.purpose == purpose)


def credit_void(key: str, number: str, reason: str) -> Documents:
    """CMV."""
    return [[_row("CMV", EXTREF=extref(key), CMNO=number, VOIDREASON=reason or NO_REASON)]]


def replacement(request: ReplacementOrder, original: WireOrder, on: date, settings: BlueCherrySettings) -> Documents:
    """SOH and SOD to where the original order went, linked to RMA and order; what is due is its price (R54-R60)."""
    reference, place = extref(request.key), original.ship_to
    header = _row(
        "SOH",
        EXTREF=reference,
        ORDTYPE=settings.exchange_order_type,
        CUSTNO=original.customer_no,
        ORDDATE=on.strftime(DAY),
        CURR=request.currency,
        WHSE=settings.exchange_warehouse,
        SHIPVIA=settings.ship_via,
        LINKRANO=request.rma_number,
        LINKORDER=request.original_order,
        NAME=place.name,
        ADDR1=place.addr1,
        ADDR2=place.addr2,
        CITY=place.city,
        STATE=place.state,
        ZIP=place.zip,
        CTRY=place.ctry,
        EMAIL=place.email,
        PHONE=place.phone,
        FREIGHT=_money(0, request.currency),
        TOTAL=_money(request.due, request.currency),
    )
    price, more = divmod(request.due, request.quantity)
    parts = [(units, each) for units, each in ((more, price + 1), (request.quantity - more, price)) if units]
    lines = [
        _row(
            "SOD",
            EXTREF=reference,
            LINENO=str(number),
            **split_sku(request.sku, settings.sku_separator).fields,
            QTY=str(units),
            PRICE=_money(each, request.currency),
            LISTPRICE=_money(0, request.currency),
        )
        for number, (units, each) in enumerate(parts, 1)
    ]
    return [[header, *lines]]


def missing_data(original: WireOrder) -> Sequence[str]:
    """Names of what nobody could deliver a replacement without."""
    place = original.ship_to
    needed = {
        "customerNo": original.customer_no,
        "name": place.name,
        "addr1": place.addr1,
        "zip": place.zip,
        "ctry": place.ctry,
    }
    return [name for name, value in needed.items() if not value.strip()]


def replacement_cancellation(key: str, number: str, reason: str) -> Documents:
    """SOX."""
    return [[_row("SOX", EXTREF=extref(key), SONO=number, CANCELREASON=reason or NO_REASON)]]


def _row(kind: str, **values: str) -> Record:
    """A record. Rejected, as BlueCherry would the whole file, when a field is empty that must not be."""
    row = record(kind, **values)
    if empty := [name for name, value in row.values.items() if not value.strip() and name not in OPTIONAL]:
        code = OTHERWISE[LINES_OF.get(kind, kind)]
        raise Rejected(code, f"{kind} {', '.join(empty)} would be empty", "E101", figures={"fields": ", ".join(empty)})
    return row


def _money(value: int, currency: str) -> str:
    return decimal_text(value, currency, DECIMALS)
