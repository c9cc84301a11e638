"""Derives the header of a return from its rows, by the same function that the workflow uses."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, func, select, update

from domain.connection import ExchangeOn
from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.exchange import ExchangeUnits, exchanges_due, units_to_exchange
from domain.progress import LineFacts, Progress, ReturnFacts, Stage, derive_progress
from domain.returns import ExchangeWish, PlatformPhase, RefundState, ReturnRef
from store.errors import UnknownReturn
from store.exchange_records import ExposureKind, ExposureState
from store.exchanges import exchanges_of
from store.records import DocumentState, ExceptionState
from store.scope import Scope
from store.tables import BookedUnitsRow, ExceptionRow, RefundRow, ReturnLineRow, ReturnRow
from store.tables_exchange import ExposureRow
from store.tables_ledger import DocumentRow, SlotRow

_STOCK = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)
_PENDING = [state for state in DocumentState if state.pending]
_IN_ERP = [state for state in DocumentState if state.in_erp]


@dataclass(frozen=True)
class Booked:
    """Inspected units per line. `accepted`: those that are worth something, without undecided ones (E22)."""

    inspected: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)


async def read_facts(scope: Scope, ref: ReturnRef) -> ReturnFacts:
    """Everything that the stage of a return depends on. Raises UnknownReturn."""
    return await _facts(scope, ref, await _header(scope, ref))


async def refresh(scope: Scope, ref: ReturnRef, now: datetime | None) -> Progress:
    """Derive and save the header; without a time its last change counts as now. Raises UnknownReturn.

    The header row is locked before the facts are read: of two transactions that change facts of one return,
    the second one to come here sees what the first one did.
    """
    header = await _header(scope, ref, lock=True)
    now = now or header.updated_at
    facts = await _facts(scope, ref, header)
    progress = derive_progress(facts)
    unchanged = progress.waiting_for == header.waiting_for and header.waiting_since is not None
    since = header.waiting_since if unchanged else now
    await scope.change(
        update(ReturnRow)
        .where(col(ReturnRow.connection) == ref.connection, col(ReturnRow.return_id) == ref.return_id)
        .values(
            stage=progress.stage,
            waiting_for=progress.waiting_for,
            waiting_since=since if progress.waiting_for else None,
            exceptions_open=facts.exceptions_open,
            updated_at=now,
            closed_at=(header.closed_at or now) if progress.stage.final else None,
        )
    )
    scope.touched.pop((ref.connection, ref.return_id), None)
    return progress


async def refresh_touched(scope: Scope) -> None:
    """Derive every header again that this transaction may have made wrong, where there is one."""
    latest = max((at for at in scope.touched.values() if at is not None), default=None)
    for connection, return_id in sorted(scope.touched):
        try:
            await refresh(scope, ReturnRef(connection=connection, return_id=return_id), latest)
        except UnknownReturn:
            scope.touched.pop((connection, return_id))


async def _header(scope: Scope, ref: ReturnRef, lock: bool = False) -> ReturnRow:
    query = select(ReturnRow).where(ReturnRow.connection == ref.connection, ReturnRow.return_id == ref.return_id)
    header = await scope.first(query.with_for_update() if lock else query)
    if header is None:
        raise UnknownReturn(f"nothing is known of return {ref}")
    return header


async def _facts(scope: Scope, ref: ReturnRef, header: ReturnRow) -> ReturnFacts:
    documents = await scope.rows(
        select(DocumentRow).where(DocumentRow.connection == ref.connection, DocumentRow.return_id == ref.return_id)
    )
    stock_open = sum(1 for row in documents if row.kind in _STOCK and row.state in _PENDING)
    done = {row.key for row in documents if row.kind == DocumentKind.CREDIT and row.state in _IN_ERP}
    wishes = [ExchangeWish.model_validate(wish) for wish in header.exchanges]
    exchanges = await exchanges_of(scope, ref)
    begun = [exchange.begun for exchange in exchanges]
    lines = await _lines(scope, ref)
    refunds = await _refunds(scope, ref)
    booked = await _booked(scope, ref)
    return ReturnFacts(
        phase=PlatformPhase(header.phase),
        rma_number=header.rma_number,
        ended=Stage(header.ended) if header.ended else None,
        lines=_line_facts(lines, booked, await _credited(scope, ref, lines), wishes, begun),
        stock_open=stock_open,
        reported=header.reported,
        refunds_open=_refunds_open(refunds, done),
        exchanges_open=_exchanges_open(header, lines, booked, wishes, begun),
        differences_owed=sum(1 for exchange in exchanges if exchange.owes_difference),
        notes_unpaid=_notes_unpaid(documents, refunds),
        refunded_unaccepted=await _refunded_unaccepted(scope, ref, lines, booked),
        exceptions_open=await _exceptions_open(scope, ref),
        finance_closed_by_hand=header.finance_closed,
    )


async def _lines(scope: Scope, ref: ReturnRef) -> Sequence[ReturnLineRow]:
    """The lines that the platform has now, in its order."""
    return await scope.rows(
        select(ReturnLineRow)
        .where(ReturnLineRow.connection == ref.connection, ReturnLineRow.return_id == ref.return_id)
        .where(col(ReturnLineRow.removed).is_(False))
        .order_by(col(ReturnLineRow.position))
    )


async def _booked(scope: Scope, ref: ReturnRef) -> Booked:
    """Units that were inspected. Surplus has no line, so it counts for none (E18)."""
    booked = Booked()
    units = select(BookedUnitsRow).where(
        BookedUnitsRow.connection == ref.connection, BookedUnitsRow.return_id == ref.return_id
    )
    for row in await scope.rows(units):
        booked.inspected[row.line_id] += row.quantity
        if Disposition(row.disposition).accepted and row.share:
            booked.accepted[row.line_id] += row.quantity
        if row.share is None:
            booked.undecided[row.line_id] += row.quantity
    return booked


def _line_facts(
    lines: Sequence[ReturnLineRow],
    booked: Booked,
    credited: Counter[str],
    wishes: Sequence[ExchangeWish],
    begun: Sequence[ExchangeUnits],
) -> Sequence[LineFacts]:
    """Units per authorised line. What came beyond the announced quantity owes no credit (E18)."""
    facts = []
    for line in lines:
        accepted = line.quantity if line.keep else min(booked.accepted[line.line_id], line.quantity)
        exchanged = min(units_to_exchange(line.line_id, wishes, begun), accepted)
        facts.append(
            LineFacts(
                expected=0 if line.keep else line.quantity,
                inspected=booked.inspected[line.line_id],
                accepted=accepted - exchanged,
                credited=min(credited[line.line_id], line.quantity),
                undecided=booked.undecided[line.line_id],
            )
        )
    return facts


def _exchanges_open(
    header: ReturnRow,
    lines: Sequence[ReturnLineRow],
    booked: Booked,
    wishes: Sequence[ExchangeWish],
    begun: Sequence[ExchangeUnits],
) -> int:
    """Replacements that must be ordered and are not yet; none before there is an RMA that they belong to."""
    if not header.rma_number:
        return 0
    accepted = {line.line_id: line.quantity if line.keep else booked.accepted[line.line_id] for line in lines}
    due = exchanges_due(wishes, begun, ExchangeOn(header.exchange_on), accepted)
    return len(due) + sum(1 for one in begun if not one.state.final)


async def _credited(scope: Scope, ref: ReturnRef, lines: Sequence[ReturnLineRow]) -> Counter[str]:
    """Credited units per return line."""
    claims = select(SlotRow).where(
        SlotRow.connection == ref.connection,
        SlotRow.return_id == ref.return_id,
        col(SlotRow.credit_key).is_not(None),
    )
    found = [_return_line(slot.line_id, lines) for slot in await scope.rows(claims)]
    return Counter(line_id for line_id in found if line_id is not None)


def _return_line(slot_line_id: str, lines: Sequence[ReturnLineRow]) -> str | None:
    """The return line that a slot line stands for: the same id, else the same SKU, else the same order line.

    Slot lines are ``<line of the snapshot>/<sku>``. A part of a bundle may be on the return under its own
    order line, and a bundle under the bundle's SKU.
    """
    rules: tuple[Callable[[ReturnLineRow], bool], ...] = (
        lambda line: line.line_id == slot_line_id,
        lambda line: slot_line_id.endswith(f"/{line.sku}"),
        lambda line: slot_line_id.startswith(f"{line.order_line_id}/"),
    )
    return next((line.line_id for rule in rules for line in lines if rule(line)), None)


async def _refunds(scope: Scope, ref: ReturnRef) -> Sequence[RefundRow]:
    """Refunds of every state."""
    return await scope.rows(
        select(RefundRow).where(RefundRow.connection == ref.connection, RefundRow.return_id == ref.return_id)
    )


def _refunds_open(refunds: Sequence[RefundRow], credits_done: set[str]) -> int:
    undecided = (refund for refund in refunds if refund.state == RefundState.PAID and not refund.decision)
    return sum(1 for refund in undecided if refund.credit_key not in credits_done)


def _notes_unpaid(documents: Sequence[DocumentRow], refunds: Sequence[RefundRow]) -> int:
    """Credit notes whose refund is still to come, or failed after the note and nobody has decided about it (E43)."""
    settled = [refund for refund in refunds if refund.state == RefundState.PAID or refund.decision]
    answered = {refund.refund_id for refund in settled} | {refund.credit_key for refund in settled}
    notes = (row for row in documents if row.kind == DocumentKind.CREDIT and row.state in _IN_ERP)
    return sum(1 for note in notes if not {note.refund_id, note.key} & answered)


async def _refunded_unaccepted(scope: Scope, ref: ReturnRef, lines: Sequence[ReturnLineRow], booked: Booked) -> int:
    """Units that were credited before their goods came, and whose goods can not be accepted any more (E33)."""
    exposed = await scope.rows(
        select(ExposureRow).where(
            ExposureRow.connection == ref.connection,
            ExposureRow.return_id == ref.return_id,
            ExposureRow.state == ExposureState.OPEN,
            ExposureRow.kind == ExposureKind.REFUND,
        )
    )
    units = Counter(row.line_id for row in exposed)
    to_come = {line.line_id: max(line.quantity - booked.inspected[line.line_id], 0) for line in lines}
    return sum(max(count - to_come.get(line_id, 0) - booked.undecided[line_id], 0) for line_id, count in units.items())


async def _exceptions_open(scope: Scope, ref: ReturnRef) -> int:
    count = await scope.first(
        select(func.count())
        .select_from(ExceptionRow)
        .where(
            ExceptionRow.connection == ref.connection,
            ExceptionRow.return_id == ref.return_id,
            ExceptionRow.state == ExceptionState.OPEN,
        )
    )
    return count or 0
