"""Opening the RMA: the first one (R13), and another one when the return is opened again or was changed (E29, E61)."""

from activities.signatures import Decision, ErpSteps, OpenRma, RmaOpened
from domain.returns import ReturnLine
from workflows.case import ReturnCase
from workflows.grading import hear_grading
from workflows.steps import run_step


async def open_rma(case: ReturnCase, decisions: list[Decision]) -> RmaOpened:
    """An RMA for the platform's lines of now; these are then what both sides agreed on."""
    assert case.platform is not None
    case.agreed = case.lines
    request = OpenRma(
        ref=case.start.ref,
        platform=case.platform,
        number=case.rmas,
        begun=case.exchange_units,
        decisions=decisions,
    )
    return await run_step(ErpSteps.open_rma, request, step="open-rma", queue=case.start.erp_queue)


def take_rma(case: ReturnCase, opened: RmaOpened | None) -> None:
    """From now on goods come on this RMA, and its clock counts. What came before is heard now (E12)."""
    case.rma, case.deadline, case.reminders_sent = opened, None, 0
    hear_grading(case)


def lines_changed(case: ReturnCase) -> bool:
    """Whether the platform has other lines, quantities or reasons than the RMA was opened for (E61).

    Refund or exchange is no difference to an RMA.
    """
    return bool(case.agreed) and _terms(case.agreed) != _terms(case.lines)


def _terms(lines: list[ReturnLine]) -> list[tuple[str, int, str, bool]]:
    return sorted((line.line_id, line.quantity, line.reason, line.keep) for line in lines)
