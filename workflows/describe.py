"""What ops read in the Temporal UI: the details of the moment. Free of charge, and free of personal data."""

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

from domain.catalogue import CATALOGUE
from workflows.case import Parked, ReturnCase
from workflows.steps import heed_cancellation


async def until(
    case: ReturnCase,
    condition: Callable[[], bool],
    *,
    timeout: timedelta | None = None,
    timeout_summary: str = "",
) -> bool:
    """Wait, visibly, until the condition holds or the return is over; False when the time ran out first."""
    workflow.set_current_details(details(case, workflow.now()))
    in_time = True
    try:
        await workflow.wait_condition(
            lambda: condition() or case.over, timeout=timeout, timeout_summary=timeout_summary or None
        )
    except TimeoutError:
        in_time = False
    heed_cancellation()  # in no `finally`: an evicted workflow's coroutines are closed where no loop runs
    return in_time


def details(case: ReturnCase, now: datetime) -> str:
    """Markdown: stage, what the return waits for, until when, and what to do about each parked track."""
    progress = case.progress()
    text = [f"**{progress.stage}** (as of {now:%Y-%m-%d %H:%M:%S} UTC)"]
    if progress.waiting_for:
        text.append(f"waits for {progress.waiting_for}")
    if case.rma:
        kind = "standalone RMA" if case.rma.standalone else "RMA"
        text.append(f"{kind} {case.rma.number} for order {case.rma.order_number}")
        if not case.goods_done and not case.ended:
            text.append(f"goods are expected until {case.deadline or case.rma.deadline:%Y-%m-%d %H:%M:%S} UTC")
    return "\n\n".join(text + [_parked(parked) for parked in case.parked.values()])


def _parked(parked: Parked) -> str:
    entry = CATALOGUE[parked.problem.code]
    return (
        f"**Parked: {parked.problem.code}** ({parked.track} track, since {parked.since:%Y-%m-%d %H:%M:%S} UTC), "
        f"owner {entry.owner}\n\n{parked.problem.reason}\n\n"
        f"Decide with `backhaul resolve {parked.exception_id}`: {', '.join(entry.resolutions)}"
    )
