"""Steps whose documents wait for a window: the flow waits too, visibly, and runs the step again (D7, R35, E64)."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.window_signatures import AwaitedWindow
from workflows.problems import Queued, window_of
from workflows.waiting import Waiting, until

Result = TypeVar("Result")


class Queueing(Waiting, Protocol):
    """What a workflow knows of windows. `queued`: step → the window that it waits for; `answered`: documents that went
    through one, until their step is run again."""

    queued: dict[str, AwaitedWindow]
    answered: set[str]


async def through_windows(case: Queueing, step: str, attempt: Callable[[], Awaitable[Result]]) -> Result:
    """Attempt a step, and again after each window that it had to wait for. Raises what the last attempt raised."""
    while True:
        try:
            return await attempt()
        except ActivityError as error:
            awaited = window_of(error)
            if awaited is None:
                raise
        except Queued as queued:
            awaited = queued.awaited
        await at_window(case, step, awaited)


async def at_window(case: Queueing, step: str, awaited: AwaitedWindow) -> None:
    """Wait until a document of the step went through its window, or it is time to look by ourselves."""
    case.queued[step] = awaited
    left = awaited.look_again_at - workflow.now()
    if left.total_seconds() > 0:
        summary = f"{step}: window at {awaited.window_at:%Y-%m-%d %H:%M} UTC"
        await until(case, lambda: bool(case.answered & set(awaited.keys)), timeout=left, timeout_summary=summary)
    case.answered -= set(awaited.keys)
    case.queued.pop(step, None)


def describe_queued(queued: dict[str, AwaitedWindow]) -> list[str]:
    """Markdown for ops: what waits for which window."""
    return [
        f"queued for the window at {awaited.window_at:%Y-%m-%d %H:%M} UTC: {step}" for step, awaited in queued.items()
    ]
