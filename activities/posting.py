"""Posting one document: durable intent first, then the ERP, then what became of it (N2)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from activities.edge import Edge
from activities.outcomes import Stop
from domain.documents import Posting, Queued
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.outcomes import Rejected
from domain.resolution import Resolution
from store.records import DocumentPlan, DocumentRecord, DocumentState

#: What a decision makes of a document without asking the ERP.
_BY_DECISION = {
    ResolutionKind.LINK_EXISTING: DocumentState.LINKED,
    ResolutionKind.DONE_BY_HAND: DocumentState.BY_HAND,
    ResolutionKind.WRITE_OFF: DocumentState.ABANDONED,
    ResolutionKind.CANCEL_TRACK: DocumentState.ABANDONED,
}


@dataclass(frozen=True)
class Poster:
    """Brings planned documents into the ERP, each once."""

    edge: Edge

    async def plan(self, plan: DocumentPlan) -> DocumentRecord:
        """Make the intent durable. One that the ERP refused before is planned anew: it is surely not there."""
        async with self.edge.store.begin() as unit:
            record = await unit.documents.plan(plan, self.edge.clock())
            if record.state is DocumentState.REFUSED:
                record = await unit.documents.replan(plan, self.edge.clock())
        return record

    async def post(
        self,
        record: DocumentRecord,
        send: Callable[[], Awaitable[Posting]],
        decision: Resolution | None = None,
    ) -> DocumentRecord:
        """The document as it stands afterwards. Raises Rejected after it was marked as refused."""
        if not record.state.pending:
            return record
        if decision is not None and decision.kind in _BY_DECISION:
            return await self._mark_decided(record.key, decision)
        try:
            posted = await send()
        except Rejected as rejection:
            await self._mark_refused(record.key, rejection)
            raise
        if isinstance(posted, Queued):
            raise Stop(
                ExceptionCode.CONFIG_INVALID,
                f"the ERP queues {record.kind} documents; this version posts at once",
                subject=record.key,
            )
        async with self.edge.store.begin() as unit:
            return await unit.documents.mark(
                record.key,
                DocumentState.POSTED,
                number=posted.number,
                parts=posted.parts,
                total=posted.total,
                now=self.edge.clock(),
            )

    async def _mark_decided(self, key: str, decision: Resolution) -> DocumentRecord:
        async with self.edge.store.begin() as unit:
            return await unit.documents.mark(
                key,
                _BY_DECISION[decision.kind],
                number=decision.document,
                reason=decision.reason,
                actor=decision.actor,
                now=self.edge.clock(),
            )

    async def _mark_refused(self, key: str, rejection: Rejected) -> None:
        async with self.edge.store.begin() as unit:
            await unit.documents.mark(key, DocumentState.REFUSED, reason=str(rejection), now=self.edge.clock())
