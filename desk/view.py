"""Everything that a person may want to see of one return, as one value (R14, R86, R87)."""

from datetime import datetime

from pydantic import JsonValue

from desk.exchanges import ExchangeView, exchange_views
from desk.exposure import ExposureView, exposure_views
from desk.tracks import Known, TrackView, track_views
from domain.catalogue import CATALOGUE
from domain.documents import DocumentKind
from domain.exceptions import ResolutionKind
from domain.model import Value
from domain.money import Money
from domain.progress import Stage
from domain.resolution import Proposal
from domain.returns import PlatformPhase, ReturnKind, ReturnLine, ReturnRef
from store import Store, Unit
from store.exchange_records import ExposureState
from store.records import (
    DocumentLine,
    DocumentRecord,
    DocumentState,
    ExceptionRecord,
    ExceptionState,
    RefundRecord,
    ReturnRecord,
    TimelineEntry,
)


class LineView(Value):
    """A line that the warehouse can expect: what was announced, and what came of it."""

    line_id: str
    order_line_id: str
    sku: str
    expected: int
    inspected: int
    accepted: int
    credited: int
    reason: str


class DocumentView(Value):
    """An ERP document. `total` is in minor units of `currency`, for credits."""

    kind: DocumentKind
    number: str
    state: DocumentState
    key: str
    depot: str
    lines: list[DocumentLine]
    total: int | None
    currency: str
    reason: str
    at: datetime


class ExceptionView(Value):
    """A parked track, and how it may be decided. `group`: the id of its root cause.

    amount, units: what it is about, None where it does not say; level: how often it was escalated
    proposal: a first person's decision that waits for a second person
    """

    id: str
    version: int
    code: str
    title: str
    owner: str
    track: str | None
    step: str
    state: ExceptionState
    reason: str
    payload: dict[str, JsonValue]
    opened_at: datetime
    resolved_at: datetime | None
    amount: Money | None
    units: int | None
    level: int
    proposal: Proposal | None
    return_id: str | None
    connection: str
    group: str
    resolutions: tuple[ResolutionKind, ...]


class ReturnView(Value):
    """One return. `until` is the deadline for goods that are still to come; `exposure` is what is open of it."""

    return_id: str
    connection: str
    order_number: str
    kind: ReturnKind
    stage: Stage
    waits_for: str
    since: datetime | None
    until: datetime | None
    platform_status: str
    phase: PlatformPhase
    tracking_number: str
    rma_number: str
    standalone: bool
    created_at: datetime
    closed_at: datetime | None
    tracks: list[TrackView]
    lines: list[LineView]
    documents: list[DocumentView]
    refunds: list[RefundRecord]
    exchanges: list[ExchangeView]
    exposure: list[ExposureView]
    exceptions: list[ExceptionView]
    timeline: list[TimelineEntry]


async def find_views(store: Store, any_id: str) -> list[ReturnView]:
    """All returns with this id, the latest change first; empty when there is none."""
    async with store.reading() as unit:
        return [await _view(unit, record) for record in await unit.returns.find(any_id)]


async def read_view(store: Store, ref: ReturnRef) -> ReturnView | None:
    """One return; None when nothing is known of it."""
    async with store.reading() as unit:
        record = await unit.returns.get(ref)
        return await _view(unit, record) if record else None


def exception_view(record: ExceptionRecord) -> ExceptionView:
    """A row of the queue with its texts from the catalogue."""
    entry = CATALOGUE[record.code]
    own = record.model_dump(include=set(ExceptionView.model_fields))
    known = {"title": entry.title, "group": record.cause, "resolutions": entry.resolutions}
    return ExceptionView(**{**own, **known})


async def _view(unit: Unit, record: ReturnRecord) -> ReturnView:
    ref = record.ref
    exceptions = await _exceptions(unit, ref)
    known = Known(
        record=record,
        facts=await unit.returns.facts(ref),
        documents=await unit.documents.for_return(ref),
        refunds=await unit.returns.refunds(ref),
        exchanges=await unit.exchanges.for_return(ref),
        exceptions=[item for item in exceptions if item.state is ExceptionState.OPEN],
    )
    exposed = [row for row in await unit.exposures.of(ref) if row.state is ExposureState.OPEN]
    open_lines = not record.stage.final and any(line.inspected < line.expected for line in known.facts.lines)
    return ReturnView(
        return_id=ref.return_id,
        connection=ref.connection,
        order_number=record.order_number,
        kind=record.kind,
        stage=record.stage,
        waits_for=record.waiting_for,
        since=record.waiting_since,
        until=record.deadline if open_lines else None,
        platform_status=record.platform_status,
        phase=record.phase,
        tracking_number=record.tracking_number,
        rma_number=record.rma_number,
        standalone=record.standalone,
        created_at=record.created_at,
        closed_at=record.closed_at,
        tracks=track_views(known),
        lines=_lines(await unit.returns.lines(ref), known),
        documents=[_document(document) for document in known.documents],
        refunds=list(known.refunds),
        exchanges=exchange_views(record, known.exchanges),
        exposure=exposure_views(exposed),
        exceptions=[exception_view(item) for item in exceptions],
        timeline=await unit.timeline.list(ref),
    )


async def _exceptions(unit: Unit, ref: ReturnRef) -> list[ExceptionRecord]:
    return await unit.exceptions.list(connection=ref.connection, return_id=ref.return_id)


def _lines(lines: list[ReturnLine], known: Known) -> list[LineView]:
    """The store gives lines and their facts in one order."""
    return [
        LineView(
            line_id=line.line_id,
            order_line_id=line.order_line_id,
            sku=line.sku,
            expected=fact.expected,
            inspected=fact.inspected,
            accepted=fact.accepted,
            credited=fact.credited,
            reason=line.reason,
        )
        for line, fact in zip(lines, known.facts.lines, strict=True)
    ]


def _document(record: DocumentRecord) -> DocumentView:
    own = record.model_dump(include=set(DocumentView.model_fields))
    return DocumentView(**{**own, "at": record.updated_at})
