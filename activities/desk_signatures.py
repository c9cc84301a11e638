"""Names, inputs and results of the steps on our own store: the exception queue, and how a return ended."""

from typing import Protocol

from temporalio import activity

from activities.signatures import Done, Problem
from domain.exceptions import Track
from domain.model import Message
from domain.progress import Stage
from domain.resolution import Resolution
from domain.returns import ReturnRef


class OpenException(Message):
    """Put a parked track into the exception queue. `workflow_id`: who waits for the decision."""

    ref: ReturnRef
    workflow_id: str = ""
    exception_id: str
    track: Track
    step: str
    problem: Problem


class CloseException(Message):
    """Record how a parked track was resolved. No resolution: the return moved on without one (it was withdrawn)."""

    ref: ReturnRef
    exception_id: str
    resolution: Resolution | None = None


class RecordEnd(Message):
    """Record that a return ended outside its normal course."""

    ref: ReturnRef
    stage: Stage
    reason: str


class DeskSteps(Protocol):
    """Steps on our own store, on the workflow's queue."""

    @activity.defn
    async def open_exception(self, request: OpenException) -> Done:
        """The exception is in the queue."""
        ...

    @activity.defn
    async def close_exception(self, request: CloseException) -> Done:
        """The exception is resolved and the decision is in the audit."""
        ...

    @activity.defn
    async def record_end(self, request: RecordEnd) -> Done:
        """The store knows that and why the return ended."""
        ...
