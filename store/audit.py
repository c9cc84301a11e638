"""The audit: who did what to which subject. Rows are only ever added."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue
from sqlmodel import col, insert, select

from store.records import AuditEntry
from store.scope import Scope
from store.tables import AuditRow


class Audit:
    """Audit entries of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(self, actor: str, action: str, subject: str, detail: Mapping[str, JsonValue], at: datetime) -> None:
        """Add an entry. Every call adds one: callers write it in the transaction of the deed."""
        row = {"actor": actor, "action": action, "subject": subject, "detail": dict(detail), "at": at}
        await self._scope.change(insert(AuditRow).values(row))

    async def list(self, subject: str | None = None, limit: int = 200) -> list[AuditEntry]:
        """The latest entries first, of one subject or of all."""
        query = select(AuditRow).order_by(col(AuditRow.at).desc(), col(AuditRow.id).desc()).limit(limit)
        if subject is not None:
            query = query.where(AuditRow.subject == subject)
        return [
            AuditEntry(at=r.at, actor=r.actor, action=r.action, subject=r.subject, detail=r.detail)
            for r in await self._scope.rows(query)
        ]
