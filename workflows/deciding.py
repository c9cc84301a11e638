"""Decisions at the door of any workflow that parks: refused there when they cannot hold, else kept for the track."""

from temporalio import workflow

from domain.catalogue import CATALOGUE
from domain.edits import edits_refusal
from domain.messages import ResolutionReceipt
from domain.resolution import Resolution, deciding, same_decision
from workflows.parking import Parking


def refuse_wrong(case: Parking, resolution: Resolution) -> None:
    """Raise ValueError with a plain reason when this decision cannot hold. Pressed twice is a no-op (E67)."""
    if resolution.exception_id in case.decided:
        return
    parked = case.parked.get(resolution.exception_id)
    if parked is None:
        raise ValueError(f"{resolution.exception_id} is not an open exception of this return")
    if (made := parked.resolution) is not None and not same_decision(made, resolution):
        what = f"{made.kind} {made.document}".strip()
        raise ValueError(f"{resolution.exception_id} is decided already: {what} by {made.actor}")
    entry = CATALOGUE[parked.problem.code]
    if resolution.version != parked.version:
        raise ValueError(f"{resolution.exception_id} is at version {parked.version}, not {resolution.version}")
    if not resolution.role.may_decide(entry.owner, resolution.kind):
        workflow.logger.warning(
            "refused: %s (%s) may not decide %s", resolution.actor, resolution.role, resolution.exception_id
        )
        raise ValueError(
            f"{parked.problem.code} belongs to {deciding(entry.owner, resolution.kind)};"
            f" role {resolution.role} may not decide it"
        )
    if resolution.kind not in entry.resolutions:
        raise ValueError(f"{parked.problem.code} can be resolved by {', '.join(entry.resolutions)}")
    if refusal := edits_refusal(parked.problem.figures, resolution.edits):
        raise ValueError(refusal)


def keep(case: Parking, resolution: Resolution) -> ResolutionReceipt:
    """Keep a person's decision; the parked track obeys it."""
    parked = case.parked.get(resolution.exception_id)
    if parked is None or parked.resolution is not None:
        return ResolutionReceipt(exception_id=resolution.exception_id, repeated=True)
    parked.resolution = resolution
    return ResolutionReceipt(exception_id=resolution.exception_id)
