"""Posting one document: durable intent first, then the ERP or a window, then what became of it (N2, R35)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from temporalio import activity

from activities.edge import Edge, Link
from activities.outcomes import AwaitsWindow
from activities.window_signatures import AwaitedWindow
from domain.documents import Posting, Queued
from domain.exceptions import ResolutionKind
from domain.messages import EXCHANGE_WORKFLOW
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


def settles(decision: Resolution | None) -> bool:
    """Whether a document stands by this decision as it is: the ERP is not asked for it any more."""
    return decision is not None and decision.kind in _BY_DECISION


def awaited(edge: Edge, link: Link, queued: Sequence[DocumentRecord]) -> AwaitsWindow:
    """To raise for documents that wait for windows. A batch ERP's answer is told; the second look is for a lost one."""
    now = edge.clock()
    window_at = min(record.window_at or now for record in queued)
    look_again_at = window_at
    if link.erp.capabilities.batch:
        look_again_at = max(window_at, now) + 2 * link.connection.timing.acknowledge_within
    keys = [record.key for record in queued]
    return AwaitsWindow(AwaitedWindow(keys=keys, window_at=window_at, look_again_at=look_again_at))


@dataclass(frozen=True)
class Poster:
    """Brings planned documents into the ERP of a connection, each once, at once or at its windows."""

    edge: Edge
    link: Link

    async def plan(self, plan: DocumentPlan) -> DocumentRecord:
        """Make the intent durable. One that the ERP refused before is planned anew: it is surely not there."""
        plan = plan.model_copy(update={"mapping": self.link.connection.mappings.version})
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
        """The document as it stands afterwards.

        Raises Rejected after it was marked as refused, and AwaitsWindow after it was queued for a window.
        """
        if not record.state.pending:
            return record
        if decision is not None and settles(decision):
            return await self._mark_decided(record.key, decision)
        try:
            if record.refusal is not None:
                raise Rejected(record.refusal.code, record.refusal.reason, record.refusal.vendor_code)
            await self._wait_for_window(record)
            posted = await send()
        except Rejected as rejection:
            await self._mark_refused(record.key, rejection)
            raise
        if isinstance(posted, Queued):
            raise await self._queue(record)
        async with self.edge.store.begin() as unit:
            return await unit.documents.mark(
                record.key,
                DocumentState.POSTED,
                number=posted.number,
                parts=posted.parts,
                total=posted.total,
                now=self.edge.clock(),
            )

    async def _wait_for_window(self, record: DocumentRecord) -> None:
        """Let a document through that need not wait. What waits for a batch ERP's window is not sent again."""
        if self.link.erp.capabilities.batch:
            if record.state is DocumentState.QUEUED:
                raise awaited(self.edge, self.link, [record])
            return
        calendar = self.link.connection.timing.calendar(record.kind)
        if calendar is not None and calendar.open_at(self.edge.clock()) is None:
            raise await self._queue(record)

    async def _queue(self, record: DocumentRecord) -> AwaitsWindow:
        """The next window that the document can still go into, kept with it."""
        timing, now = self.link.connection.timing, self.edge.clock()
        calendar = timing.calendar(record.kind)
        assert calendar is not None, "connection_problems demands windows of batch ERPs"
        before = timing.hand_over_before if self.link.erp.capabilities.batch else None
        window = calendar.next(now if before is None else now + before)
        async with self.edge.store.begin() as unit:
            if before is None and record.state is DocumentState.QUEUED:
                await unit.windows.move(record.key, window.opens, now, tried=False)
            queued = await unit.windows.queue(record.key, window.opens, _waiter(record), now)
            text = f"{record.kind} waits for the window at {window.opens:%Y-%m-%d %H:%M} UTC"
            key = f"window/{record.key}/{window.opens.isoformat()}"
            await unit.timeline.add(record.ref, key, now, "backhaul", "window", text)
        return awaited(self.edge, self.link, [queued])

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


def _waiter(record: DocumentRecord) -> str:
    """The workflow that runs the step again. An exchange's own workflow is one attempt, so its return waits."""
    info = activity.info()
    assert info.workflow_id is not None, "steps run for workflows"
    return record.ref.workflow_id if info.workflow_type == EXCHANGE_WORKFLOW else info.workflow_id
