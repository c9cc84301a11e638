"""Runbooks of CX: refunds that do not reach the customer, and platforms that say something else than the ERP."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.runbooks.entry import Runbook

CUSTOMERS = (
    Runbook(
        code=ExceptionCode.REFUND_FAILED,
        stake="The customer has sent the goods back and has no money.",
        meanwhile="The credit note stays. The return does not close before the money has arrived.",
        afterwards="It closes by itself once the platform reports the refund as paid.",
        decisions={
            ResolutionKind.RETRY: "The matter ends here, and is raised again while the refund is still unpaid.",
            ResolutionKind.DONE_BY_HAND: "You paid the customer another way. This refund is not waited for any more."
            " Others of the return are.",
            ResolutionKind.CANCEL_TRACK: "This refund is not waited for any more, for the reason that you give. Others"
            " of the return are.",
        },
        figures={"refund": "rf-2041", "credit_note": "CN-7001"},
        prevention=("Most failures are expired cards: offer a bank transfer or a voucher on the platform.",),
    ),
    Runbook(
        code=ExceptionCode.REFUND_NOT_CONFIRMED,
        stake="The customer waits for money that is owed, and the return cannot close.",
        meanwhile="The goods are in stock. No credit note is made before the platform has paid.",
        afterwards="It closes by itself once the platform reports the refund as paid. The credit note follows.",
        decisions={
            ResolutionKind.RETRY: "The return waits on, with the whole time once more.",
            ResolutionKind.DONE_BY_HAND: "You paid and credited the customer another way. Give the document's number."
            " No refund is waited for any more.",
            ResolutionKind.CANCEL_TRACK: "No refund is waited for any more, for the reason that you give.",
        },
        figures={},
        prevention=("Let the platform pay by itself when it hears of the acceptance.",),
    ),
    Runbook(
        code=ExceptionCode.STATUS_DRIFT,
        stake="The customer is told one thing, and the books say another.",
        meanwhile="What is booked stays booked. Everything that does not depend on the difference goes on.",
        afterwards="Both sides say the same, or it is on record why they do not.",
        decisions={
            ResolutionKind.RETRY: "The return is read again. While the two differ, this is raised again.",
            ResolutionKind.DONE_BY_HAND: "You brought both sides together. Our documents stay as they are.",
            ResolutionKind.CANCEL_TRACK: "The difference is accepted, for the reason that you give.",
        },
        figures={
            "ours": "1 x P1001-BLK (changed_mind)",
            "platform": "2 x P1001-BLK (changed_mind)",
            "lacking": "RMA, stock document",
            "waits_for": "the RMA in the ERP",
        },
        prevention=(
            "Do not change a return on the platform after its goods or its money have moved.",
            "Do not enter results by hand on the platform where the warehouse sends them here.",
        ),
    ),
    Runbook(
        code=ExceptionCode.CANCEL_AFTER_RECEIPT,
        stake="The customer has neither goods nor money until somebody decides.",
        meanwhile="Stock stays as it is booked: it is physical truth. No refund is expected for now.",
        afterwards="The goods go back to the customer, or the return is opened again and paid.",
        decisions={
            ResolutionKind.RETURN_TO_CUSTOMER: "Everything that was booked goes into the hold depot. No refund is"
            " waited for any more.",
            ResolutionKind.RETRY: "The return is read again. Right when it was opened again on the platform.",
            ResolutionKind.DONE_BY_HAND: "You settled it another way. No refund is waited for any more.",
            ResolutionKind.CANCEL_TRACK: "Goods stay, no refund is waited for, for the reason that you give.",
        },
        figures={},
        prevention=("Ask the warehouse before a return is cancelled on the platform.",),
    ),
)
