"""What every message to a return's workflow has in common: limits, and what a refusal or an absence means."""

from datetime import timedelta
from typing import Any, Literal, TypeAlias

from temporalio.client import WorkflowExecutionStatus, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from desk.link import unreachable
from runtime.client import TemporalUnreachableError

Handle: TypeAlias = WorkflowHandle[Any, Any]

#: Longest wait for one call that needs no worker.
RPC_LIMIT = timedelta(seconds=5)


def refusal_text(error: WorkflowUpdateFailedError) -> str:
    """The validator's own words."""
    cause = error.cause
    return str(getattr(cause, "message", cause)) or "the workflow refused it without a reason"


async def absent(handle: Handle, error: RPCError) -> Literal["closed", "unknown", "open"]:
    """Why a message found no running workflow: it has ended, never was, or was started in this very moment.

    Raises TemporalUnreachableError when the error says something else.
    """
    if error.status is not RPCStatusCode.NOT_FOUND:
        raise failure(error) from error
    try:
        found = await handle.describe(rpc_timeout=RPC_LIMIT)
    except RPCError as second:
        if second.status is RPCStatusCode.NOT_FOUND:
            return "unknown"
        raise failure(second) from second
    return "open" if found.status is WorkflowExecutionStatus.RUNNING else "closed"


def failure(error: RPCError) -> Exception:
    """What to raise for a failed call: TemporalUnreachableError, or the error when it is our mistake."""
    if not unreachable(error):
        return error
    return TemporalUnreachableError(f"Temporal does not answer ({error.status.name.lower()}); try again")
