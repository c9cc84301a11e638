"""Waiting until a return has done all that it can do now: it has ended, or waits for somebody or something."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus

from domain.returns import ReturnRef

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0


class NoRest(Exception):
    """A step of a return fails again and again. The text is the vendor's trouble."""


async def at_rest(client: Client, ref: ReturnRef, patience: timedelta, check: Callable[[], None]) -> None:
    """Return when nothing of the return is running. `check` raises when the whole rehearsal is over.

    Raises NoRest after `patience` without any progress.
    """
    handle = client.get_workflow_handle(ref.workflow_id)
    pause, seen, since = _FIRST_PAUSE, -1, time.monotonic()
    while True:
        found = await handle.describe()
        raw = found.raw_description
        busy = raw.pending_activities or raw.pending_children or raw.HasField("pending_workflow_task")
        if found.status is not WorkflowExecutionStatus.RUNNING or not busy:
            return
        check()
        if found.history_length != seen:
            pause, seen, since = _FIRST_PAUSE, found.history_length, time.monotonic()
        elif time.monotonic() - since > patience.total_seconds():
            troubles = [step.last_failure.message for step in raw.pending_activities if step.HasField("last_failure")]
            raise NoRest(troubles[0] if troubles else f"nothing happens in return {ref}")
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, _LONGEST_PAUSE)
