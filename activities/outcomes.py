"""The one place where trouble becomes a Temporal error (decision D2).

NotYet                 retryable: nothing is wrong, so it is no outage either
RetryLater, InDoubt    retryable: the next attempt begins by looking the document up
CredentialsRefused     retryable, slowly: the connection's exception says so, and the step goes on once they are fixed
AwaitsWindow           the workflow waits for the window, and runs the step again
Rejected, Stop         final for this step: the workflow parks it with the Problem in the details
"""

from collections.abc import Mapping
from datetime import timedelta

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.signatures import Problem
from activities.window_signatures import QUEUED, AwaitedWindow
from domain.exceptions import ExceptionCode
from domain.money import Money
from domain.outcomes import CredentialsRefused, Rejected, RetryLater, VendorTrouble

#: How long to wait before knocking again with credentials that were refused.
CREDENTIALS_DELAY = timedelta(minutes=1)


class Stop(Exception):
    """A step of ours that cannot go on without a person."""

    def __init__(
        self,
        code: ExceptionCode,
        reason: str,
        *,
        subject: str = "",
        amount: Money | None = None,
        figures: dict[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.problem = Problem(code=code, reason=reason, subject=subject, amount=amount, figures=figures or {})


class NotYet(Exception):
    """A step that looks for something which is not there yet, as it need not be: it looks again after `delay`."""

    def __init__(self, text: str, delay: timedelta) -> None:
        super().__init__(text)
        self.delay = delay


class AwaitsWindow(Exception):
    """A step whose documents wait for a window: it is run again when they went through."""

    def __init__(self, awaited: AwaitedWindow) -> None:
        super().__init__(f"queued for the window at {awaited.window_at:%Y-%m-%d %H:%M:%S} UTC")
        self.awaited = awaited


def problem_from(rejection: Rejected, subject: str = "", figures: Mapping[str, str] | None = None) -> Problem:
    """A vendor's refusal as a problem, in the vendor's own words; `figures` are what the caller knows besides."""
    code = {"vendor_code": rejection.vendor_code} if rejection.vendor_code else {}
    known = {**(figures or {}), **rejection.figures, **code}
    return Problem(code=rejection.code, reason=str(rejection), subject=subject, figures=known)


def final_failure(problem: Problem) -> ApplicationError:
    """The error that parks a step. It becomes an exception in the queue, so it is no alarm of the worker's own."""
    return ApplicationError(
        problem.reason,
        problem,
        type=problem.code,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )


def queued_failure(waiting: AwaitsWindow) -> ApplicationError:
    """The error by which the workflow learns that a step waits for a window."""
    return ApplicationError(
        str(waiting), waiting.awaited, type=QUEUED, non_retryable=True, category=ApplicationErrorCategory.BENIGN
    )


def passing_failure(trouble: VendorTrouble | NotYet) -> ApplicationError:
    """The error that has a step tried again, after the delay that it names."""
    delay = trouble.delay if isinstance(trouble, RetryLater | NotYet) else None
    if isinstance(trouble, CredentialsRefused):
        delay = CREDENTIALS_DELAY
    return ApplicationError(
        str(trouble),
        type=type(trouble).__name__,
        next_retry_delay=delay,
        category=ApplicationErrorCategory.BENIGN,
    )
