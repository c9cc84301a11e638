"""Waiting, visibly: what ops read in the Temporal UI is set before every wait."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from temporalio import workflow

from workflows.steps import heed_cancellation


class Waiting(Protocol):
    """What a workflow knows while it waits. `waits`: what its tracks are waiting for right now."""

    waits: list[Callable[[], bool]]

    @property
    def over(self) -> bool:
        """Nothing is left to do, to hear, or to decide: every wait ends."""
        ...

    def details(self, now: datetime) -> str:
        """Markdown: where it stands, what it waits for, until when, and what to do. No personal data."""
        ...


async def until(
    case: Waiting,
    condition: Callable[[], bool],
    *,
    timeout: timedelta | None = None,
    timeout_summary: str = "",
) -> bool:
    """Wait, visibly, until the condition holds or the case is over; False when the time ran out first."""
    workflow.set_current_details(case.details(workflow.now()))
    in_time = True
    case.waits.append(condition)
    try:
        await workflow.wait_condition(
            lambda: condition() or case.over, timeout=timeout, timeout_summary=timeout_summary or None
        )
    except TimeoutError:
        in_time = False
    finally:
        case.waits.remove(condition)
    heed_cancellation()  # in no `finally`: an evicted workflow's coroutines are closed where no loop runs
    return in_time
