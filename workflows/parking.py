"""Parking: a track that cannot go on waits for a typed decision and goes on from the step where it stopped (D4)."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ActivityError

from activities.desk_signatures import CloseException, DeskSteps, OpenException
from activities.signatures import Decision, Problem
from domain.catalogue import CATALOGUE
from domain.exceptions import ResolutionKind, Track
from domain.keys import exception_id
from domain.messages import ATTENTION_ATTRIBUTE, NO_ATTENTION
from domain.model import Message
from domain.resolution import Resolution
from domain.returns import ReturnRef
from workflows.parked import Parked
from workflows.problems import Refused, problem_of
from workflows.steps import run_step
from workflows.waiting import until
from workflows.windows import Queueing, through_windows

Result = TypeVar("Result", bound=Message)


class Parking(Queueing, Protocol):
    """What a workflow remembers about its parked tracks. `decided`: exceptions that are over."""

    parked: dict[str, Parked]
    decided: set[str]
    parkings: int

    @property
    def ref(self) -> ReturnRef:
        """The return that the exceptions belong to."""
        ...


ATTENTION = SearchAttributeKey.for_keyword(ATTENTION_ATTRIBUTE)


async def settle(
    case: Parking,
    track: Track,
    step: str,
    attempt: Callable[[list[Decision]], Awaitable[Result]],
    *,
    moot: Callable[[], bool] = lambda: False,
    step_cancels: bool = False,
) -> Result | None:
    """Attempt a step until it succeeds; a refusal for good parks the track, and the next attempt has the decision.

    None when a person cancelled the track, or when the step became moot while it was parked. With `step_cancels` the
    step itself carries CANCEL_TRACK out, because it has something to record or to free.
    """
    decisions: list[Decision] = []
    while True:
        try:
            return await through_windows(case, step, lambda: attempt(decisions))
        except ActivityError as error:
            problem = problem_of(error)
        except Refused as refused:
            problem = refused.problem
        resolution = await park(case, track, step, problem, moot=moot)
        if resolution is None or (resolution.kind is ResolutionKind.CANCEL_TRACK and not step_cancels):
            return None
        decisions.append(Decision(subject=problem.subject, resolution=resolution))


async def park(
    case: Parking, track: Track, step: str, problem: Problem, *, moot: Callable[[], bool] = lambda: False
) -> Resolution | None:
    """Open an exception and wait for its resolution; None when it became moot first."""
    case.parkings += 1
    number = exception_id(workflow.info().workflow_id, case.parkings)
    parked = Parked(exception_id=number, track=track, step=step, problem=problem, since=workflow.now())
    case.parked[number] = parked
    _show_attention(case)
    workflow.logger.warning("parked: %s in step %s, exception %s", problem.code, step, number)
    request = OpenException(
        ref=case.ref,
        workflow_id=workflow.info().workflow_id,
        exception_id=number,
        track=track,
        step=step,
        problem=problem,
    )
    await run_step(DeskSteps.open_exception, request, step=f"open-{number}", summary=f"park: {problem.code}")
    await until(case, lambda: parked.resolution is not None or moot())
    await close(case, parked)
    return parked.resolution


async def close(case: Parking, parked: Parked) -> None:
    """Record the decision and let the track go on."""
    number = parked.exception_id
    request = CloseException(ref=case.ref, exception_id=number, resolution=parked.resolution)
    await run_step(DeskSteps.close_exception, request, step=f"close-{number}", summary="record the decision")
    case.decided.add(number)
    del case.parked[number]
    _show_attention(case)


def _show_attention(case: Parking) -> None:
    """Keep the search attribute at the owner of the oldest parked track."""
    owners = [CATALOGUE[parked.problem.code].owner.value for parked in case.parked.values()]
    workflow.upsert_search_attributes([ATTENTION.value_set(owners[0] if owners else NO_ATTENTION)])
