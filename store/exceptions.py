"""The exception queue: one place for everything that waits for a person (R67, R69, D4)."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue
from sqlmodel import col, func, select, update

from domain.catalogue import owner_of
from domain.exceptions import ExceptionCode, Owner
from domain.resolution import Proposal, Resolution
from domain.returns import ReturnRef
from store.errors import NotOpen, StaleVersion, UnknownException
from store.exception_rows import to_record, to_row
from store.records import ExceptionRecord, ExceptionState, OpenException
from store.scope import Scope
from store.tables import ExceptionRow
from store.trail import Trail

_SYSTEM = "system"
_CONNECTION_STEP = "connection"


class Exceptions:
    """Exceptions of one transaction. Opening and deciding also write timeline and audit."""

    def __init__(self, scope: Scope, trail: Trail) -> None:
        self._scope = scope
        self._trail = trail

    async def open(self, item: OpenException) -> ExceptionRecord:
        """Park a track. The same id again gives the row as it is now, decided or not."""
        if await self._scope.insert_new(ExceptionRow, to_row(item, owner_of(item.code))):
            await self._note_opened(item)
        return await self._read(item.id)

    async def resolve(
        self, exception_id: str, version: int | None, resolution: Resolution, now: datetime
    ) -> ExceptionRecord:
        """Write down a decision. The very same decision again gives the decided row (E67).

        `version` None: the return's workflow has accepted the decision already; it knows nothing of proposals.
        Raises UnknownException, NotOpen when it was decided otherwise, StaleVersion when it changed since.
        """
        before = await self._read(exception_id, lock=True)
        if before.state is not ExceptionState.OPEN and before.resolution == resolution:
            return before
        _check_open(before, version)
        await self._close(before, ExceptionState.RESOLVED, resolution, now)
        return await self._read(exception_id)

    async def propose(self, exception_id: str, version: int, proposal: Proposal) -> ExceptionRecord:
        """Keep the first person's decision for a second person; it takes the place of an earlier one.

        Raises UnknownException, NotOpen, StaleVersion.
        """
        before = await self._read(exception_id, lock=True)
        _check_open(before, version)
        kept = proposal.model_dump(mode="json")
        changed = {"proposal": kept, "version": before.version + 1}
        await self._scope.change(update(ExceptionRow).where(col(ExceptionRow.id) == before.id).values(**changed))
        detail = {**kept, "instead_of": before.proposal.model_dump(mode="json") if before.proposal else None}
        text = f"{before.code}: {proposal.kind} proposed by {proposal.actor}; a second person has to confirm it"
        action = "exception.proposed"
        await self._trail.note(
            before.id, before.ref, action, text, proposal.actor, detail, proposal.at, nth=before.version
        )
        return await self._read(exception_id)

    async def escalate(self, exception_id: str, level: int, asked: str, now: datetime) -> bool:
        """Lift an open exception to the next level; whether it was done. Once per level, whoever calls how often.

        `asked`: whose turn it is now. The version stays: what was decided about has not changed.
        """
        lifted = await self._scope.change(
            update(ExceptionRow)
            .where(col(ExceptionRow.id) == exception_id, col(ExceptionRow.state) == ExceptionState.OPEN)
            .where(col(ExceptionRow.level) == level - 1)
            .values(level=level, escalated_at=now)
        )
        if lifted:
            after = await self._read(exception_id)
            text = f"{after.code} waits for a decision since {after.opened_at:%Y-%m-%d %H:%M} UTC: {asked} is asked now"
            detail: Mapping[str, JsonValue] = {"level": level, "asked": asked}
            await self._trail.note(after.id, after.ref, "exception.escalated", text, _SYSTEM, detail, now, nth=level)
        return bool(lifted)

    async def clear(self, exception_id: str, now: datetime) -> ExceptionRecord:
        """The return moved on without a decision; what was decided stays. Raises UnknownException."""
        before = await self._read(exception_id, lock=True)
        if before.state is not ExceptionState.OPEN:
            return before
        await self._close(before, ExceptionState.CLEARED, None, now)
        return await self._read(exception_id)

    async def open_for_connection(
        self,
        connection: str,
        code: ExceptionCode,
        reason: str,
        now: datetime,
        *,
        system: str = _CONNECTION_STEP,
    ) -> ExceptionRecord:
        """Raise trouble of a whole connection. While one is open for this code and system, that is given (E63).

        `system` tells the connection's two sides apart: one may be down while the other works.
        """
        known = await self.open_of_connection(connection, code, system)
        if known is not None:
            return known
        item = OpenException(
            id=f"{connection}/{code}/{system}/{await self._count(connection, code, system) + 1}",
            connection=connection,
            return_id=None,
            code=code,
            step=system,
            reason=reason,
            payload={"system": system},
            now=now,
        )
        if await self._scope.insert_new(ExceptionRow, to_row(item, owner_of(code))):
            await self._note_opened(item)
        opened = await self.open_of_connection(connection, code, system)
        return opened or await self._read(item.id)

    async def clear_connection(
        self, connection: str, code: ExceptionCode, now: datetime, *, system: str = _CONNECTION_STEP
    ) -> bool:
        """The connection works again, or this side of it; whether something was open."""
        known = await self.open_of_connection(connection, code, system, lock=True)
        if known is not None:
            await self._close(known, ExceptionState.CLEARED, None, now)
        return known is not None

    async def cleared_for_connection(self, connection: str, code: ExceptionCode, system: str, since: datetime) -> bool:
        """Whether such trouble ended after `since`: what began before that says nothing of now."""
        query = select(ExceptionRow.id).where(
            ExceptionRow.connection == connection,
            ExceptionRow.code == code,
            ExceptionRow.step == system,
            ExceptionRow.state == ExceptionState.CLEARED,
            col(ExceptionRow.return_id).is_(None),
            col(ExceptionRow.resolved_at) > since,
        )
        return await self._scope.first(query) is not None

    async def get(self, exception_id: str) -> ExceptionRecord | None:
        """The exception with this id, or None."""
        row = await self._scope.first(select(ExceptionRow).where(ExceptionRow.id == exception_id))
        return to_record(row) if row else None

    async def list(
        self,
        state: ExceptionState | None = None,
        owner: Owner | None = None,
        connection: str | None = None,
        return_id: str | None = None,
        limit: int = 200,
    ) -> list[ExceptionRecord]:
        """Up to `limit` exceptions that fit all given filters, the oldest first: they are the most urgent."""
        wanted = {"state": state, "owner": owner, "connection": connection, "return_id": return_id}
        query = select(ExceptionRow).order_by(col(ExceptionRow.opened_at), col(ExceptionRow.id)).limit(limit)
        for name, value in wanted.items():
            if value is not None:
                query = query.where(getattr(ExceptionRow, name) == value)
        return [to_record(row) for row in await self._scope.rows(query)]

    async def _close(
        self, before: ExceptionRecord, state: ExceptionState, resolution: Resolution | None, now: datetime
    ) -> None:
        decision = resolution.model_dump(mode="json") if resolution else None
        await self._scope.change(
            update(ExceptionRow)
            .where(col(ExceptionRow.id) == before.id)
            .values(state=state, version=before.version + 1, resolved_at=now, resolution=decision, proposal=None)
        )
        detail: Mapping[str, JsonValue] = decision or {}
        actor = resolution.actor if resolution else _SYSTEM
        text = f"{before.code}: {resolution.kind} by {_who(resolution)}" if resolution else f"{before.code} is over"
        await self._trail.note(before.id, before.ref, f"exception.{state}", text, actor, detail, now)
        self._touch(before.ref, now)

    async def _note_opened(self, item: OpenException) -> None:
        ref = ReturnRef(connection=item.connection, return_id=item.return_id) if item.return_id else None
        text = f"{item.code}: {item.reason}"
        await self._trail.note(item.id, ref, "exception.opened", text, _SYSTEM, {"step": item.step}, item.now)
        self._touch(ref, item.now)

    def _touch(self, ref: ReturnRef | None, now: datetime) -> None:
        if ref is not None:
            self._scope.touch(ref, now)

    async def _read(self, exception_id: str, lock: bool = False) -> ExceptionRecord:
        query = select(ExceptionRow).where(ExceptionRow.id == exception_id)
        row = await self._scope.first(query.with_for_update() if lock else query)
        if row is None:
            raise UnknownException(f"no exception has the id {exception_id}")
        return to_record(row)

    async def open_of_connection(
        self, connection: str, code: ExceptionCode, system: str, lock: bool = False
    ) -> ExceptionRecord | None:
        """The open exception of this code and side of the connection, or None."""
        query = select(ExceptionRow).where(
            ExceptionRow.connection == connection,
            ExceptionRow.code == code,
            ExceptionRow.step == system,
            ExceptionRow.state == ExceptionState.OPEN,
            col(ExceptionRow.return_id).is_(None),
        )
        row = await self._scope.first(query.with_for_update() if lock else query)
        return to_record(row) if row else None

    async def _count(self, connection: str, code: ExceptionCode, system: str) -> int:
        query = (
            select(func.count())
            .select_from(ExceptionRow)
            .where(
                ExceptionRow.connection == connection,
                ExceptionRow.code == code,
                ExceptionRow.step == system,
                col(ExceptionRow.return_id).is_(None),
            )
        )
        return await self._scope.first(query) or 0


def _check_open(record: ExceptionRecord, version: int | None) -> None:
    if record.state is not ExceptionState.OPEN:
        raise NotOpen(f"exception {record.id} is {record.state} since {record.resolved_at}")
    if version is not None and record.version != version:
        raise StaleVersion(f"exception {record.id} has version {record.version}, not {version}")


def _who(resolution: Resolution) -> str:
    return f"{resolution.actor}, proposed by {resolution.proposed_by}" if resolution.proposed_by else resolution.actor
