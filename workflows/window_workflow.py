"""The windows of one batch ERP and one class of documents, one after the other (D7)."""

from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from activities.window_signatures import Collect, HandOver, Told, WindowAnswered, WindowNews, WindowStart, WindowSteps
from domain.messages import WINDOW_SIGNAL, WINDOW_WORKFLOW, erp_queue
from workflows.steps import run_step


@workflow.defn(name=WINDOW_WORKFLOW)
class WindowWorkflow:
    """Lives as long as the connection: each run is one window, and the next run is the next one."""

    @workflow.run
    async def run(self, start: WindowStart) -> None:
        """Wait for the window, hand over what waits for it, and tell every return what became of its documents."""
        queue = erp_queue(start.books)
        plan = await run_step(WindowSteps.plan_window, start, step="plan-window", queue=queue)
        self._show(f"next window at {plan.opens:%Y-%m-%d %H:%M:%S} UTC, files are handed over before it", plan.opens)
        await workflow.sleep(max((plan.hand_over_at - workflow.now()).total_seconds(), 0), summary="window")
        request = HandOver(start=start, opens=plan.opens)
        sent = await run_step(WindowSteps.hand_over, request, step="hand-over", queue=queue)
        await self._tell(sent)
        for number in sent.batches:
            self._show(f"file {number} waits for its answer until {plan.answer_by:%Y-%m-%d %H:%M:%S} UTC", plan.opens)
            asked = Collect(start=start, number=number, answer_by=plan.answer_by)
            answer = await run_step(WindowSteps.collect, asked, step=f"collect-{number}", queue=queue)
            await self._tell(answer)
        workflow.continue_as_new(start)

    async def _tell(self, news: WindowNews) -> None:
        for told in news.told:
            await self._signal(told)

    async def _signal(self, told: Told) -> None:
        """A workflow that has ended meanwhile needs no news: what it waited for is in the store."""
        handle = workflow.get_external_workflow_handle(told.workflow_id)
        try:
            await handle.signal(WINDOW_SIGNAL, WindowAnswered(keys=told.keys))
        except ApplicationError as gone:
            workflow.logger.info("%s does not wait any more: %s", told.workflow_id, gone.type)

    def _show(self, text: str, window: datetime) -> None:
        workflow.set_current_details(f"{text} (window of {window:%H:%M} UTC)")
