"""What each state of a track means, and whose it is (R107). `desk.tracks` shows them; a test compares."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.exceptions import Owner, Track
from domain.model import Value


class TrackState(Value):
    """One state of one track. owner: who looks after it; None: the owner of the exception that stopped it."""

    track: Track
    state: str
    meaning: str
    owner: Owner | None


def _rows(track: Track, *rows: tuple[str, Owner | None, str]) -> tuple[TrackState, ...]:
    return tuple(TrackState(track=track, state=state, owner=owner, meaning=meaning) for state, owner, meaning in rows)


_PARKED = ("PARKED", None, "It has stopped until somebody decides an exception. The other tracks go on.")
_QUEUED = ("QUEUED", Owner.INTEGRATION, "A document waits for the next window of the ERP, or for the answer to a file.")
_POSTING = ("POSTING", Owner.INTEGRATION, "A document is on its way into the ERP, and is sent again until it arrives.")

_STATES = (
    *_rows(
        Track.RMA,
        _PARKED,
        _QUEUED,
        _POSTING,
        ("NONE", Owner.INTEGRATION, "There is no RMA: the request is not finished, is being checked, or has ended."),
        ("CREATED", Owner.WAREHOUSE, "The RMA is open in the ERP. Parcels are booked on it."),
        ("CLOSED", Owner.WAREHOUSE, "The return is closed. Nothing is booked on the RMA any more."),
        ("CANCELLED_IN_ERP", Owner.CX, "The RMA was cancelled, because the return was called off or changed."),
    ),
    *_rows(
        Track.GOODS,
        _PARKED,
        _QUEUED,
        _POSTING,
        ("EXPECTED", Owner.CX, "The parcel has not been sent, as far as the platform tells."),
        ("IN_TRANSIT", Owner.CX, "The parcel is on its way."),
        ("RECEIVED", Owner.WAREHOUSE, "The parcel was delivered, and has not been inspected."),
        ("PARTLY_RECEIVED", Owner.WAREHOUSE, "Some units were inspected and booked. Others are still to come."),
        ("INSPECTED", Owner.WAREHOUSE, "Every unit was inspected, and its stock document is in the ERP."),
        ("NOT_REQUIRED", Owner.CX, "No goods are to come: the customer keeps them, or the return has ended."),
    ),
    *_rows(
        Track.FINANCE,
        _PARKED,
        _QUEUED,
        _POSTING,
        ("AWAITING_REFUND", Owner.CX, "The platform has not paid the refund, or units are not accepted yet."),
        ("CHECKING", Owner.FINANCE, "A refund was paid, and is compared with the order."),
        ("CREDITED", Owner.FINANCE, "The credit note is in the ERP."),
        ("VOIDED", Owner.FINANCE, "The credit note was taken back."),
        ("CLOSED_BY_HAND", Owner.FINANCE, "Somebody decided that no credit note of ours is to come."),
        ("NOTHING_DUE", Owner.FINANCE, "Nothing is to be refunded: it is an exchange, or the return has ended."),
    ),
    *_rows(
        Track.EXCHANGE,
        _PARKED,
        _QUEUED,
        _POSTING,
        ("REQUESTED", Owner.CX, "The customer wants a replacement. It is ordered once the return has come so far."),
        ("CHECKING", Owner.CX, "Availability and customer data are checked right before the order is made."),
        ("AWAITING_PAYMENT", Owner.CX, "The replacement costs more, and the platform has not confirmed the payment."),
        ("ORDERED", Owner.CX, "The replacement order is in the ERP."),
        ("CONVERTED_TO_REFUND", Owner.CX, "There is no replacement. Its units are refunded."),
        ("CANCELLED", Owner.CX, "There is no replacement any more."),
    ),
)

TRACK_STATES: Mapping[tuple[Track, str], TrackState] = MappingProxyType(
    {(row.track, row.state): row for row in _STATES}
)
