"""The rehearsal: list the returns, run each to its rest, tell its warehouse's part, and look what came of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from temporalio.exceptions import WorkflowAlreadyStartedError

from adapters.assembly import ReadyConnection
from desk.inspections import record_inspection
from desk.starting import start_or_poke
from domain.messages import Poke
from domain.outcomes import VendorTrouble
from domain.ports import CallCounter
from domain.returns import ReturnRef
from runtime.settings import Settings
from starter.calls import calls_today
from starter.process import opened_store
from starter.shadow.findings import Remarks, report_on
from starter.shadow.plan import Plan, told_by_history, warehouse_inspects
from starter.shadow.report import ShadowReport
from starter.shadow.rest import NoRest, at_rest
from starter.shadow.stage import ShadowStage
from starter.shadow.trouble import ShadowTrouble
from store.quota import StoredCalls

_SECONDS = 60.0
_INSPECTION_SECONDS = 30.0

Progress = Callable[[int, int], None]


async def rehearse(
    settings: Settings, ready: ReadyConnection, plan: Plan, progress: Progress = lambda done, of: None
) -> ShadowReport:
    """Rehearse, and report. `progress` hears of returns done, and of how many.

    Its calls count with those of live work, in live work's store, which is left alone where no platform counts.
    Raises ShadowTrouble when a system cannot be asked, or the rehearsal does not run; SQLAlchemyError when calls
    cannot be counted.
    """
    async with opened_store(settings) as live, ShadowStage(settings, ready.name) as stage:
        wanted = await _wanted(ready, plan, StoredCalls(live, urgent=False))
        run = _Run(stage, ready, plan, wanted, progress)
        if wanted:
            await stage.start()
            await run.all()
        return await report_on(stage.store, ready, plan, run.remarks, await calls_today(live, [ready]))


async def _wanted(ready: ReadyConnection, plan: Plan, counter: CallCounter) -> list[ReturnRef]:
    """Both systems answer; the returns to run, oldest change first."""
    connection = ready.connection
    async with httpx.AsyncClient(timeout=_SECONDS) as http:
        platform, erp = ready.platform(http, counter), ready.erp(http, counter)
        async with _asking(connection.erp, ready.name):
            await erp.probe()
        async with _asking(connection.platform, ready.name):
            await platform.probe()
            changed = [] if plan.return_ids else await platform.list_returns(plan.since, plan.until)
    ids = [*plan.return_ids, *(one.return_id for one in changed)]
    return [ReturnRef(connection=ready.name, return_id=return_id) for return_id in dict.fromkeys(ids)]


@asynccontextmanager
async def _asking(system: str, connection: str) -> AsyncIterator[None]:
    try:
        yield
    except VendorTrouble as trouble:
        text = f"{system} of connection {connection} cannot be asked, so nothing was rehearsed: {trouble}"
        raise ShadowTrouble(text) from trouble


@dataclass
class _Run:
    """Returns that are run, oldest first, a few at a time."""

    stage: ShadowStage
    ready: ReadyConnection
    plan: Plan
    wanted: Sequence[ReturnRef]
    progress: Progress
    remarks: Remarks = field(default_factory=Remarks)
    done: int = 0

    async def all(self) -> None:
        """Run all of them; none is begun any more after one has shown that a system does not answer."""
        left = list(reversed(self.wanted))

        async def some() -> None:
            while left and not self.remarks.stopped:
                await self._one(left.pop())

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.plan.at_once):
                    group.create_task(some())
        except* ShadowTrouble as troubles:
            raise troubles.exceptions[0] from None
        place = {ref: number for number, ref in enumerate(self.wanted)}
        self.remarks.run.sort(key=place.__getitem__)
        self.remarks.not_run = len(left)

    async def _one(self, ref: ReturnRef) -> None:
        client = self.stage.client
        try:
            await start_or_poke(client, ref, self.ready.connection, Poke(reason="operator"))
            await at_rest(client, ref, self.plan.patience, self.stage.check)
            if warehouse_inspects(self.ready) and await self._inspected(ref):
                await at_rest(client, ref, self.plan.patience, self.stage.check)
        except NoRest as trouble:
            self.remarks.stopped = f"return {ref} does not get on: {trouble}"
        except WorkflowAlreadyStartedError:
            return
        self.remarks.run.append(ref)
        self.done += 1
        self.progress(self.done, len(self.wanted))

    async def _inspected(self, ref: ReturnRef) -> bool:
        """Send what history tells of the goods, when the return waits for them; whether there was anything."""
        async with self.stage.store.reading() as unit:
            record = await unit.returns.get(ref)
            lines = await unit.returns.lines(ref) if record is not None else []
        inspection = told_by_history(lines, self.plan)
        if record is None or not record.rma_number or record.stage.final or inspection is None:
            return False
        answer = await record_inspection(self.stage.client, ref, inspection, wait=_INSPECTION_SECONDS)
        if answer.outcome not in ("confirmed", "kept"):
            self.remarks.inspections[ref] = f"inspection {answer.outcome}: {answer.text}"
        return True
