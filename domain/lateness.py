"""When something is late: the agreed time has passed, not counting the time in a batch window's line (R89, E64)."""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.limits import Limits


class StuckKind(StrEnum):
    """What takes too long. Each is reported once for as long as it lasts."""

    RMA = "rma"  # authorised, and the ERP has no RMA (R15)
    STOCK = "stock"  # inspected, and the ERP has no stock document (R30)
    CREDIT = "credit"  # refunded, and the ERP has no credit note (R47, N3)
    NOTE_AGE = "note_age"  # the same for so long that it becomes a matter of law (U34)
    EXCHANGE = "exchange"  # the customer was told yes, and there is no order (R65)
    STAGE = "stage"  # nothing has moved in this stage (R89)
    UNDELIVERED = "undelivered"  # webhooks were accepted, and no workflow was told of them (R2)


def overdue(
    since: datetime, limit: timedelta, now: datetime, waited: timedelta = timedelta(), window_at: datetime | None = None
) -> bool:
    """Whether the agreed time is over.

    waited: time since then that belongs to windows, and not to anybody who is late
    window_at: opening of the window that the document waits for: nothing is late before it
    """
    if window_at is not None and window_at > now:
        return False
    return now - since - waited >= limit


def agreed_limit(limits: Limits, kind: StuckKind) -> timedelta:
    """How long a document of this kind may take at a connection. KeyError for what is no document."""
    return {
        StuckKind.RMA: limits.rma,
        StuckKind.STOCK: limits.stock,
        StuckKind.CREDIT: limits.credit,
        StuckKind.NOTE_AGE: limits.note_age,
        StuckKind.EXCHANGE: limits.exchange,
    }[kind]
