"""What happens to a parcel that no open return waits for: booked, matched, sent back or kept (E20, E26, E29, E32)."""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.parcel_signatures import (
    BookRegrade,
    DeliverParcel,
    MoveParcel,
    ParcelDelivered,
    ParcelDeliverySteps,
    ParcelMoved,
    ParcelPlaced,
    ParcelSteps,
    PlaceParcel,
    Regraded,
)
from activities.signatures import Decision, Problem
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.messages import POKE_SIGNAL, RETURN_WORKFLOW, RETURNS_QUEUE, Poke, ReturnStart
from domain.resolution import Resolution
from domain.returns import ReturnRef
from workflows.parcel_case import ParcelCase
from workflows.parking import park, settle
from workflows.steps import run_step
from workflows.visible import search_attributes

_LOOK_AGAIN = (ResolutionKind.RETRY, ResolutionKind.EDIT_AND_RETRY)


async def run_parcel(case: ParcelCase) -> None:
    """Book it where nothing is guessed, hand it to its return when one is found, and let a person decide the rest."""
    decisions: list[Decision] = []
    placed = await _place(case, decisions)
    while not placed.dropped:
        refusal = await _hand_over(case, placed.match, decisions) if placed.match else ""
        if case.over:
            return
        if refusal and not case.numbers:
            placed = await _place(case, decisions)  # it fits no return after all: into quarantine
            continue
        problem = _problem(placed, refusal)
        if problem is None:
            case.ended = "every unit is booked as found; nothing is credited a second time"
            return
        resolution = await park(case, Track.GOODS, "place-parcel", problem)
        assert resolution is not None, "nothing but a decision ends this wait"
        if resolution.kind not in _LOOK_AGAIN:
            await _end(case, resolution)
            return
        decisions.append(Decision(subject="", resolution=resolution))
        if named := resolution.edits.get("return"):
            placed = placed.model_copy(update={"match": ReturnRef(connection=case.ref.connection, return_id=named)})
        else:
            placed = await _place(case, decisions)
    case.ended = "given up by a person before it was booked: the units are in no stock"


async def run_regrade(case: ParcelCase) -> None:
    """Move the units, each once."""
    regrade = case.start.regrade
    assert regrade is not None

    async def attempt(decisions: list[Decision]) -> Regraded:
        request = BookRegrade(ref=case.ref, regrade=regrade, decisions=decisions)
        return await run_step(ParcelSteps.book_regrade, request, step="book-regrade", queue=case.start.erp_queue)

    moved = await settle(case, Track.GOODS, "book-regrade", attempt, step_cancels=True)
    case.numbers += moved.numbers if moved else []
    case.ended = f"moved by {', '.join(case.numbers)}" if case.numbers else "no stock document was made"


async def take_back(case: ParcelCase, to: ReturnRef) -> None:
    """Out of quarantine: the return books it."""

    async def attempt(decisions: list[Decision]) -> ParcelMoved:
        request = _move(case, to, decisions)
        return await run_step(
            ParcelSteps.take_back_parcel, request, step="take-back-parcel", queue=case.start.erp_queue
        )

    moved = await settle(case, Track.GOODS, "take-back-parcel", attempt, step_cancels=True)
    case.numbers += [moved.number] if moved and moved.number else []
    case.taken_back = True
    case.ended = f"return {to} has it"


async def _place(case: ParcelCase, known: list[Decision]) -> ParcelPlaced:
    async def attempt(decisions: list[Decision]) -> ParcelPlaced:
        request = PlaceParcel(
            ref=case.ref,
            blind=case.start.blind,
            inspection=case.inspection,
            tracking_number=case.start.tracking_number,
            order_number=case.start.order_number,
            refused_by=case.refused_by,
            look_again=bool(known),
            decisions=[*known, *decisions],
        )
        return await run_step(ParcelSteps.place_parcel, request, step="place-parcel", queue=case.start.erp_queue)

    placed = await settle(case, Track.GOODS, "place-parcel", attempt, step_cancels=True) or ParcelPlaced(dropped=True)
    case.numbers, case.rest = placed.numbers, placed.rest
    return placed


async def _hand_over(case: ParcelCase, to: ReturnRef, decisions: list[Decision]) -> str:
    """Why the return does not take it; empty when it did. A case that was never started is created backwards."""
    case.offered = to
    delivered = await _deliver(case, to, decisions)
    if delivered.outcome == "missing":
        await _start_case(case, to)
        delivered = await _deliver(case, to, decisions)
    case.offered = None
    if delivered.outcome != "taken":
        case.refused_by.append(to)
        return delivered.text or f"return {to} cannot be started"
    case.taken = to
    await take_back(case, to)
    return ""


async def _deliver(case: ParcelCase, to: ReturnRef, known: list[Decision]) -> ParcelDelivered:
    async def attempt(decisions: list[Decision]) -> ParcelDelivered:
        inspection = case.inspection.model_copy(update={"units": case.rest})
        request = DeliverParcel(ref=case.ref, to=to, inspection=inspection, decisions=[*known, *decisions])
        return await run_step(
            ParcelDeliverySteps.deliver_parcel, request, step="deliver-parcel", queue=case.start.platform_queue
        )

    delivered = await settle(case, Track.GOODS, "deliver-parcel", attempt)
    return delivered or ParcelDelivered(outcome="refused", text=f"a person gave return {to} up")


async def _start_case(case: ParcelCase, to: ReturnRef) -> None:
    """The return lives on its own: whoever starts it first has started it."""
    start = ReturnStart(ref=to, erp_queue=case.start.erp_queue, platform_queue=case.start.platform_queue)
    try:
        started = await workflow.start_child_workflow(
            RETURN_WORKFLOW,
            start,
            id=to.workflow_id,
            task_queue=RETURNS_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,
            search_attributes=search_attributes(to),
            static_summary=f"Return {to.return_id} (found by parcel {case.name})",
        )
    except WorkflowAlreadyStartedError:
        return
    await started.signal(POKE_SIGNAL, Poke(reason="operator"))


async def _end(case: ParcelCase, resolution: Resolution) -> None:
    """A person decided that no return takes it."""
    if resolution.kind is not ResolutionKind.RETURN_TO_CUSTOMER:
        case.ended = f"{resolution.kind} by {resolution.actor}: the units stay in quarantine"
        return

    async def attempt(decisions: list[Decision]) -> ParcelMoved:
        request = _move(case, None, decisions)
        return await run_step(ParcelSteps.hold_parcel, request, step="hold-parcel", queue=case.start.erp_queue)

    held = await settle(case, Track.GOODS, "hold-parcel", attempt, step_cancels=True)
    case.numbers += [held.number] if held and held.number else []
    case.ended = "the units wait for their way back to the customer"


def _problem(placed: ParcelPlaced, refusal: str) -> Problem | None:
    if not refusal:
        return placed.problem
    known = placed.problem or Problem(code=ExceptionCode.UNMATCHED_RECEIPT, reason="the parcel is in quarantine")
    return known.model_copy(update={"reason": f"{refusal}. {known.reason}"})


def _move(case: ParcelCase, to: ReturnRef | None, decisions: list[Decision]) -> MoveParcel:
    return MoveParcel(
        ref=case.ref,
        inspection_id=case.inspection.inspection_id,
        location=case.inspection.location,
        to=to,
        decisions=decisions,
    )
