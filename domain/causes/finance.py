"""Exceptions that finance decides: refunds, credits, tax, periods."""

from domain.causes.entry import CLEAR_UP, MAPPING, POSTING, CatalogueEntry
from domain.exceptions import ExceptionCode, Owner, ResolutionKind, Track

_AMOUNTS = (
    ResolutionKind.ACCEPT_PLATFORM_AMOUNT,
    ResolutionKind.ACCEPT_ORDER_AMOUNT,
    ResolutionKind.LINK_EXISTING,
    ResolutionKind.DONE_BY_HAND,
    ResolutionKind.RETRY,
    ResolutionKind.CANCEL_TRACK,
)
_NOTHING_TO_CREDIT = (
    ResolutionKind.CANCEL_TRACK,
    ResolutionKind.ACCEPT_PLATFORM_AMOUNT,
    ResolutionKind.LINK_EXISTING,
    ResolutionKind.DONE_BY_HAND,
    ResolutionKind.RETRY,
)


def _finance(
    code: ExceptionCode,
    title: str,
    explanation: str,
    steps: tuple[str, ...],
    resolutions: tuple[ResolutionKind, ...],
) -> CatalogueEntry:
    return CatalogueEntry(
        code=code,
        owner=Owner.FINANCE,
        title=title,
        explanation=explanation,
        steps=steps,
        resolutions=resolutions,
        track=Track.FINANCE,
    )


FINANCE = (
    _finance(
        ExceptionCode.REFUND_MISMATCH,
        "Refund and order do not agree",
        "The platform refunded another amount than the order or the ERP's credit notes give, by more than rounding"
        " explains. Nothing more is credited until this is decided. The figures are listed, with their likely causes.",
        (
            "Compare both amounts and read the first cause: it explains most of the difference.",
            "Accept the platform's amount when it was meant; the difference becomes a goodwill line.",
            "Accept the order's amount when the platform was wrong, and correct the refund there.",
        ),
        _AMOUNTS,
    ),
    _finance(
        ExceptionCode.DUPLICATE_REFUND,
        "Second refund for the same units",
        "The platform reports a further refund, but all accepted units of this return are credited already.",
        (
            "Check on the platform whether the customer was paid twice.",
            "End it here when it is a duplicate: nothing is to be credited. Recover the money outside.",
            "Accept the platform's amount only when the second payment was intended.",
        ),
        _NOTHING_TO_CREDIT,
    ),
    _finance(
        ExceptionCode.CREDIT_REJECTED,
        "ERP refused the credit note",
        "The ERP refused the credit note for good; its own code and message are shown. Stock is not affected.",
        (
            "Read the ERP's message and correct the cause in the ERP or in the mapping.",
            "Retry, or link the credit note if somebody made it by hand.",
        ),
        POSTING,
    ),
    _finance(
        ExceptionCode.CREDIT_OVERDUE,
        "Credit note is late",
        "The customer was refunded and the agreed time for the credit note in the ERP has passed.",
        (
            "Look what the return waits for, and clear that up first.",
            "Link the credit note if it exists already.",
        ),
        POSTING,
    ),
    _finance(
        ExceptionCode.TAX_CODE_UNMAPPED,
        "Tax code has no target",
        "A line of the order has a tax code for which the connection names no code on the credit.",
        ("Add the tax code to the connection's mapping.", "Retry: the mapping of that moment is used."),
        MAPPING,
    ),
    _finance(
        ExceptionCode.CURRENCY_MISMATCH,
        "Refund in another currency",
        "The refund is in another currency than the order, so the two amounts cannot be compared.",
        (
            "Find out on the platform in which currency the customer paid.",
            "Accept the order's amount when the refund has the right value, or make the credit by hand.",
        ),
        (
            ResolutionKind.ACCEPT_ORDER_AMOUNT,
            ResolutionKind.LINK_EXISTING,
            ResolutionKind.DONE_BY_HAND,
            ResolutionKind.RETRY,
            ResolutionKind.CANCEL_TRACK,
        ),
    ),
    _finance(
        ExceptionCode.ORDER_DRIFT,
        "Order changed after the return began",
        "A returned line was changed in the ERP after its amounts had been frozen for this return.",
        (
            "Compare the line in the ERP with the amounts shown.",
            "Accept the frozen order's amount, or undo the change in the ERP and retry.",
        ),
        _AMOUNTS,
    ),
    _finance(
        ExceptionCode.SNAPSHOT_NOT_FOOTING,
        "Order does not add up",
        "Lines, discounts, tax, shipping and fees of the order do not add up to its total."
        " No amount can be derived from it; the figures are shown.",
        (
            "Correct the order in the ERP, or enter the missing part there as a discount or rounding line.",
            "Retry: the order is read again. Otherwise end the return here, and credit its refund by hand.",
        ),
        (ResolutionKind.RETRY, ResolutionKind.CANCEL_TRACK),
    ),
    _finance(
        ExceptionCode.NOTHING_TO_APPLY,
        "No open invoice for the credit",
        "The credit note exists, but the order's invoice has no open amount that it could be applied to.",
        ("Apply the credit in the ERP to another invoice, or pay it out.", "Then mark it as done by hand."),
        CLEAR_UP,
    ),
    _finance(
        ExceptionCode.PERIOD_CLOSED,
        "Accounting period is closed",
        "The ERP refused the document because its date lies in a closed period.",
        ("Open the period, or give a date in the open period.", "Retry."),
        POSTING,
    ),
    _finance(
        ExceptionCode.OUT_OF_BAND_REFUND,
        "Refund made outside the platform",
        "A refund was found that belongs to no return, so nothing was credited for it.",
        (
            "Find out who made the refund and for which order.",
            "Make the credit in the ERP and give its number, or end the matter with a reason.",
            "Or create a keep-item return for it on the platform, without paying again: that is credited by itself.",
        ),
        (ResolutionKind.LINK_EXISTING, ResolutionKind.DONE_BY_HAND, ResolutionKind.CANCEL_TRACK),
    ),
    _finance(
        ExceptionCode.ROUNDING_DRIFT,
        "Rounding adds up",
        "Rounding differences of a connection add up to more than agreed: one side probably rounds by another rule.",
        ("Look which connection the differences come from.", "Have its tax or discount rounding checked."),
        CLEAR_UP,
    ),
    _finance(
        ExceptionCode.CANCEL_AFTER_CREDIT,
        "Cancelled after the credit note",
        "The platform cancelled the return, but its credit note is in the ERP. It is not reversed by itself.",
        (
            "Find out whether the customer kept the money.",
            "Void the credit note in the ERP or charge the customer, and give the document's number.",
            "End it here when the credit stands.",
        ),
        CLEAR_UP,
    ),
    _finance(
        ExceptionCode.REFUND_EXCEEDS_ACCEPTED,
        "Refunded more than was accepted",
        "The customer was refunded for units that are missing or were not accepted at inspection.",
        (
            "Compare the refunded units with the inspection.",
            "Accept the platform's amount as goodwill, or end it here and recover the money outside.",
        ),
        _NOTHING_TO_CREDIT,
    ),
    _finance(
        ExceptionCode.AMOUNT_PRECISION,
        "Amount has too many decimals",
        "An amount cannot be held in the currency without rounding it, and amounts are never rounded in silence.",
        ("Correct the amount at its source.", "Retry, or accept the order's amount."),
        (
            ResolutionKind.RETRY,
            ResolutionKind.ACCEPT_ORDER_AMOUNT,
            ResolutionKind.LINK_EXISTING,
            ResolutionKind.DONE_BY_HAND,
            ResolutionKind.CANCEL_TRACK,
        ),
    ),
    _finance(
        ExceptionCode.DAMAGED_DECISION,
        "Damaged units need a decision",
        "Units came back damaged and the policy does not say whether the customer gets the money.",
        (
            "Look at the reason for the return and at the inspection.",
            "Credit in full, credit a part with share=PERCENT, or end it without credit.",
        ),
        (
            ResolutionKind.EDIT_AND_RETRY,
            ResolutionKind.ACCEPT_PLATFORM_AMOUNT,
            ResolutionKind.ACCEPT_ORDER_AMOUNT,
            ResolutionKind.RETURN_TO_CUSTOMER,
            ResolutionKind.CANCEL_TRACK,
        ),
    ),
)
