"""Where each track of a return stands, what it waits for and since when (R87), from what the store knows.

Words of domain.md 5.2. A parked track says PARKED, whatever else is true of it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from desk.exchanges import uncovered
from domain.connection import ExchangeOn
from domain.documents import DocumentKind
from domain.exceptions import Track
from domain.exchange import ExchangeState
from domain.model import Value
from domain.money import Money
from domain.progress import ReturnFacts
from domain.returns import PlatformPhase, RefundState, ReturnKind
from store.exchange_records import ExchangeRecord
from store.records import DocumentRecord, DocumentState, ExceptionRecord, RefundRecord, ReturnRecord

_STOCK = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)


class TrackView(Value):
    """One track. `until` is set where a deadline ends the waiting."""

    track: Track
    state: str
    waits_for: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Known:
    """What the store knows about one return. `exceptions` are the open ones."""

    record: ReturnRecord
    facts: ReturnFacts
    documents: Sequence[DocumentRecord]
    refunds: Sequence[RefundRecord]
    exchanges: Sequence[ExchangeRecord]
    exceptions: Sequence[ExceptionRecord]

    def latest(self, *kinds: DocumentKind) -> DocumentRecord | None:
        """The document of these kinds that changed last."""
        return max(self.of(*kinds), key=lambda document: document.updated_at, default=None)

    def of(self, *kinds: DocumentKind) -> list[DocumentRecord]:
        """All documents of these kinds."""
        return [document for document in self.documents if document.kind in kinds]


def track_views(known: Known) -> list[TrackView]:
    """The tracks, in the order in which a return goes through them; exchange only where there is one."""
    derive: dict[Track, Callable[[Known], TrackView]] = {
        Track.PLATFORM: _platform,
        Track.RMA: _rma,
        Track.GOODS: _goods,
        Track.FINANCE: _finance,
    }
    if known.record.exchanges or known.exchanges:
        derive[Track.EXCHANGE] = _exchange
    return [_parked(known, track) or view(known) for track, view in derive.items()]


def _parked(known: Known, track: Track) -> TrackView | None:
    """The oldest exception that stops the track."""
    stopping = [exception for exception in known.exceptions if exception.track is track]
    first = min(stopping, key=lambda exception: exception.opened_at, default=None)
    if first is None:
        return None
    waits_for = f"{first.owner} to decide {first.code} ({first.id})"
    return TrackView(track=track, state="PARKED", waits_for=waits_for, since=first.opened_at)


def _platform(known: Known) -> TrackView:
    record, facts = known.record, known.facts
    waits_for = ""
    if facts.ended is None and facts.phase is PlatformPhase.DRAFT:
        waits_for = "the customer to finish the request"
    elif facts.ended is None and _all_inspected(facts) and not facts.reported:
        waits_for = "the platform to take the inspection result"
    state = record.platform_status.upper() or facts.phase.upper()
    return TrackView(track=Track.PLATFORM, state=state, waits_for=waits_for, since=record.updated_at)


def _rma(known: Known) -> TrackView:
    document = known.latest(DocumentKind.RMA, DocumentKind.RMA_CANCELLATION)
    since = document.updated_at if document else known.record.created_at
    if document and document.kind is DocumentKind.RMA_CANCELLATION and document.state.in_erp:
        return TrackView(track=Track.RMA, state="CANCELLED_IN_ERP", since=since)
    if known.record.rma_number:
        state = "CLOSED" if known.record.closed_at else "CREATED"
        return TrackView(track=Track.RMA, state=state, since=since)
    if known.facts.ended is not None:
        return TrackView(track=Track.RMA, state="NONE", since=since)
    if document and document.state.pending:
        return _pending(Track.RMA, document, "the ERP to open the RMA")
    waits_for = "" if known.facts.phase is PlatformPhase.DRAFT else "the checks of the order"
    return TrackView(track=Track.RMA, state="NONE", waits_for=waits_for, since=since)


def _goods(known: Known) -> TrackView:
    facts, record = known.facts, known.record
    stock = known.latest(*_STOCK)
    since = stock.updated_at if stock else record.created_at
    expected = sum(line.expected for line in facts.lines)
    inspected = sum(min(line.inspected, line.expected) for line in facts.lines)
    pending = next((document for document in known.of(*_STOCK) if document.state.pending), None)
    if pending is not None:
        return _pending(Track.GOODS, pending, "the ERP to book the stock")
    if facts.ended is not None and not inspected:
        return TrackView(track=Track.GOODS, state="NOT_REQUIRED", since=record.closed_at)
    if facts.lines and not expected:
        return TrackView(track=Track.GOODS, state="NOT_REQUIRED", since=record.created_at)
    if inspected >= expected > 0:
        return TrackView(track=Track.GOODS, state="INSPECTED", since=since)
    state = "PARTLY_RECEIVED" if inspected else _travel(facts.phase)
    waits_for = f"the warehouse to inspect {expected - inspected} of {expected} unit(s)"
    return TrackView(track=Track.GOODS, state=state, waits_for=waits_for, since=since, until=record.deadline)


def _finance(known: Known) -> TrackView:
    facts, record = known.facts, known.record
    credit = known.latest(DocumentKind.CREDIT, DocumentKind.CREDIT_CANCELLATION)
    since = credit.updated_at if credit else _last(refund.first_seen_at for refund in known.refunds)
    pending = next((d for d in known.of(DocumentKind.CREDIT) if d.state.pending), None)
    if pending is not None:
        return _pending(Track.FINANCE, pending, "the ERP to post the credit note")
    if facts.refunds_open:
        waits_for = f"the check of {facts.refunds_open} refund(s)"
        return TrackView(track=Track.FINANCE, state="CHECKING", waits_for=waits_for, since=since)
    if facts.finance_closed_by_hand:
        return TrackView(track=Track.FINANCE, state="CLOSED_BY_HAND", since=since or record.updated_at)
    owed = sum(max(line.accepted - line.credited, 0) for line in facts.lines) + facts.differences_owed
    if owed and facts.ended is None:
        paying = any(refund.state is RefundState.PENDING for refund in known.refunds)
        waits_for = "the platform to pay the refund" if paying else "the platform to confirm the refund"
        return TrackView(
            track=Track.FINANCE, state="AWAITING_REFUND", waits_for=waits_for, since=since or record.waiting_since
        )
    if credit is not None:
        return TrackView(track=Track.FINANCE, state=_of_note(credit), since=since)
    if record.stage.final:
        return TrackView(track=Track.FINANCE, state="NOTHING_DUE", since=record.closed_at)
    if record.kind is ReturnKind.EXCHANGE and not any(one.state.refundable for one in known.exchanges):
        return TrackView(track=Track.FINANCE, state="NOTHING_DUE", since=record.created_at)
    waits_for = "units to be accepted"
    return TrackView(track=Track.FINANCE, state="AWAITING_REFUND", waits_for=waits_for, since=record.created_at)


def _of_note(credit: DocumentRecord) -> str:
    if credit.kind is DocumentKind.CREDIT_CANCELLATION:
        return "VOIDED"
    return "CLOSED_BY_HAND" if credit.state is DocumentState.ABANDONED else "CREDITED"


def _exchange(known: Known) -> TrackView:
    """The exchange that has the longest way to go; an unpaid one before all others."""
    record, units = known.record, known.exchanges
    unpaid = next((one for one in units if one.state is ExchangeState.AWAITING_PAYMENT), None)
    if unpaid is not None:
        waits_for = f"the customer to pay {Money(amount=unpaid.value.due, currency=unpaid.currency)} on the platform"
        return TrackView(track=Track.EXCHANGE, state="AWAITING_PAYMENT", waits_for=waits_for, since=unpaid.updated_at)
    requested = next((one for one in units if not one.state.final), None)
    if requested is not None:
        document = next((d for d in known.of(DocumentKind.EXCHANGE) if d.key == requested.key), None)
        if document is not None and document.state.pending:
            return _pending(Track.EXCHANGE, document, "the ERP to order the replacement")
    if known.facts.exchanges_open and not record.stage.final:
        since = requested.updated_at if requested else record.waiting_since or record.created_at
        waits_for = "the check of the replacement"
        return TrackView(track=Track.EXCHANGE, state="CHECKING", waits_for=waits_for, since=since)
    return _exchange_at_rest(known)


def _exchange_at_rest(known: Known) -> TrackView:
    """Nothing is to be ordered now: not yet, or not any more."""
    record, states = known.record, {one.state for one in known.exchanges}
    since = _last(one.updated_at for one in known.exchanges) or record.created_at
    wished = any(uncovered(wish, known.exchanges) for wish in record.exchanges)
    if wished and not record.stage.final and not _all_inspected(known.facts):
        accepting = record.rma_number and record.exchange_on is ExchangeOn.ACCEPTANCE
        waits_for = "units to be accepted" if accepting else "the RMA in the ERP"
        return TrackView(track=Track.EXCHANGE, state="REQUESTED", waits_for=waits_for, since=since)
    best = (ExchangeState.ORDERED, ExchangeState.CONVERTED_TO_REFUND)
    state = next((state for state in best if state in states), ExchangeState.CANCELLED)
    return TrackView(track=Track.EXCHANGE, state=state, since=since)


def _pending(track: Track, document: DocumentRecord, waits_for: str) -> TrackView:
    if document.state is DocumentState.QUEUED and document.window_at is not None:
        window = f"the window at {document.window_at:%Y-%m-%d %H:%M} UTC"
        text = f"the ERP's answer to file {document.batch} of {window}" if document.batch else window
        since, until = document.created_at, document.window_at
        return TrackView(track=track, state="QUEUED", waits_for=text, since=since, until=until)
    return TrackView(track=track, state="POSTING", waits_for=waits_for, since=document.created_at)


def _travel(phase: PlatformPhase) -> str:
    arrived = (PlatformPhase.RECEIVED, PlatformPhase.IN_REVIEW)
    if phase in arrived:
        return "RECEIVED"
    return "IN_TRANSIT" if phase is PlatformPhase.IN_TRANSIT else "EXPECTED"


def _all_inspected(facts: ReturnFacts) -> bool:
    return bool(facts.lines) and all(line.inspected >= line.expected for line in facts.lines)


def _last(times: Iterable[datetime]) -> datetime | None:
    return max(times, default=None)
