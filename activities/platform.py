"""Steps on the queue of one platform connection."""

from datetime import datetime, timedelta

from temporalio import activity

from activities.closing import close_if_settled
from activities.decisions import last_kind
from activities.edge import Edge, Link
from activities.goods_signatures import Remind
from activities.outcomes import Stop
from activities.signatures import Done, ReadReturn, ReportInspection
from domain.connection import InspectedBy
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.money import told_amount
from domain.outcomes import Rejected, RetryLater
from domain.returns import PlatformPhase, PlatformReturn, RefundState, ReturnRef
from store.unit import Unit

#: A webhook may run ahead of the platform's own reads by this much.
READ_LAG = timedelta(seconds=20)
_LOOK_AGAIN = timedelta(seconds=2)
#: How far apart a platform's times of one change may be: the event's own, and the return's last change.
_TICK = timedelta(seconds=1)
_ORDER = list(PlatformPhase)


class PlatformActivities:
    """Implements `PlatformSteps` and `ReminderSteps` of the signatures for one connection."""

    def __init__(self, edge: Edge, link: Link) -> None:
        self._edge = edge
        self._link = link

    @activity.defn
    async def read_return(self, request: ReadReturn) -> PlatformReturn:
        """The return as the platform has it now; the store's copy is brought up to it."""
        async with self._edge.crossing(request.ref, self._link.connection, self._link.connection.platform):
            fresh = await self._read(request)
            async with self._edge.store.begin() as unit:
                await self._save(unit, request.ref, fresh)
            return fresh

    @activity.defn
    async def report_inspection(self, request: ReportInspection) -> PlatformReturn:
        """The return after the platform took the decisions; or as it is, when they are its own, or a person said so."""
        async with self._edge.crossing(request.ref, self._link.connection, self._link.connection.platform):
            return_id = request.ref.return_id
            theirs = self._link.connection.policy.inspected_by is InspectedBy.PLATFORM
            if theirs or last_kind(request.decisions) in (ResolutionKind.CANCEL_TRACK, ResolutionKind.DONE_BY_HAND):
                fresh = await self._link.platform.read_return(return_id)
            else:
                fresh = await self._link.platform.report_inspection(return_id, request.lines)
            await self._record_report(request, fresh)
            return fresh

    @activity.defn
    async def remind(self, request: Remind) -> Done:
        """A note on the platform, whose users talk to the customer (R106), and a line in the timeline."""
        async with self._edge.crossing(request.ref, self._link.connection, self._link.connection.platform):
            day = f"{request.deadline:%Y-%m-%d %H:%M} UTC"
            text = f"The parcel for RMA {request.rma_number} has not arrived; it is expected until {day}."
            await self._link.platform.add_note(request.ref.return_id, text)
            now = self._edge.clock()
            async with self._edge.store.begin() as unit:
                key = f"reminder/{activity.info().activity_id}"
                await unit.timeline.add(request.ref, key, now, "backhaul", "reminder", text)
            return Done()

    async def _read(self, request: ReadReturn) -> PlatformReturn:
        waited = self._edge.clock() - activity.info().scheduled_time
        try:
            fresh = await self._link.platform.read_return(request.ref.return_id)
        except Rejected as rejection:
            if rejection.vendor_code == "404" and waited < self._link.connection.policy.return_lag:
                raise RetryLater(f"{rejection}; it may not be readable yet", _LOOK_AGAIN) from rejection
            raise
        if waited < READ_LAG and _lags(fresh, request.occurred_at, request.known_at):
            raise RetryLater("the platform's read is older than its webhook", _LOOK_AGAIN)
        if activity.info().attempt == 1 and await self._in_doubt(request, fresh):
            pause = self._link.connection.policy.second_look
            raise RetryLater("the platform's clock cannot tell whether this read is the event's", pause)
        return fresh

    async def _in_doubt(self, request: ReadReturn, fresh: PlatformReturn) -> bool:
        """Whether a read may be from before its event, by a clock that only has whole seconds.

        Of an event in the second of the last change, a read that goes on from what is known is the news itself.
        """
        if request.occurred_at is None or fresh.updated_at is None:
            return False
        behind = request.occurred_at - fresh.updated_at
        if behind != timedelta():
            return timedelta() < behind <= _TICK
        return not await self._goes_on(request.ref, fresh)

    async def _goes_on(self, ref: ReturnRef, fresh: PlatformReturn) -> bool:
        """Whether a read is further than the last one: not the same, and nothing that was known is gone from it."""
        async with self._edge.store.reading() as unit:
            record, refunds = await unit.returns.get(ref), await unit.returns.refunds(ref)
        if record is None:
            return fresh.phase is not PlatformPhase.DRAFT
        known, shown = {r.refund_id: r.state for r in refunds}, {r.refund_id: r.state for r in fresh.refunds}
        if _ORDER.index(fresh.phase) < _ORDER.index(record.phase) or not known.keys() <= shown.keys():
            return False
        return (record.phase, known) != (fresh.phase, shown)

    async def _save(self, unit: Unit, ref: ReturnRef, fresh: PlatformReturn) -> None:
        """Bring the store up to the platform. Once a document names the return's order it never changes (R5)."""
        documents = await unit.documents.for_return(ref)
        named = {d.order_number for d in documents if d.state.in_erp or d.state.pending} - {fresh.order_number, ""}
        if named:
            ours = ", ".join(sorted(named))
            reason = f"the platform now names order {fresh.order_number}, but this return belongs to order {ours}"
            raise Stop(ExceptionCode.EVENT_CONFLICT, reason, figures={"order": ours, "named": fresh.order_number})
        await unit.returns.save_platform_return(ref, fresh, self._edge.clock())
        await self._tell(unit, ref, fresh)

    async def _tell(self, unit: Unit, ref: ReturnRef, fresh: PlatformReturn) -> None:
        """The customer's request and the money that was paid, in the timeline (R86)."""
        now, actor = self._edge.clock(), self._link.connection.platform
        if fresh.phase is not PlatformPhase.DRAFT:
            wanted = ", ".join(f"{line.quantity} x {line.sku} ({line.reason})" for line in fresh.lines)
            text = f"{fresh.kind} asked for order {fresh.order_number}: {wanted}"
            await unit.timeline.add(ref, "request", now, actor, "request", text, {"order": fresh.order_number})
        for refund in fresh.refunds:
            if refund.state is RefundState.PAID:
                text = f"refund {refund.refund_id} of {told_amount(refund.amount_text, refund.currency)} is paid"
                refs = {"refund": refund.refund_id}
                at = refund.created_at or now
                await unit.timeline.add(ref, f"refund/{refund.refund_id}", at, actor, "refund", text, refs)

    async def _record_report(self, request: ReportInspection, fresh: PlatformReturn) -> None:
        now = self._edge.clock()
        accepted, rejected = (sum(getattr(line, word) for line in request.lines) for word in ("accepted", "rejected"))
        async with self._edge.store.begin() as unit:
            await self._save(unit, request.ref, fresh)
            await unit.returns.set_reported(request.ref, now)
            text = f"told the platform: {accepted} unit(s) accepted, {rejected} rejected in all"
            key = f"report/{accepted}/{rejected}"
            await unit.timeline.add(request.ref, key, now, "backhaul", "report", text)
            await close_if_settled(unit, request.ref, now)


def _lags(fresh: PlatformReturn, occurred_at: datetime | None, known_at: datetime | None) -> bool:
    """Whether the read shows nothing new although the platform says that something happened later."""
    if occurred_at is None or fresh.updated_at is None or fresh.updated_at >= occurred_at - _TICK:
        return False
    return fresh.phase is PlatformPhase.DRAFT if known_at is None else fresh.updated_at <= known_at
