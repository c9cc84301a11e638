"""One sweep of one connection: changes nobody told us of, silent systems, returns that are stuck (R2, R77, R89).

A short workflow per run. It changes nothing at a vendor, so there is nothing to undo when it is cancelled.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.sweep_signatures import (
    PlatformSwept,
    Probed,
    ProbeOrder,
    StuckOrder,
    StuckSwept,
    SweepErpSteps,
    SweepFailed,
    SweepOrder,
    SweepPlatformSteps,
    SweepStoreSteps,
)
from domain.messages import RETURNS_QUEUE, SWEEP_WORKFLOW, SweepOutcome, SweepStart
from domain.model import Message
from workflows.problems import problem_of
from workflows.steps import run_step

Result = TypeVar("Result", bound=Message)

#: A list of many pages takes its time; after so long a part of the sweep is given up, and the next sweep tries again.
_ATTEMPT, _WITHIN = timedelta(minutes=20), timedelta(minutes=45)


@workflow.defn(name=SWEEP_WORKFLOW)
class SweepWorkflow:
    """Each part is told in the outcome where it could not be done, and does not keep the others from being done."""

    def __init__(self) -> None:
        self._failed: list[str] = []

    @workflow.run
    async def run(self, start: SweepStart) -> SweepOutcome:
        """Platform, ERP, and then what our own store knows, with what was just learnt about both."""
        name = start.connection
        swept = await self._or_trouble(
            run_step(
                SweepPlatformSteps.sweep_platform,
                SweepOrder(connection=name, since=start.since),
                step="sweep-platform",
                queue=start.platform_queue,
                attempt=_ATTEMPT,
                within=_WITHIN,
            ),
            lambda trouble: PlatformSwept(trouble=trouble),
        )
        probed = await self._or_trouble(
            run_step(
                SweepErpSteps.probe_erp,
                ProbeOrder(connection=name),
                step="probe-erp",
                queue=start.erp_queue,
                within=_WITHIN,
            ),
            lambda trouble: Probed(trouble=trouble),
        )
        stuck = await self._or_trouble(
            run_step(
                SweepStoreSteps.sweep_stuck,
                StuckOrder(connection=name, whole=not self._failed),
                step="sweep-stuck",
                queue=RETURNS_QUEUE,
                attempt=_ATTEMPT,
                within=_WITHIN,
            ),
            lambda trouble: StuckSwept(trouble=trouble),
        )
        if self._failed:
            failed = SweepFailed(connection=name, reasons=self._failed)
            await run_step(SweepStoreSteps.fail_sweep, failed, step="fail-sweep")
        return SweepOutcome(
            listed=swept.listed,
            picked_up=swept.picked_up,
            late={kind.value: count for kind, count in stuck.late.items()},
            raised=stuck.raised,
            cleared=stuck.cleared,
            troubles=[one.trouble for one in (swept, probed, stuck) if one.trouble],
        )

    async def _or_trouble(self, step: Awaitable[Result], told: Callable[[str], Result]) -> Result:
        """The result of a step, or one that says why there is none. A cancellation goes through."""
        try:
            return await step
        except ActivityError as error:
            self._failed.append(problem_of(error).reason)
            return told(self._failed[-1])
