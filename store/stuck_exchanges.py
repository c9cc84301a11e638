"""Replacements that were promised and not ordered (R65), and money whose cover ends though its return has (N11)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import and_, col, exists, func, select

from domain.connection import ExchangeOn
from domain.dispositions import Disposition
from domain.exceptions import ExceptionCode, Track
from domain.exchange import ExchangeState, ExchangeUnits, exchanges_due
from domain.money import Money
from domain.progress import Stage
from domain.returns import ExchangeWish, PlatformPhase, ReturnKind, ReturnRef
from store.candidates import candidate
from store.exchange_records import ExposureState
from store.records import ExceptionState
from store.scope import Scope
from store.stuck import PAGE
from store.sweep_records import Candidate, CandidatePage, Cursor, LapsingExposure
from store.tables import BookedUnitsRow, ExceptionRow, InspectionRow, ReturnRow
from store.tables_exchange import ExchangeRow, ExposureRow
from store.tables_ledger import DocumentRow

_FINAL = [stage for stage in Stage if stage.final]
_SWAPPED = (ReturnKind.EXCHANGE, ReturnKind.MIXED)
_SAID_ALREADY = (
    ExceptionCode.EXPOSURE_DUE,
    ExceptionCode.EXCHANGE_EXPOSURE,
    ExceptionCode.REFUND_EXCEEDS_ACCEPTED,
    ExceptionCode.LOST_PARCEL,
)


class StuckExchanges:
    """What of exchanges and exposure may take too long, in one transaction; it only reads."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def exchanges(self, connection: str, before: datetime, after: Cursor = None) -> CandidatePage:
        """Wishes that should have their order and have none, of returns whose exchange is not parked.

        One that waits for the customer's money was not confirmed yet.
        """
        parked = exists().where(
            col(ExceptionRow.connection) == ReturnRow.connection,
            col(ExceptionRow.return_id) == ReturnRow.return_id,
            col(ExceptionRow.state) == ExceptionState.OPEN,
            col(ExceptionRow.track) == Track.EXCHANGE,
        )
        query = (
            select(ReturnRow)
            .where(
                ReturnRow.connection == connection,
                col(ReturnRow.kind).in_(_SWAPPED),
                col(ReturnRow.stage).not_in(_FINAL),
                ReturnRow.phase != PlatformPhase.DRAFT,
                ReturnRow.created_at <= before,
                ~parked,
            )
            .order_by(col(ReturnRow.return_id))
            .limit(PAGE)
        )
        if after:
            query = query.where(col(ReturnRow.return_id) > after[0])
        headers = await self._scope.rows(query)
        ids = [header.return_id for header in headers]
        begun, accepted = await self._begun(connection, ids), await self._accepted(connection, ids)
        inspected = await self._inspected_at(connection, ids)
        items: list[Candidate] = []
        for header in headers:
            came = inspected.get(header.return_id)
            since = came if header.exchange_on == ExchangeOn.ACCEPTANCE and came else _confirmed(header)
            units = accepted.get(header.return_id, Counter())
            items += _missing(header, begun.get(header.return_id, []), units, since)
        following = (ids[-1], "") if len(ids) == PAGE else None
        return CandidatePage(items=[one for one in items if one.since <= before], after=following)

    async def lapsing(
        self, connection: str, until: datetime, after: Cursor = None
    ) -> tuple[list[LapsingExposure], Cursor]:
        """Open exposure of returns that have ended, whose cover ends before `until` and that no exception tells of."""
        said = exists().where(
            col(ExceptionRow.connection) == ExposureRow.connection,
            col(ExceptionRow.return_id) == ExposureRow.return_id,
            col(ExceptionRow.state) == ExceptionState.OPEN,
            col(ExceptionRow.code).in_(_SAID_ALREADY),
            col(ExceptionRow.track).is_not(None),
        )
        ended = and_(
            col(ReturnRow.connection) == ExposureRow.connection, col(ReturnRow.return_id) == ExposureRow.return_id
        )
        ids = (
            select(ExposureRow.return_id)
            .join(ReturnRow, ended)
            .where(
                ExposureRow.connection == connection,
                ExposureRow.state == ExposureState.OPEN,
                col(ExposureRow.cover_until) <= until,
                col(ReturnRow.stage).in_(_FINAL),
                ~said,
            )
            .distinct()
            .order_by(ExposureRow.return_id)
            .limit(PAGE)
        )
        if after:
            ids = ids.where(ExposureRow.return_id > after[0])
        found = await self._scope.rows(ids)
        return await self._exposed(connection, found), (found[-1], "") if len(found) == PAGE else None

    async def _exposed(self, connection: str, return_ids: Sequence[str]) -> list[LapsingExposure]:
        """The open exposure of these returns, unit by unit put together."""
        ended = and_(
            col(ReturnRow.connection) == ExposureRow.connection, col(ReturnRow.return_id) == ExposureRow.return_id
        )
        query = (
            select(ExposureRow, ReturnRow.stage)
            .join(ReturnRow, ended)
            .where(ExposureRow.connection == connection, ExposureRow.state == ExposureState.OPEN)
            .where(col(ExposureRow.return_id).in_(return_ids))
            .order_by(ExposureRow.return_id, col(ExposureRow.id))
        )
        found: dict[str, list[tuple[ExposureRow, str]]] = {}
        for exposure, stage in await self._scope.tuples(query):
            found.setdefault(exposure.return_id, []).append((exposure, stage))
        return [_lapsing(rows) for rows in found.values()]

    async def _begun(
        self, connection: str, return_ids: Sequence[str]
    ) -> dict[str, list[tuple[ExchangeRow, DocumentRow | None]]]:
        """Return → its replacements, each with its document."""
        query = (
            select(ExchangeRow, DocumentRow)
            .join(DocumentRow, col(DocumentRow.key) == ExchangeRow.key, isouter=True)
            .where(ExchangeRow.connection == connection, col(ExchangeRow.return_id).in_(return_ids))
            .order_by(col(ExchangeRow.return_id), col(ExchangeRow.number))
        )
        found: dict[str, list[tuple[ExchangeRow, DocumentRow | None]]] = {}
        for exchange, document in await self._scope.tuples(query):
            found.setdefault(exchange.return_id, []).append((exchange, document))
        return found

    async def _accepted(self, connection: str, return_ids: Sequence[str]) -> dict[str, Counter[str]]:
        """Return → line → accepted units that are worth something."""
        accepted = [disposition for disposition in Disposition if disposition.accepted]
        query = (
            select(BookedUnitsRow.return_id, BookedUnitsRow.line_id, func.sum(BookedUnitsRow.quantity))
            .where(BookedUnitsRow.connection == connection, col(BookedUnitsRow.return_id).in_(return_ids))
            .where(col(BookedUnitsRow.disposition).in_(accepted), col(BookedUnitsRow.share) > 0)
            .group_by(BookedUnitsRow.return_id, BookedUnitsRow.line_id)
        )
        found: dict[str, Counter[str]] = {}
        for return_id, line_id, units in await self._scope.tuples(query):
            found.setdefault(return_id, Counter())[line_id] += units
        return found

    async def _inspected_at(self, connection: str, return_ids: Sequence[str]) -> Mapping[str, datetime]:
        query = (
            select(InspectionRow.return_id, func.max(InspectionRow.saved_at))
            .where(InspectionRow.connection == connection, col(InspectionRow.return_id).in_(return_ids))
            .group_by(InspectionRow.return_id)
        )
        return dict(await self._scope.tuples(query))


def _lapsing(rows: Sequence[tuple[ExposureRow, str]]) -> LapsingExposure:
    """The units of one return together."""
    sums: Counter[str] = Counter()
    units: Counter[str] = Counter()
    for exposure, _ in rows:
        sums[exposure.currency] += exposure.amount
        units[exposure.line_id] += 1
    first, stage = rows[0]
    return LapsingExposure(
        ref=ReturnRef(connection=first.connection, return_id=first.return_id),
        stage=Stage(stage),
        cover_until=min(exposure.cover_until for exposure, _ in rows if exposure.cover_until is not None),
        amounts=[Money(amount=sums[currency], currency=currency) for currency in sorted(sums)],
        units=dict(units),
    )


def _confirmed(header: ReturnRow) -> datetime:
    return header.authorised_at or header.created_at


def _missing(
    header: ReturnRow,
    begun: Sequence[tuple[ExchangeRow, DocumentRow | None]],
    accepted: Counter[str],
    since: datetime,
) -> list[Candidate]:
    """The wishes of one return that should have an order now and have none."""
    wishes = [ExchangeWish.model_validate(wish) for wish in header.exchanges]
    units = [ExchangeUnits.model_validate(row.model_dump(include=set(ExchangeUnits.model_fields))) for row, _ in begun]
    due = {one.wish.exchange_id for one in exchanges_due(wishes, units, ExchangeOn(header.exchange_on), accepted)}
    requested = {row.exchange_id: found for row, found in begun if row.state == ExchangeState.REQUESTED}
    return [candidate(header, name, since, requested.get(name)) for name in sorted(due | set(requested))]
