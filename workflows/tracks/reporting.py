"""Telling the platform what was decided, so that it can pay."""

from activities.signatures import Decision, PlatformSteps, ReportInspection
from domain.exceptions import Track
from domain.returns import PlatformReturn
from workflows.case import ReturnCase
from workflows.parking import settle
from workflows.receiving import line_decisions
from workflows.steps import run_step
from workflows.tracks.platform import fold
from workflows.waiting import until


async def report(case: ReturnCase) -> None:
    """Tell the platform what is decided in all, one report at a time: an older one must not come last."""
    while case.reporting and not case.over:
        await until(case, lambda: not case.reporting)
    if case.reported or not line_decisions(case):
        return
    case.reporting = True
    try:
        await _tell(case)
    finally:
        case.reporting = False


async def _tell(case: ReturnCase) -> None:
    lines = line_decisions(case)

    async def attempt(decisions: list[Decision]) -> PlatformReturn:
        request = ReportInspection(ref=case.start.ref, lines=lines, decisions=decisions)
        step = f"report-inspection-{len(case.booked)}"
        queue = case.start.platform_queue
        return await run_step(PlatformSteps.report_inspection, request, step=step, queue=queue)

    fresh = await settle(case, Track.PLATFORM, "report-inspection", attempt, step_cancels=True)
    case.reported = lines == line_decisions(case)
    if fresh is not None:
        fold(case, fresh)
