"""Why a step stopped, for good or for a window, as the flow sees it."""

from temporalio.exceptions import ActivityError, ApplicationError

from activities.signatures import Problem
from activities.window_signatures import QUEUED, AwaitedWindow
from domain.exceptions import ExceptionCode


class Refused(Exception):
    """A step that is a workflow of its own stopped for good."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


class Queued(Exception):
    """A step that is a workflow of its own waits for a window."""

    def __init__(self, awaited: AwaitedWindow) -> None:
        super().__init__(f"queued for the window at {awaited.window_at}")
        self.awaited = awaited


def window_of(error: ActivityError) -> AwaitedWindow | None:
    """The window that a step waits for; None when it failed for another reason."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type == QUEUED:
        return AwaitedWindow.model_validate(cause.details[0])
    return None


def problem_of(error: ActivityError) -> Problem:
    """The problem that a step was refused with."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.details:
        return Problem.model_validate(cause.details[0])
    return Problem(code=ExceptionCode.EVENT_INVALID, reason=f"step {error.activity_id} failed: {cause}")
