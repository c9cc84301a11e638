"""Steps on our own store: the exception queue and the end of a return."""

from temporalio import activity

from activities.closing import close_if_settled
from activities.edge import Edge
from activities.signatures import CloseException, Done, OpenException, RecordEnd
from store import records


class DeskActivities:
    """Implements `activities.signatures.DeskSteps`."""

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
                decided = await unit.exceptions.resolve(number, decision.version, decision, now)
                if decision.ends_finance(decided.code):
                    await unit.returns.close_finance(request.ref, now)
            if await unit.returns.get(request.ref) is not None:
                await close_if_settled(unit, request.ref, now)
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


def _named(name: str, value: str) -> dict[str, str]:
    return {name: value} if value else {}
