"""The timeline: what happened to a return, for people and auditors (R86, N15)."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import col, select

from domain.returns import ReturnRef
from store.records import TimelineEntry
from store.scope import Scope
from store.tables import TimelineRow


class Timeline:
    """Timeline entries of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(
        self,
        ref: ReturnRef,
        key: str,
        at: datetime,
        actor: str,
        kind: str,
        text: str,
        refs: Mapping[str, str] | None = None,
    ) -> None:
        """Add an entry once: a second one with the same `key` on the same return changes nothing."""
        row = {
            "connection": ref.connection,
            "return_id": ref.return_id,
            "key": key,
            "at": at,
            "actor": actor,
            "kind": kind,
            "text": text,
            "refs": dict(refs or {}),
        }
        await self._scope.insert_new(TimelineRow, row)

    async def list(self, ref: ReturnRef) -> list[TimelineEntry]:
        """All entries, the oldest first."""
        rows = await self._scope.rows(
            select(TimelineRow)
            .where(TimelineRow.connection == ref.connection, TimelineRow.return_id == ref.return_id)
            .order_by(col(TimelineRow.at), col(TimelineRow.id))
        )
        return [
            TimelineEntry(ref=ref, key=r.key, at=r.at, actor=r.actor, kind=r.kind, text=r.text, refs=r.refs)
            for r in rows
        ]
