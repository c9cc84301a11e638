"""One reconciliation of one connection: what the platform paid, what the ERP credited, what came back (R78, N6).

A short workflow per run. It changes nothing at a vendor, so there is nothing to undo when it is cancelled.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeAlias

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.reconcile_signatures import (
    BeginRun,
    EndRun,
    FailRun,
    PageDone,
    ReconcileErpSteps,
    ReconcilePlatformSteps,
    ReconcileStoreSteps,
    RunPage,
)
from domain.messages import (
    RECONCILE_WORKFLOW,
    RETURNS_QUEUE,
    ReconcileCursor,
    ReconcileOrder,
    ReconcileOutcome,
    erp_queue,
    platform_queue,
)
from workflows.problems import problem_of
from workflows.steps import run_step

#: A listing of many pages takes its time. What cannot be done within this ends the run, and the next one tries again.
_ATTEMPT, _WITHIN = timedelta(minutes=20), timedelta(hours=12)

#: The part whose items are returns.
_RETURNS = "match-returns"

Step: TypeAlias = Callable[[Any, RunPage], Awaitable[PageDone]]


@workflow.defn(name=RECONCILE_WORKFLOW)
class ReconcileWorkflow:
    """Pull both sides, compare them return by return, tell each difference once."""

    def __init__(self) -> None:
        self._pages = 0

    @workflow.run
    async def run(self, order: ReconcileOrder) -> ReconcileOutcome:
        """Run to the end, in as many runs of the workflow as its history needs."""
        run = None
        try:
            cursor = order.carried or await self._begin(order)
            run = cursor.run
            returns = await self._compare(order, cursor)
            ended = EndRun(run=run, connection=order.connection)
            outcome = await run_step(ReconcileStoreSteps.end_run, ended, step="end-run", attempt=_ATTEMPT)
        except ActivityError as error:
            failed = FailRun(run=run, connection=order.connection, problem=problem_of(error))
            return await run_step(ReconcileStoreSteps.fail_run, failed, step="fail-run")
        return outcome.model_copy(update={"returns": returns})

    async def _begin(self, order: ReconcileOrder) -> ReconcileCursor:
        """Today counts up to this moment."""
        tomorrow = workflow.now().date() + timedelta(days=1)
        asked = BeginRun(connection=order.connection, since=order.since, until=order.until or tomorrow, days=order.days)
        begun = await run_step(ReconcileStoreSteps.begin_run, asked, step="begin-run")
        workflow.set_current_details(f"run {begun.name}")
        return ReconcileCursor(run=begun.run, books=begun.books)

    async def _compare(self, order: ReconcileOrder, cursor: ReconcileCursor) -> int:
        """Every part from where it stopped; how many returns were compared."""
        platform, erp = platform_queue(order.connection), erp_queue(cursor.books)
        parts: list[tuple[str, Step, str]] = [
            ("pull-refunds", ReconcilePlatformSteps.pull_refunds, platform),
            ("pull-credits", ReconcileErpSteps.pull_credits, erp),
            ("look-up-orders", ReconcilePlatformSteps.look_up_orders, platform),
            ("gather", ReconcileStoreSteps.gather, RETURNS_QUEUE),
            (_RETURNS, ReconcileStoreSteps.match_returns, RETURNS_QUEUE),
            ("match-rest", ReconcileStoreSteps.match_rest, RETURNS_QUEUE),
        ]
        while cursor.part < len(parts):
            cursor = await self._page(order, cursor, *parts[cursor.part])
        return cursor.returns

    async def _page(
        self, order: ReconcileOrder, cursor: ReconcileCursor, name: str, step: Step, queue: str
    ) -> ReconcileCursor:
        """One page of one part; where the next one is. A history that grows long is continued in a new one."""
        if workflow.info().is_continue_as_new_suggested():
            workflow.continue_as_new(order.model_copy(update={"carried": cursor}))
        self._pages += 1
        page = RunPage(run=cursor.run, connection=order.connection, after=cursor.after)
        key = f"{name}-{self._pages}"
        done = await run_step(step, page, step=key, queue=queue, attempt=_ATTEMPT, within=_WITHIN)
        returns = cursor.returns + (done.count if name == _RETURNS else 0)
        if done.after is None:
            return cursor.model_copy(update={"part": cursor.part + 1, "after": "", "returns": returns})
        return cursor.model_copy(update={"after": done.after, "returns": returns})
