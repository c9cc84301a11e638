"""The credit document: what was decided, in the ERP's codes (R40, R44, R50, R111)."""

from collections.abc import Callable, Mapping
from datetime import date

from activities.books import Books
from activities.credit_decision import Settlement
from activities.decisions import edits, made_by_hand
from activities.edge import Link
from activities.outcomes import Stop
from activities.signatures import CreditRefund
from domain.documents import CreditRequest, DocumentKind
from domain.exceptions import ExceptionCode
from domain.order import TaxMode
from domain.settlement import Credit, build_credit
from store.records import DocumentLine, DocumentPlan


def plan_credit(
    link: Link, request: CreditRefund, key: str, books: Books, settlement: Settlement, today: date
) -> DocumentPlan:
    """The durable intent of a credit; its request is what the ERP will get."""
    reading, refund = settlement.valuation.reading, request.refund.refund_id if request.refund else ""
    credit = _credit(link, request, settlement)
    body = CreditRequest(
        key=key,
        order_number=books.snapshot.order_number,
        invoice_number=books.snapshot.invoice_number,
        rma_number=request.rma.number,
        currency=books.snapshot.currency,
        tax_inclusive=books.snapshot.tax_mode is not TaxMode.EXCLUSIVE,
        credited_on=_day(request, today),
        lines=credit.lines,
        charges=credit.charges,
        total=credit.total,
        reason=f"return {request.rma.number}, " + (f"refund {refund}" if refund else "accepted goods"),
    )
    skus = {line.line_id: line.sku for line in request.rma.lines}
    return DocumentPlan(
        key=key,
        ref=request.ref,
        kind=DocumentKind.CREDIT,
        order_number=body.order_number,
        lines=[
            DocumentLine(line_id=line, sku=skus[line], quantity=quantity) for line, quantity in reading.units.items()
        ],
        total=body.total,
        currency=body.currency,
        refund_id=refund,
        inspection_id=" ".join(reading.inspections),
        mapping=link.connection.mappings.version,
        request=body.model_dump(mode="json"),
    )


def _credit(link: Link, request: CreditRefund, settlement: Settlement) -> Credit:
    mappings, corrections = link.connection.mappings, edits(request.decisions)
    keep = made_by_hand(request.decisions)
    return build_credit(
        settlement.valuation.expected,
        settlement.total,
        settlement.difference_as,
        rma_lines={line.slot_line_id: line.rma_line_no for line in request.rma.lines},
        map_tax=_mapper(mappings.tax_codes, corrections, "tax_code", ExceptionCode.TAX_CODE_UNMAPPED, keep),
        map_charge=_mapper(mappings.charges, corrections, "charge", ExceptionCode.CONFIG_INVALID, keep),
    )


def _mapper(
    table: Mapping[str, str], corrections: Mapping[str, str], name: str, missing: ExceptionCode, keep: bool
) -> Callable[[str], str]:
    """Translates codes by a correction or the connection's table; what is in neither parks (R7).

    keep: the note exists in the ERP, so that a code without a target stays as the order has it
    """

    def translate(code: str) -> str:
        target = corrections.get(f"{name}.{code}") or table.get(code) or (code if keep else None)
        if target is None:
            reason = f"{name} {code!r} of the order has no target in the mappings; nothing was credited"
            raise Stop(missing, reason, figures={name: code})
        return target

    return translate


def _day(request: CreditRefund, today: date) -> date:
    """The day of the credit; finance may move ours into an open period (E47)."""
    moved = "" if made_by_hand(request.decisions) else edits(request.decisions).get("credited_on")
    try:
        return date.fromisoformat(moved) if moved else today
    except ValueError as error:
        reason = f"credited_on={moved!r} is not a date; write it as 2026-03-31"
        raise Stop(ExceptionCode.PERIOD_CLOSED, reason) from error
