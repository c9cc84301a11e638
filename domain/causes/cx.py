"""Exceptions that customer experience decides: orders, exchanges, refunds that failed, lost parcels."""

from domain.causes.entry import CLEAR_UP, EXCHANGE, POSTING, CatalogueEntry
from domain.exceptions import ExceptionCode, Owner, ResolutionKind, Track


def _cx(
    code: ExceptionCode,
    title: str,
    explanation: str,
    steps: tuple[str, ...],
    resolutions: tuple[ResolutionKind, ...],
    *,
    track: Track,
) -> CatalogueEntry:
    return CatalogueEntry(
        code=code,
        owner=Owner.CX,
        title=title,
        explanation=explanation,
        steps=steps,
        resolutions=resolutions,
        track=track,
    )


CX = (
    _cx(
        ExceptionCode.ORDER_NOT_FOUND,
        "Order is not in the ERP",
        "The ERP does not know the order of this return, also after the time that a new order may need to arrive.",
        (
            "Search the order in the ERP under its other numbers.",
            "Have the order imported, or its number corrected on the platform, and retry.",
        ),
        (ResolutionKind.RETRY, ResolutionKind.CANCEL_TRACK),
        track=Track.RMA,
    ),
    _cx(
        ExceptionCode.VALIDATION_QTY,
        "Return does not fit the order",
        "The return names a line that the order does not have, or more units than are left to return.",
        (
            "Compare the return with the order and with its earlier returns.",
            "Correct the return on the platform and retry, or reject it there.",
        ),
        (ResolutionKind.RETRY, ResolutionKind.EDIT_AND_RETRY, ResolutionKind.CANCEL_TRACK),
        track=Track.RMA,
    ),
    _cx(
        ExceptionCode.EXCHANGE_OOS,
        "Replacement is sold out",
        "The replacement that the customer chose is not available, so no order was created. The return goes on.",
        (
            "Offer the customer another item or a refund.",
            "Substitute the SKU, convert to refund, or wait and retry.",
        ),
        EXCHANGE,
        track=Track.EXCHANGE,
    ),
    _cx(
        ExceptionCode.EXCHANGE_DATA,
        "Replacement order lacks data",
        "Customer or delivery data of the replacement order are missing or invalid. Every such field is listed.",
        ("Correct the listed fields at their source.", "Retry: the customer's request is unchanged."),
        (ResolutionKind.EDIT_AND_RETRY, *EXCHANGE),
        track=Track.EXCHANGE,
    ),
    _cx(
        ExceptionCode.EXCHANGE_EXPOSURE,
        "Replacement is out, goods are not accepted",
        "The replacement was shipped, but the returned item was rejected, cancelled or never came.",
        ("Contact the customer.", "Charge the replacement outside, or write it off with a reason."),
        (ResolutionKind.WRITE_OFF, *CLEAR_UP),
        track=Track.EXCHANGE,
    ),
    _cx(
        ExceptionCode.EXCHANGE_PAYMENT_MISSING,
        "Extra payment is missing",
        "The replacement costs more than the returned item and the platform has not confirmed the payment.",
        (
            "Remind the customer of the payment.",
            "Retry once it is paid, substitute the item, or convert to refund.",
        ),
        EXCHANGE,
        track=Track.EXCHANGE,
    ),
    _cx(
        ExceptionCode.REFUND_FAILED,
        "Refund did not reach the customer",
        "The payment provider reports that the refund failed. A credit note that exists stays as it is.",
        ("Issue the refund again on the platform.", "Retry: this closes once the refund is paid."),
        CLEAR_UP,
        track=Track.FINANCE,
    ),
    _cx(
        ExceptionCode.REFUND_NOT_CONFIRMED,
        "No refund after acceptance",
        "The goods were accepted some days ago and the platform has not confirmed a refund.",
        ("Release the refund on the platform.", "Retry: this closes once the refund is paid."),
        CLEAR_UP,
        track=Track.FINANCE,
    ),
    _cx(
        ExceptionCode.STATUS_DRIFT,
        "Platform and ERP say different things",
        "The platform shows another state than what was booked in the ERP, and does not take ours.",
        ("Compare both sides; the reason names the difference.", "Correct the platform, then retry."),
        CLEAR_UP,
        track=Track.PLATFORM,
    ),
    _cx(
        ExceptionCode.CANCEL_AFTER_RECEIPT,
        "Cancelled after goods arrived",
        "The platform cancelled the return, but goods were received. Their stock documents stay.",
        (
            "Ask the customer what they want.",
            "Have the return opened again on the platform and retry, or send the goods back.",
        ),
        (ResolutionKind.RETURN_TO_CUSTOMER, *CLEAR_UP),
        track=Track.PLATFORM,
    ),
    _cx(
        ExceptionCode.ORDER_LOCKED,
        "Order is archived",
        "The order is closed or archived and the ERP allows no return for it, not even a standalone one.",
        ("Have the order opened in the ERP and retry.", "Or make the RMA by hand and give its number."),
        POSTING,
        track=Track.RMA,
    ),
    _cx(
        ExceptionCode.LOST_PARCEL,
        "Parcel was lost",
        "The carrier reports the parcel as lost on its way back.",
        (
            "Claim it from the carrier.",
            "Retry to wait on; write it off when the customer gets nothing for it.",
            "Finance may accept the order's amount: the refund is credited without stock.",
        ),
        (ResolutionKind.WRITE_OFF, ResolutionKind.ACCEPT_ORDER_AMOUNT, *CLEAR_UP),
        track=Track.GOODS,
    ),
    _cx(
        ExceptionCode.EXPOSURE_DUE,
        "Paid, but the goods never came",
        "The customer has the refund or the replacement and the goods have not arrived by the deadline.",
        (
            "Contact the customer, or claim the cover of the platform before its own deadline.",
            "Write the value off with a reason, or end the return and leave the matter with CX.",
        ),
        (ResolutionKind.WRITE_OFF, *CLEAR_UP),
        track=Track.GOODS,
    ),
)
