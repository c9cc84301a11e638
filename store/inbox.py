"""The inbox: every verified webhook once, for ever, until its return's workflow was told (design 3.1)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select, update

from domain.returns import Delivery
from store.records import Acceptance, Backlog, PendingPoke, PokeOutcome
from store.scope import Scope
from store.tables_ledger import InboxRow

_WAITING = "waiting"
_IGNORED = "ignored"
_REACHED = ("started", "signalled", "after_close")


class Inbox:
    """Deliveries of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def accept(
        self, connection: str, delivery: Delivery, digest: str, traceparent: str, now: datetime
    ) -> Acceptance:
        """Keep a delivery. The same id again changes nothing; CONFLICT when its digest differs (E1, E3).

        A delivery that names no return is kept as evidence, and is never due.
        """
        row = {
            "connection": connection,
            "delivery_id": delivery.delivery_id,
            "event": delivery.event,
            "return_id": delivery.return_id,
            "occurred_at": delivery.occurred_at,
            "digest": digest,
            "traceparent": traceparent,
            "received_at": now,
            "due_at": now,
            "state": _WAITING if delivery.return_id else _IGNORED,
        }
        if await self._scope.insert_new(InboxRow, row):
            return Acceptance.NEW
        return await self._repeat(connection, delivery.delivery_id, digest)

    async def due(self, now: datetime, limit: int) -> list[PendingPoke]:
        """Up to `limit` returns to poke, the longest waiting first.

        A return is due when any of its deliveries is; its poke settles all that wait, postponed ones too.
        Nothing is claimed: two dispatchers may poke one return, which is harmless.
        """
        groups = await self._scope.tuples(
            select(InboxRow.connection, col(InboxRow.return_id))
            .where(InboxRow.state == _WAITING)
            .group_by(InboxRow.connection, col(InboxRow.return_id))
            .having(func.min(InboxRow.due_at) <= now)
            .order_by(func.min(InboxRow.received_at), InboxRow.connection, col(InboxRow.return_id))
            .limit(limit)
        )
        return [await self._pending(connection, return_id) for connection, return_id in groups if return_id]

    async def settle(self, connection: str, delivery_ids: Sequence[str], outcome: PokeOutcome, now: datetime) -> None:
        """The workflow was told, or never will be. Deliveries that were settled before keep their outcome."""
        await self._scope.change(
            update(InboxRow).where(*_these(connection, delivery_ids)).values(state=outcome, settled_at=now, error="")
        )

    async def postpone(self, connection: str, delivery_ids: Sequence[str], until: datetime, error: str) -> None:
        """Temporal could not be reached: try these again at `until`."""
        await self._scope.change(
            update(InboxRow)
            .where(*_these(connection, delivery_ids))
            .values(due_at=until, error=error, attempts=InboxRow.attempts + 1)
        )

    async def backlog(self) -> Backlog:
        """How many deliveries wait for dispatch, and since when."""
        query = select(func.count(), func.min(InboxRow.received_at)).where(InboxRow.state == _WAITING)
        count, oldest = (await self._scope.tuples(query))[0]
        return Backlog(count=count, oldest_received_at=oldest)

    async def _repeat(self, connection: str, delivery_id: str, digest: str) -> Acceptance:
        same = (col(InboxRow.connection) == connection, col(InboxRow.delivery_id) == delivery_id)
        await self._scope.change(update(InboxRow).where(*same).values(repeats=InboxRow.repeats + 1))
        kept = await self._scope.first(select(InboxRow.digest).where(*same))
        return Acceptance.DUPLICATE if kept == digest else Acceptance.CONFLICT

    async def _pending(self, connection: str, return_id: str) -> PendingPoke:
        rows = await self._scope.rows(
            select(InboxRow)
            .where(InboxRow.connection == connection, InboxRow.return_id == return_id)
            .order_by(col(InboxRow.received_at), col(InboxRow.delivery_id))
        )
        waiting = [row for row in rows if row.state == _WAITING]
        return PendingPoke(
            connection=connection,
            return_id=return_id,
            delivery_ids=[row.delivery_id for row in waiting],
            traceparent=waiting[0].traceparent,
            first_received_at=waiting[0].received_at,
            poked_before=any(row.state in _REACHED for row in rows),
            attempts=max(row.attempts for row in waiting),
            occurred_at=max((row.occurred_at for row in waiting if row.occurred_at), default=None),
        )


def _these(connection: str, delivery_ids: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        col(InboxRow.connection) == connection,
        col(InboxRow.delivery_id).in_(delivery_ids),
        col(InboxRow.state) == _WAITING,
    )
