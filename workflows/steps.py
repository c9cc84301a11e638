"""How a step runs: one activity with its queue, its key, its retries, and its rules for cancellation."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ChildWorkflowError

from activities.exchange_signatures import ExchangeOutcome, ExchangeStart, ReplacementPlaced
from activities.signatures import Problem
from domain.exceptions import ExceptionCode
from domain.messages import EXCHANGE_WORKFLOW, RETURNS_QUEUE
from domain.model import Message
from domain.returns import ReturnRef
from workflows.problems import Queued, Refused

Result = TypeVar("Result", bound=Message)
Request = TypeVar("Request", bound=Message)

#: Transient trouble is retried for as long as it takes (D3); only a refusal for good ends a step.
PATIENCE = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_interval=timedelta(minutes=5)
)
#: One attempt is a handful of vendor calls of at most 60 s each.
ATTEMPT = timedelta(minutes=5)
#: A step that gave no sign of life for so long has lost its worker (see `activities.heartbeat`).
SILENCE = timedelta(seconds=10)


async def run_step(
    method: Callable[[Any, Request], Awaitable[Result]],
    request: Request,
    *,
    step: str,
    queue: str = RETURNS_QUEUE,
    summary: str = "",
    attempt: timedelta = ATTEMPT,
    within: timedelta | None = None,
) -> Result:
    """Run one activity to its end. Raises ActivityError when it was refused for good.

    attempt: longest time of one attempt; within: that of all together, after which it counts as refused

    A cancellation always comes out as asyncio.CancelledError, also when the step succeeded while it was asked for.
    """
    try:
        result: Result = await workflow.execute_activity_method(
            method,
            request,
            task_queue=queue,
            activity_id=step,
            start_to_close_timeout=attempt,
            schedule_to_close_timeout=within,
            heartbeat_timeout=SILENCE,
            retry_policy=PATIENCE,
            # Undoing must not start while the step still runs.
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=summary or None,
        )
    except ActivityError:
        heed_cancellation()
        raise
    heed_cancellation()  # in no `finally`: an evicted workflow's coroutines are closed where no loop runs
    return result


async def run_exchange(ref: ReturnRef, start: ExchangeStart) -> ReplacementPlaced:
    """Run one attempt at a replacement order to its end. Raises Refused, or Queued when it waits for a window."""
    try:
        outcome: ExchangeOutcome = await workflow.execute_child_workflow(
            EXCHANGE_WORKFLOW,
            start,
            id=ref.exchange_workflow_id(start.order.number),
            result_type=ExchangeOutcome,
            cancellation_type=workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
            static_summary=f"Exchange {start.order.number} of return {ref.return_id}",
        )
    except ChildWorkflowError as error:
        heed_cancellation()
        reason = f"the workflow of exchange {start.order.number} was stopped: {error.cause}"
        raise Refused(Problem(code=ExceptionCode.EVENT_INVALID, reason=reason)) from error
    heed_cancellation()
    if outcome.queued is not None:
        raise Queued(outcome.queued)
    if outcome.placed is None:
        assert outcome.problem is not None, "an exchange ends with a result or a problem"
        raise Refused(outcome.problem)
    return outcome.placed


def heed_cancellation() -> None:
    """Raise CancelledError when this task was cancelled and does not know: what it awaited ended at the same moment.

    A step that ends while it is asked to stop hides that, and so does a condition that comes true then.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def obey_cancellation() -> None:
    """From here on the steps of this task are what its cancellation asks for: they run to their end."""
    if (task := asyncio.current_task()) is not None:
        task.uncancel()
