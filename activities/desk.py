"""Steps on our own store: the exception queue and the end of a return."""

from temporalio import activity

from activities.closing import close_if_settled
from activities.desk_signatures import CloseException, OpenException, RecordEnd
from activities.edge import Edge
from activities.exposure import clear_exposure, decide_exposure
from activities.goods_signatures import DecideShare, MoveDeadline
from activities.signatures import Done
from domain.inspection import BookedUnits
from store import records
from store.unit import Unit


class DeskActivities:
    """Implements `DeskSteps` and `GoodsDeskSteps` of the signatures."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge

    @activity.defn
    async def open_exception(self, request: OpenException) -> Done:
        """The exception is in the queue, once."""
        problem = request.problem
        item = records.OpenException(
            id=request.exception_id,
            connection=request.ref.connection,
            return_id=request.ref.return_id,
            workflow_id=request.workflow_id,
            code=problem.code,
            track=request.track,
            step=request.step,
            reason=problem.reason,
            payload={"step": request.step, **_named("document", problem.subject), **problem.figures},
            amount=problem.amount,
            now=self._edge.clock(),
        )
        async with self._edge.store.begin() as unit:
            await unit.exceptions.open(item)
        return Done()

    @activity.defn
    async def close_exception(self, request: CloseException) -> Done:
        """The decision is in the audit. Without one the return moved on: the exception is over."""
        number, decision, now = request.exception_id, request.resolution, self._edge.clock()
        async with self._edge.store.begin() as unit:
            if decision is None:
                if await unit.exceptions.get(number) is not None:  # it may have been stopped before it was opened
                    await unit.exceptions.clear(number, now)
            else:
                decided = await unit.exceptions.resolve(number, None, decision, now)
                if decision.ends_finance(decided.code):
                    await unit.returns.close_finance(request.ref, now)
                if decision.settles_refund(decided.code):
                    text = f"{decision.kind}: {decision.document or decision.reason}"
                    await unit.refunds.decide(request.ref, str(decided.payload["refund"]), text, now)
                if decision.ends_exposure(decided.code):
                    await decide_exposure(unit, request.ref, decided.payload, decision, now)
            if await unit.returns.get(request.ref) is not None:
                await close_if_settled(unit, request.ref, now)
        return Done()

    @activity.defn
    async def decide_share(self, request: DecideShare) -> Done:
        """Finance's percentage for a parcel's undecided units is in the read model and in the timeline (E22)."""
        now, scan = self._edge.clock(), request.inspection_id
        async with self._edge.store.begin() as unit:
            undecided = await _undecided(unit, request)
            if units := await unit.inspections.set_share(request.ref, scan, request.share, now):
                await clear_exposure(unit, request.ref, undecided, now)
                text = f"{request.share} % is credited for {units} undecided unit(s) of parcel {scan}"
                await unit.timeline.add(request.ref, f"share/{scan}", now, "backhaul", "share", text)
            await close_if_settled(unit, request.ref, now)
        return Done()

    @activity.defn
    async def move_deadline(self, request: MoveDeadline) -> Done:
        """People see until when goods are expected now."""
        now = self._edge.clock()
        async with self._edge.store.begin() as unit:
            await unit.returns.set_deadline(request.ref, request.deadline, now)
            text = f"goods are expected until {request.deadline:%Y-%m-%d %H:%M} UTC"
            key = f"deadline/{request.deadline.isoformat()}"
            await unit.timeline.add(request.ref, key, now, "backhaul", "deadline", text)
        return Done()

    @activity.defn
    async def record_end(self, request: RecordEnd) -> Done:
        """How and why the return ended, for everybody who looks at it later."""
        now = self._edge.clock()
        async with self._edge.store.begin() as unit:
            if await unit.returns.get(request.ref) is None:
                return Done()  # the platform could never be read: there is no header to write on
            await unit.returns.set_ended(request.ref, request.stage, now)
            text = f"{request.stage}: {request.reason}"
            await unit.timeline.add(request.ref, f"ended/{request.stage}", now, "backhaul", "end", text)
        return Done()


async def _undecided(unit: Unit, request: DecideShare) -> list[BookedUnits]:
    """The units that the percentage is for, as they are with it."""
    parcels = [
        r for r in await unit.inspections.list(request.ref) if r.inspection.inspection_id == request.inspection_id
    ]
    undecided = [u for parcel in parcels for u in parcel.booked if u.share is None]
    return [u.model_copy(update={"share": request.share}) for u in undecided]


def _named(name: str, value: str) -> dict[str, str]:
    return {name: value} if value else {}
