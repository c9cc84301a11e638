"""What kind of refusal an ERP's "no" is, so that people know where to begin (R73).

Read from the figures that the step wrote. The ERP's own code and message are never translated, only shown.
"""

from enum import StrEnum

from domain.exceptions import ExceptionCode
from domain.model import Value
from domain.stake import Figures

#: Exceptions that carry an ERP's refusal.
REFUSALS = frozenset(
    {
        ExceptionCode.CREDIT_REJECTED,
        ExceptionCode.PERIOD_CLOSED,
        ExceptionCode.NOTHING_TO_APPLY,
        ExceptionCode.STOCK_REJECTED,
        ExceptionCode.RMA_REJECTED,
    }
)


class CauseClass(StrEnum):
    """Where the cause of a refusal is to be looked for."""

    OTHER_AMOUNT = "other amount"
    EXISTS_ALREADY = "document exists already"
    CLOSED_PERIOD = "closed period"
    NO_OPEN_INVOICE = "no open invoice"
    MISSING_TARGET = "missing target"
    INCOMPLETE = "incomplete document"
    RULE_OF_THE_ERP = "rule of the ERP"
    NOTHING_LEFT = "nothing left to post"


_TEXTS = {
    CauseClass.OTHER_AMOUNT: "The note in the ERP has another amount than ours. Compare the two amounts line by line.",
    CauseClass.EXISTS_ALREADY: "A document for this return is in the ERP already. Compare it, then link it.",
    CauseClass.CLOSED_PERIOD: "The date of the document lies in a closed period.",
    CauseClass.NO_OPEN_INVOICE: "The credit exists, but no invoice of the order is open for it.",
    CauseClass.MISSING_TARGET: "A code, charge or depot has no counterpart in the ERP. Look at the mapping first.",
    CauseClass.INCOMPLETE: "Fields of the document are empty or wrong. They are named.",
    CauseClass.RULE_OF_THE_ERP: "The ERP refused it by a rule of its own. Its code and message say which.",
    CauseClass.NOTHING_LEFT: "No unit is left that this document could be made for.",
}


class Refusal(Value):
    """An ERP's refusal. `code` is empty where the ERP gave none; `message` is its own; `text` says where to begin."""

    code: str
    message: str
    cause: CauseClass
    text: str


def refusal_of(code: ExceptionCode, reason: str, figures: Figures) -> Refusal | None:
    """The refusal that an exception carries; None when it carries none."""
    if code not in REFUSALS:
        return None
    cause = _cause(code, figures)
    return Refusal(code=str(figures.get("vendor_code") or ""), message=reason, cause=cause, text=_TEXTS[cause])


def _cause(code: ExceptionCode, figures: Figures) -> CauseClass:
    if code is ExceptionCode.PERIOD_CLOSED:
        return CauseClass.CLOSED_PERIOD
    if code is ExceptionCode.NOTHING_TO_APPLY:
        return CauseClass.NO_OPEN_INVOICE
    for named, cause in (
        ("erp_total", CauseClass.OTHER_AMOUNT),
        ("credit_note", CauseClass.EXISTS_ALREADY),
        ("charge", CauseClass.MISSING_TARGET),
        ("condition", CauseClass.MISSING_TARGET),
        ("fields", CauseClass.INCOMPLETE),
        ("vendor_code", CauseClass.RULE_OF_THE_ERP),
        ("document", CauseClass.RULE_OF_THE_ERP),  # it was planned, so the ERP was asked
    ):
        if named in figures:
            return cause
    return CauseClass.NOTHING_LEFT if code is ExceptionCode.CREDIT_REJECTED else CauseClass.RULE_OF_THE_ERP
