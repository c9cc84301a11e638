"""The second transaction of an exchange, in a workflow of its own (R61): check, then order the replacement."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.exchange_signatures import ExchangeOutcome, ExchangeStart, ReplacementSteps
from domain.messages import EXCHANGE_WORKFLOW
from workflows.problems import problem_of, window_of
from workflows.steps import run_step


@workflow.defn(name=EXCHANGE_WORKFLOW)
class ExchangeWorkflow:
    """One attempt. What stops it for good is its result: the return parks it, and starts another attempt after that."""

    @workflow.run
    async def run(self, start: ExchangeStart) -> ExchangeOutcome:
        """Availability, item and customer data are checked right before the order is made (R58, R64)."""
        order = start.order
        workflow.set_current_details(
            f"{order.units} x line {order.wish.line_id} for {order.wish.replacement_quantity} x {order.wish.sku}, "
            f"RMA {order.rma.number}, order {order.rma.order_number}"
        )
        try:
            placed = await run_step(
                ReplacementSteps.place_replacement,
                order,
                step=f"place-replacement-{order.number}",
                queue=start.erp_queue,
                summary=f"{order.wish.sku} for order {order.rma.order_number}",
            )
        except ActivityError as refused:
            window = window_of(refused)
            return ExchangeOutcome(queued=window) if window else ExchangeOutcome(problem=problem_of(refused))
        return ExchangeOutcome(placed=placed)
