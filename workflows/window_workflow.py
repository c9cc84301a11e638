"""The windows of one batch ERP and one class of documents, one after the other (D7)."""

from collections.abc import Awaitable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.window_signatures import (
    Collect,
    HandOver,
    Told,
    WindowAnswered,
    WindowFailure,
    WindowNews,
    WindowPlan,
    WindowStart,
    WindowSteps,
)
from domain.messages import WINDOW_SIGNAL, WINDOW_WORKFLOW, erp_queue
from workflows.problems import problem_of
from workflows.steps import run_step

#: A window that cannot even be planned is planned again after so long.
_PAUSE = timedelta(minutes=5)


@workflow.defn(name=WINDOW_WORKFLOW)
class WindowWorkflow:
    """Lives as long as the connection: each run is one window, and the next run is the next one.

    A step that stops for good is told to people and ends no run: every document of the class waits for this workflow.
    """

    @workflow.run
    async def run(self, start: WindowStart) -> None:
        """Wait for the window, hand over what waits for it, and tell every return what became of its documents."""
        try:
            plan = await run_step(WindowSteps.plan_window, start, step="plan-window", queue=erp_queue(start.books))
        except ActivityError as error:
            await self._note(start, None, error)
            await workflow.sleep(_PAUSE, summary="the window could not be planned")
        else:
            await self._window(start, plan)
        workflow.continue_as_new(start)

    async def _window(self, start: WindowStart, plan: WindowPlan) -> None:
        queue = erp_queue(start.books)
        self._show(f"next window at {plan.opens:%Y-%m-%d %H:%M:%S} UTC, files are handed over before it", plan.opens)
        await workflow.sleep(max((plan.hand_over_at - workflow.now()).total_seconds(), 0), summary="window")
        request = HandOver(start=start, opens=plan.opens)
        step = run_step(WindowSteps.hand_over, request, step="hand-over", queue=queue)
        sent = await self._news(start, plan, step)
        for number in sent.batches:
            self._show(f"file {number} waits for its answer until {plan.answer_by:%Y-%m-%d %H:%M:%S} UTC", plan.opens)
            asked = Collect(start=start, number=number, answer_by=plan.answer_by)
            step = run_step(WindowSteps.collect, asked, step=f"collect-{number}", queue=queue)
            await self._news(start, plan, step)

    async def _news(self, start: WindowStart, plan: WindowPlan, step: Awaitable[WindowNews]) -> WindowNews:
        """What a step brought, after every workflow heard of it; or what can be done without it."""
        try:
            news = await step
        except ActivityError as error:
            news = await self._note(start, plan.opens, error)
        for told in news.told:
            await self._signal(told)
        return news

    async def _note(self, start: WindowStart, opens: datetime | None, error: ActivityError) -> WindowNews:
        failure = WindowFailure(start=start, opens=opens, reason=problem_of(error).reason)
        step, queue = f"note-{error.activity_id}", erp_queue(start.books)
        return await run_step(WindowSteps.note_failure, failure, step=step, queue=queue)

    async def _signal(self, told: Told) -> None:
        """A workflow that has ended meanwhile needs no news: what it waited for is in the store."""
        handle = workflow.get_external_workflow_handle(told.workflow_id)
        try:
            await handle.signal(WINDOW_SIGNAL, WindowAnswered(keys=told.keys))
        except ApplicationError as gone:
            workflow.logger.info("%s does not wait any more: %s", told.workflow_id, gone.type)

    def _show(self, text: str, window: datetime) -> None:
        workflow.set_current_details(f"{text} (window of {window:%H:%M} UTC)")
