"""Runbooks of finance: refunds that do not fit the order or the goods."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.runbooks.entry import Runbook

REFUNDS = (
    Runbook(
        code=ExceptionCode.REFUND_MISMATCH,
        stake="The customer has the money, and the ledger does not agree with it. The difference is either goodwill"
        " that somebody must own, or money to be recovered or paid on top.",
        meanwhile="Goods, stock and exchanges go on. Only the credit note waits, so the return cannot close.",
        afterwards="One credit note is made against the original order, or none. The figures and your decision stay"
        " in the timeline of the return.",
        decisions={
            ResolutionKind.ACCEPT_PLATFORM_AMOUNT: "One credit note over what the platform paid. The part above the"
            " goods is a goodwill line. It stops again if the order would be credited with more than it was worth. A"
            " return that is closed posts nothing any more: make the note by hand there, and link it.",
            ResolutionKind.ACCEPT_ORDER_AMOUNT: "One credit note over the order's amount. Correct the refund on the"
            " platform as well: from here nobody is paid or charged.",
            ResolutionKind.LINK_EXISTING: "The credit note that you name counts for this refund. None is made.",
            ResolutionKind.DONE_BY_HAND: "The credit note that you made counts for this refund. None is made.",
            ResolutionKind.RETRY: "The comparison is made again, with the goods that were accepted by now.",
            ResolutionKind.CANCEL_TRACK: "No credit note is made for this refund. Recover the money outside. The"
            " accepted units wait for the right refund.",
        },
        figures={
            "refund": "rf-2041",
            "platform_amount": "19.99",
            "order_amount": "18.09",
            "difference": "1.90",
            "hypothesis": "order_discount_ignored",
            "hypotheses": "the order's discount was ignored: 1.90 more",
        },
        prevention=(
            "If one cause comes up again and again, have the platform's calculation corrected.",
            "Give goodwill as a separate refund or bonus on the platform where it can be told apart.",
        ),
    ),
    Runbook(
        code=ExceptionCode.DUPLICATE_REFUND,
        stake="The whole second payment. If it was a mistake, it is money that must be recovered.",
        meanwhile="The first credit note stands. Stock is not affected. Nothing is credited for the second refund.",
        afterwards="Your decision stays with the second refund. The first credit note is never touched.",
        decisions={
            ResolutionKind.CANCEL_TRACK: "Nothing is credited for the second refund. Recover the money outside.",
            ResolutionKind.ACCEPT_PLATFORM_AMOUNT: "A second credit note over this refund, all of it goodwill. A return"
            " that is closed posts nothing any more: make the note by hand there, and link it.",
            ResolutionKind.LINK_EXISTING: "The credit note that you name counts for the second refund.",
            ResolutionKind.DONE_BY_HAND: "The credit note that you made counts for the second refund.",
            ResolutionKind.RETRY: "The refund is looked at again. Right when further units were accepted meanwhile.",
        },
        figures={"refund": "rf-2044", "amount": "18.09 EUR"},
        prevention=(
            "Agree on one place where refunds are released. Two people with two screens pay twice.",
            "Do not pay from the shop or the payment provider while a return is open on the platform.",
        ),
    ),
    Runbook(
        code=ExceptionCode.REFUND_EXCEEDS_ACCEPTED,
        stake="Money was paid for goods that are missing or were not accepted. It counts as open exposure until"
        " somebody decides.",
        meanwhile="What was accepted is credited as usual. Stock is booked as it was found.",
        afterwards="The exposure of these units ends with your decision, and the return can close.",
        decisions={
            ResolutionKind.CANCEL_TRACK: "The customer is not credited for these units. Recover the money outside.",
            ResolutionKind.ACCEPT_PLATFORM_AMOUNT: "The customer keeps the money. While the return runs and no"
            " credit note exists yet, one is made, all of it goodwill.",
            ResolutionKind.LINK_EXISTING: "The document that you name settles the units, for example a debit note.",
            ResolutionKind.DONE_BY_HAND: "The document that you made settles the units, for example a debit note.",
            ResolutionKind.RETRY: "It is looked at again. Right when the missing goods turned up.",
        },
        figures={"refund": "rf-2050", "amount": "49.95 EUR", "units.L1": "1"},
        prevention=(
            "Instant refunds carry this risk. Look at how many of them end here before you widen the offer.",
            "Empty parcels from one address are a matter for CX.",
        ),
    ),
    Runbook(
        code=ExceptionCode.CURRENCY_MISMATCH,
        stake="The refund cannot be compared with the order, so a wrong amount could be credited unseen.",
        meanwhile="Goods, stock and exchanges go on. No credit note is made.",
        afterwards="The credit note is made in the currency of the original order, or by you.",
        decisions={
            ResolutionKind.ACCEPT_ORDER_AMOUNT: "One credit note over the order's amount, in the order's currency.",
            ResolutionKind.LINK_EXISTING: "The credit note that you name counts for this refund.",
            ResolutionKind.DONE_BY_HAND: "The credit note that you made counts for this refund.",
            ResolutionKind.RETRY: "The refund is compared again.",
            ResolutionKind.CANCEL_TRACK: "No credit note is made for this refund. The accepted units wait for another.",
        },
        figures={"refund": "rf-2060", "amount": "21.00", "currency": "USD"},
        prevention=("Check which of its two currencies the platform sends: the customer's or the shop's.",),
    ),
    Runbook(
        code=ExceptionCode.AMOUNT_PRECISION,
        stake="Rounding in silence would make the ledger wrong by small amounts that nobody can explain later.",
        meanwhile="Everything that does not need this amount goes on.",
        afterwards="The amount is read again, or the order's amount takes its place.",
        decisions={
            ResolutionKind.RETRY: "The amount is read again from where it comes from. Correct it there first.",
            ResolutionKind.ACCEPT_ORDER_AMOUNT: "One credit note over the order's amount. The platform's fee, shipping"
            " and bonus are left out.",
            ResolutionKind.LINK_EXISTING: "The credit note that you name counts for this refund.",
            ResolutionKind.DONE_BY_HAND: "The credit note that you made counts for this refund.",
            ResolutionKind.CANCEL_TRACK: "No credit note is made for this refund. If the order itself has the amount,"
            " the return is not authorised.",
        },
        figures={"refund": "rf-2061", "amount": "18.0945", "currency": "EUR"},
        prevention=("Have the vendor send amounts with the decimals of the currency: two for EUR, none for JPY.",),
    ),
    Runbook(
        code=ExceptionCode.DAMAGED_DECISION,
        stake="The value of the damaged units. The customer waits to hear whether the money comes.",
        meanwhile="The units are booked into the damaged depot. Other units of the parcel are reported and credited.",
        afterwards="The platform hears which units are accepted and which are not, and pays. The credit note has"
        " exactly the share that you decided.",
        decisions={
            ResolutionKind.EDIT_AND_RETRY: "Credit a part: share=40 credits forty per cent of the value.",
            ResolutionKind.ACCEPT_PLATFORM_AMOUNT: "The units are credited in full.",
            ResolutionKind.ACCEPT_ORDER_AMOUNT: "The units are credited in full.",
            ResolutionKind.RETURN_TO_CUSTOMER: "Nothing is credited, and the platform hears that they are rejected."
            " The units go from the damaged depot into the hold depot: tell the warehouse to send them back.",
            ResolutionKind.CANCEL_TRACK: "Nothing is credited, and the platform hears that they are rejected.",
        },
        figures={"inspection": "scan-118", "units": "1 x P1001-BLK DAMAGED (changed_mind)"},
        prevention=(
            "Give damaged units a fixed percentage in the policy of the connection, if you decide alike every time.",
            "Name every reason that is the supplier's fault in the policy: those are credited in full by themselves.",
        ),
    ),
    Runbook(
        code=ExceptionCode.OUT_OF_BAND_REFUND,
        stake="The customer has the money, and neither a credit note nor a stock movement will ever come by itself.",
        meanwhile="No return is affected: there is none for this refund.",
        afterwards="The refund counts as explained by the document that you name, or by your reason.",
        decisions={
            ResolutionKind.LINK_EXISTING: "The credit note that you name counts for this refund.",
            ResolutionKind.DONE_BY_HAND: "The credit note that you made counts for this refund.",
            ResolutionKind.CANCEL_TRACK: "No credit note belongs to this refund. Your reason stays with it.",
        },
        figures={"refund": "rf-9001", "order": "10042", "amount": "35.00 EUR"},
        prevention=(
            "Release refunds only on the returns platform. Only the reconciliation sees what is paid elsewhere.",
            "Tell the people who can pay in the shop or at the payment provider.",
        ),
    ),
)
