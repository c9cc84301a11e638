"""Looking for what takes longer than agreed, and for what the two systems disagree about (R15, R47, R65, R77, R89)."""

from collections.abc import Mapping
from datetime import timedelta

from temporalio import activity

from activities.edge import Edge, Link, foreseen
from activities.signatures import Done
from activities.sweep_late import look_for_credits, look_for_deliveries, look_for_documents, look_for_stages
from activities.sweep_look import Look
from activities.sweep_raising import STEPS, clear_gone, raise_cover, raise_drift
from activities.sweep_signatures import StuckOrder, StuckSwept, SweepFailed
from domain.exceptions import ExceptionCode
from store.sweep_records import Cursor, DriftCandidate

#: The watermark of sweeps that came to their end.
SWEPT_MARK = "swept"
#: A system that was down has so long to catch up before its returns count as late again.
RECOVERY = timedelta(minutes=15)
#: Where sweeps that fail are shown.
SYSTEM = "sweep"


class StuckSweep:
    """Implements `SweepStoreSteps`. `links` has every connection by name."""

    def __init__(self, edge: Edge, links: Mapping[str, Link]) -> None:
        self._edge = edge
        self._links = links

    @activity.defn
    async def sweep_stuck(self, request: StuckOrder) -> StuckSwept:
        """Write down what takes too long, once each; raise and clear what is an exception.

        Drift comes first, since it tells more than a late document; stages come last, since everything else does.
        """
        async with foreseen():
            connection, now = self._links[request.connection].connection, self._edge.clock()
            async with self._edge.store.reading() as unit:
                outages = await unit.sweep.outages(connection.name, now - RECOVERY)
            look = Look(self._edge, connection, now, outages)
            await look_for_drift(look)
            await look_for_documents(look)
            await look_for_credits(look)
            await look_for_stages(look)
            await look_for_deliveries(look)
            await look_for_lapsing_cover(look)
            cleared = await _end(look)
            if request.whole:
                await self._clear_failure(connection.name)
            return StuckSwept(late=dict(look.late), raised=look.raised, cleared=cleared)

    @activity.defn
    async def fail_sweep(self, request: SweepFailed) -> Done:
        """What a sweep could not do is seen by nobody else. What a system answered has exceptions of its own."""
        reason = f"a sweep of {request.connection} could not do everything: {'; '.join(request.reasons)}"
        async with self._edge.store.begin() as unit:
            await unit.exceptions.open_for_connection(
                request.connection, ExceptionCode.EVENT_INVALID, reason, self._edge.clock(), system=SYSTEM
            )
        return Done()

    async def _clear_failure(self, connection: str) -> None:
        """Looked up without a lock first: every sweep comes here."""
        async with self._edge.store.reading() as unit:
            if not await unit.exceptions.open_of_connection(connection, ExceptionCode.EVENT_INVALID, SYSTEM):
                return
        async with self._edge.store.begin() as unit:
            await unit.exceptions.clear_connection(
                connection, ExceptionCode.EVENT_INVALID, self._edge.clock(), system=SYSTEM
            )


async def look_for_drift(look: Look) -> None:
    """The platform has finished with a return, and the ERP lacks a document of it (R77, R83)."""
    limits, fresh = look.connection.limits, look.any_outage() is None
    after: Cursor = None
    while True:
        async with look.edge.store.reading() as unit:
            before = look.now - min(limits.rma, limits.stock)
            page = await unit.stuck.drifts(look.connection.name, before, look.now, after)
        found = [drift for one in page.items if (drift := _past_its_limit(look, one)) is not None]
        if found:
            async with look.edge.store.begin() as unit:
                for one in found:
                    raised = look.note(await raise_drift(unit, one, look.now, fresh=fresh))
                    if raised:
                        look.drifted[one.ref.return_id] = raised
                        look.told.add(one.ref.return_id)
        after = page.after
        if after is None:
            return


def _past_its_limit(look: Look, one: DriftCandidate) -> DriftCandidate | None:
    """What is really lacking by now; None when nothing is late yet."""
    age, limits = look.now - one.since, look.connection.limits
    no_rma = one.no_rma and age >= limits.rma
    no_stock = one.no_stock and age >= limits.stock
    return one.model_copy(update={"no_rma": no_rma, "no_stock": no_stock}) if no_rma or no_stock else None


async def look_for_lapsing_cover(look: Look) -> None:
    """Money is out for returns that have ended, so that no alarm of theirs can ring any more (N11)."""
    until = look.now + max(look.connection.policy.cover_alarms, default=timedelta())
    after: Cursor = None
    while True:
        async with look.edge.store.reading() as unit:
            lapsing, after = await unit.stuck_exchanges.lapsing(look.connection.name, until, after)
        if lapsing:
            async with look.edge.store.begin() as unit:
                for one in lapsing:
                    look.note(await raise_cover(unit, one, look.now))
        if after is None:
            return


async def _end(look: Look) -> int:
    """What was not found again is over; how many exceptions that cleared."""
    cleared, after, name = 0, "", look.connection.name
    while True:
        async with look.edge.store.begin() as unit:
            mine = await unit.sweep.raised(name, STEPS, after)
            gone = [record for record in mine if record.id not in look.true]
            for record in gone:
                await clear_gone(unit, record, look.now)
            if mine:
                after = mine[-1].id
                cleared += len(gone)
                continue
            await unit.sweep.end_unseen(name, look.now, look.now)
            await unit.sweep.looked_until(name, SWEPT_MARK, look.now)
        return cleared
