"""Why a step stopped for good, as the flow sees it."""

from temporalio.exceptions import ActivityError, ApplicationError

from activities.signatures import Problem
from domain.exceptions import ExceptionCode


class Refused(Exception):
    """A step that is a workflow of its own stopped for good."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def problem_of(error: ActivityError) -> Problem:
    """The problem that a step was refused with."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.details:
        return Problem.model_validate(cause.details[0])
    return Problem(code=ExceptionCode.EVENT_INVALID, reason=f"step {error.activity_id} failed: {cause}")
