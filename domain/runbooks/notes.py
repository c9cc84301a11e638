"""Runbooks of finance: credit notes that cannot be made as they should."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.runbooks.entry import Runbook

NOTES = (
    Runbook(
        code=ExceptionCode.CREDIT_REJECTED,
        stake="The customer has the money, and the ledger does not know. The month cannot be closed over it.",
        meanwhile="Stock is booked and stays booked: it is physical truth. The clock for late credits keeps running.",
        afterwards="One credit note is in the ERP. It is looked for by our reference before anything is sent again, so"
        " trying again never makes a second one.",
        decisions={
            ResolutionKind.RETRY: "The same credit note is sent again. Right after the cause was mended in the ERP or"
            " in the mapping.",
            ResolutionKind.EDIT_AND_RETRY: "The credit note is sent with a correction: credited_on=2026-10-01,"
            " tax_code.<ours>=<theirs> or charge.<purpose>=<code>.",
            ResolutionKind.LINK_EXISTING: "The credit note that you name takes the place of ours.",
            ResolutionKind.DONE_BY_HAND: "The credit note that you made takes the place of ours. If the ERP computed"
            " another total than we did, this accepts the total of the ERP.",
            ResolutionKind.CANCEL_TRACK: "No credit note of ours is made. One that is in the ERP stays, and counts.",
        },
        figures={
            "document": "bh-uk-r1042-credit-1",
            "vendor_code": "E210",
            "credit_note": "CN-7001",
            "erp_total": "18.10",
            "our_total": "18.09",
            "charge": "goodwill",
        },
        prevention=(
            "Read the vendor's code in the group view: one cause often stops many notes.",
            "Some ERPs cannot carry every kind of line on a credit note. The page of the connection says which.",
        ),
    ),
    Runbook(
        code=ExceptionCode.CREDIT_OVERDUE,
        stake="The customer has the money, and the ledger has not heard of it within the agreed time. After some days"
        " this becomes a legal matter where credit notes have a deadline.",
        meanwhile="The return goes on by itself as soon as its cause is gone.",
        afterwards="It closes with the credit note.",
        decisions={
            ResolutionKind.RETRY: "The return is read from the platform again. While the note is missing, this is"
            " raised again.",
            ResolutionKind.EDIT_AND_RETRY: "The same. A correction belongs to the exception that stops the note"
            " itself.",
            ResolutionKind.LINK_EXISTING: "The credit note that you name counts for the refund, and the return makes"
            " none. It is refused while a note of ours is on its way to the ERP.",
            ResolutionKind.DONE_BY_HAND: "The credit note that you made counts for the refund, and the return makes"
            " none. It is refused while a note of ours is on its way to the ERP.",
            ResolutionKind.CANCEL_TRACK: "No credit note is expected any more. Your reason stays with the refund.",
        },
        figures={
            "refund": "rf-2041",
            "amount": "18.09",
            "currency": "EUR",
            "paid_at": "2026-10-01 09:30 UTC",
            "waits_for": "the ERP to post the credit note",
        },
        prevention=(
            "Decide open exceptions of the same return first: they are the usual cause.",
            "If a batch window is the cause, agree on more windows or on a longer limit.",
        ),
    ),
    Runbook(
        code=ExceptionCode.TAX_CODE_UNMAPPED,
        stake="A credit note with a wrong tax code makes the VAT return wrong.",
        meanwhile="Goods, stock and exchanges go on. No credit note exists yet, so nothing has to be undone.",
        afterwards="The credit note is made with the mapping of that moment, and its version is kept with it.",
        decisions={
            ResolutionKind.RETRY: "The credit note is built again. Right after the code was added to the mapping.",
            ResolutionKind.EDIT_AND_RETRY: "This credit note uses the code that you give: tax_code.<ours>=<theirs>.",
            ResolutionKind.DONE_BY_HAND: "The credit note that you made takes the place of ours.",
            ResolutionKind.CANCEL_TRACK: "No credit note is made for this refund.",
        },
        figures={"tax_code": "R10"},
        prevention=("Tell operations before a new tax code or rate is used on orders. They add it to the mapping.",),
    ),
    Runbook(
        code=ExceptionCode.ORDER_DRIFT,
        stake="The credit note would follow an order that is not the one that the customer paid.",
        meanwhile="Goods, stock and exchanges go on. No credit note is made.",
        afterwards="The credit note uses the amounts that were frozen when the return began, unless you end it.",
        decisions={
            ResolutionKind.ACCEPT_ORDER_AMOUNT: "One credit note over the frozen order's amount.",
            ResolutionKind.ACCEPT_PLATFORM_AMOUNT: "One credit note over what the platform paid; the difference to the"
            " frozen order is a goodwill line.",
            ResolutionKind.LINK_EXISTING: "The credit note that you name counts for this refund.",
            ResolutionKind.DONE_BY_HAND: "The credit note that you made counts for this refund.",
            ResolutionKind.RETRY: "The order is compared again. Right after the change was undone in the ERP.",
            ResolutionKind.CANCEL_TRACK: "No credit note is made for this refund.",
        },
        figures={"order": "10042", "frozen.L1": "2 x P1001-BLK at 20.10", "now.L1": "2 x P1001-BLK at 25.00"},
        prevention=("Do not edit order lines in the ERP once the order is despatched. Use a credit note instead.",),
    ),
    Runbook(
        code=ExceptionCode.SNAPSHOT_NOT_FOOTING,
        stake="Every amount of the return comes from the order. An order that does not add up gives wrong amounts.",
        meanwhile="Nothing goes on: the RMA needs the order. A parcel that arrives is kept and booked later.",
        afterwards="The order is read again, the RMA is opened, and everything else follows.",
        decisions={
            ResolutionKind.RETRY: "The order is read again. Correct it in the ERP first.",
            ResolutionKind.CANCEL_TRACK: "The return is not authorised and ends as rejected. If money was paid, a"
            " further exception asks finance about it.",
        },
        figures={"order": "10042"},
        prevention=(
            "Such orders are usually made by an import that leaves out a discount, a gift card or a rounding line.",
            "Have the import mended: every return of such an order will stop here.",
        ),
    ),
    Runbook(
        code=ExceptionCode.NOTHING_TO_APPLY,
        stake="The credit note exists and lies unapplied, so the customer's account looks wrong.",
        meanwhile="Goods, stock and exchanges go on. The credit note counts.",
        afterwards="The refund counts as credited by the note that you name.",
        decisions={
            ResolutionKind.RETRY: "The invoice is looked for again, and the note is applied if it is open now.",
            ResolutionKind.DONE_BY_HAND: "You applied the note, or paid it out. Give the number of the credit note.",
            ResolutionKind.CANCEL_TRACK: "The refund counts as one without a credit note of ours. Void the note in"
            " the ERP, or it stays there unapplied.",
        },
        figures={"credit_note": "CM-501", "unapplied": "18.09"},
        prevention=("Do not settle invoices of returned orders in other ways while their return is open.",),
    ),
    Runbook(
        code=ExceptionCode.PERIOD_CLOSED,
        stake="The credit note belongs in a period that is closed. Without a decision it is nowhere.",
        meanwhile="Goods, stock and exchanges go on.",
        afterwards="The credit note is made with the date that you chose. The original date stands in its text where"
        " the policy moves it.",
        decisions={
            ResolutionKind.RETRY: "The same credit note is sent again. Right after the period was opened.",
            ResolutionKind.EDIT_AND_RETRY: "The credit note gets another date: credited_on=2026-10-01.",
            ResolutionKind.LINK_EXISTING: "The credit note that you name takes the place of ours.",
            ResolutionKind.DONE_BY_HAND: "The credit note that you made takes the place of ours.",
            ResolutionKind.CANCEL_TRACK: "No credit note of ours is made.",
        },
        figures={"document": "bh-uk-r1042-credit-1", "vendor_code": "PERIOD"},
        prevention=(
            "Close the period here only when the statement says that it is ready.",
            "If late notes may always go into the next month, have the policy of the connection say so.",
        ),
    ),
    Runbook(
        code=ExceptionCode.ROUNDING_DRIFT,
        stake="Single cents do not matter. Many of them in one direction are a wrong rule, and a balance that the"
        " auditor asks about.",
        meanwhile="Every return goes on. Rounding lines are still made and counted.",
        afterwards="What you accepted counts as settled. It is raised again when what came since passes the limit.",
        decisions={
            ResolutionKind.RETRY: "It is added up again by the next run, and raised again while it is too much.",
            ResolutionKind.DONE_BY_HAND: "You booked the balance away. Give the number of that document.",
            ResolutionKind.CANCEL_TRACK: "The balance is accepted, for the reason that you give.",
        },
        figures={"balance": "512", "differences": "341", "limit": "5.00 EUR"},
        prevention=("Compare how both systems round tax and discounts: by line or by total, up or to the nearest.",),
    ),
    Runbook(
        code=ExceptionCode.CANCEL_AFTER_CREDIT,
        stake="A credit note for a return that no longer exists. Either the money comes back, or the note is right.",
        meanwhile="Nothing is reversed by itself. Stock stays as it is booked.",
        afterwards="Your decision ends the waiting for money, and the return can close.",
        decisions={
            ResolutionKind.RETRY: "The return is read from the platform again. Right when it was opened there again.",
            ResolutionKind.DONE_BY_HAND: "You voided the credit note or charged the customer. Give that document's"
            " number.",
            ResolutionKind.CANCEL_TRACK: "The credit stands, for the reason that you give.",
        },
        figures={},
        prevention=("Agree with CX that a return is not cancelled on the platform once it is paid.",),
    ),
)
