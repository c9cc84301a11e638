"""Carries a person's decision to where the exception is parked: the return's workflow, or the store (D4, R69, R110)."""

import asyncio
import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError

from desk.clock import Clock
from desk.handles import RPC_LIMIT, absent, refusal_text
from desk.link import TemporalLink
from desk.second_person import Standing, proposal_of, proposed_just_now, standing
from domain.catalogue import CATALOGUE
from domain.documents import DocumentKind
from domain.exceptions import ResolutionKind
from domain.limits import Limits
from domain.messages import POKE_SIGNAL, RESOLVE_UPDATE, Poke, ResolutionReceipt
from domain.model import Value
from domain.resolution import FIRST_VERSION, Resolution, deciding, same_decision
from domain.returns import ReturnRef
from store import Store, Unit
from store.errors import NotOpen, StaleVersion
from store.records import ExceptionRecord, ExceptionState

#: Decisions that only a running return can carry out.
_NEEDS_POSTING = (ResolutionKind.ACCEPT_PLATFORM_AMOUNT, ResolutionKind.ACCEPT_ORDER_AMOUNT)


#: Decisions that settle nothing: what is left to do is done again.
_AGAIN = (ResolutionKind.RETRY, ResolutionKind.EDIT_AND_RETRY)

#: Seconds that a worker has to confirm a decision.
CONFIRM_SECONDS = 10.0


class ResolutionAnswer(Value):
    """What became of a decision.

    decided: it holds; `repeated` when it had been made before
    proposed: it is about much money and waits for a second person, who makes the same decision; `repeated` as above
    unconfirmed: no worker answered in time; the same decision may be sent again, it is applied once
    refused: `text` says why
    """

    outcome: Literal["decided", "proposed", "unconfirmed", "refused"]
    repeated: bool = False
    text: str = ""


def refusal(record: ExceptionRecord, resolution: Resolution) -> str:
    """Why this decision is not allowed, as far as the record tells; empty when it is."""
    entry = CATALOGUE[record.code]
    if record.state is not ExceptionState.OPEN:
        return f"{record.id} is {record.state} already{_decided_by(record.resolution)}"
    if not resolution.role.may_decide(entry.owner, resolution.kind):
        owner = deciding(entry.owner, resolution.kind)
        return f"{record.code} belongs to {owner}; the role {resolution.role} may not decide it"
    if not entry.resolutions:
        return f"{record.code} closes by itself when its cause is gone"
    if resolution.kind not in entry.resolutions:
        return f"{record.code} can be resolved by {', '.join(entry.resolutions)}, not by {resolution.kind}"
    if resolution.version != record.version:
        return f"{record.id} is at version {record.version}, not {resolution.version}: look at it again"
    return ""


def _decided_by(made: Resolution | None) -> str:
    if made is None:
        return ""
    given = ", ".join(filter(None, [made.document, *(f"{name}={value}" for name, value in made.edits.items())]))
    return f" by {made.kind} of {made.actor}" + (f" ({given})" if given else "")


def waits_in_workflow(record: ExceptionRecord) -> bool:
    """Whether a track of a return is parked on it. The others were raised beside the flow and stop nothing."""
    return record.return_id is not None and record.track is not None


def waiting_workflow(record: ExceptionRecord) -> str:
    """Id of the workflow that waits for the decision. ValueError for trouble of a whole connection."""
    if record.workflow_id:
        return record.workflow_id
    if record.ref is None:
        raise ValueError(f"{record.id} concerns a whole connection: no workflow waits for it")
    return record.ref.workflow_id


async def note_refusal(store: Store, record: ExceptionRecord, resolution: Resolution, text: str, clock: Clock) -> None:
    """A refused decision leaves a trace too (R110)."""
    detail = {"kind": resolution.kind.value, "role": resolution.role.value, "why": text}
    async with store.begin() as unit:
        await unit.audit.add(resolution.actor, "exception.refused", record.id, detail, clock())


async def decide(
    store: Store,
    link: TemporalLink,
    record: ExceptionRecord,
    resolution: Resolution,
    clock: Clock,
    *,
    limits: Mapping[str, Limits],
    wait: float = CONFIRM_SECONDS,
) -> ResolutionAnswer:
    """Carry a decision on `record`, as it was read just now, to where it belongs; a refusal is in the audit.

    limits: by connection; a decision about more money than `second_person` is kept until a second person makes it too
    Temporal is asked only when a return has to hear of it. Raises TemporalUnreachableError.
    """
    if _is_made(record, resolution):
        return ResolutionAnswer(outcome="decided", repeated=True)  # pressed twice (E67)
    if proposed_just_now(record, resolution):
        return ResolutionAnswer(outcome="proposed", repeated=True)
    if text := refusal(record, resolution):
        return await _refuse(store, record, resolution, text, clock)
    match await standing(store, record, resolution, limits):
        case Standing.FIRST:
            return await _propose(store, record, resolution, clock)
        case Standing.SAME_PERSON:
            return await _refuse(store, record, resolution, same_person(resolution), clock)
        case Standing.SECOND:
            first = record.proposal.actor if record.proposal else ""
            return await _carry(store, link, record, resolution.model_copy(update={"proposed_by": first}), clock, wait)
        case Standing.ALONE:
            return await _carry(store, link, record, resolution.model_copy(update={"proposed_by": ""}), clock, wait)


def same_person(resolution: Resolution) -> str:
    """Why the one who proposed a decision cannot confirm it."""
    return f"{resolution.actor} has proposed this decision already: another person has to confirm it"


async def _propose(store: Store, record: ExceptionRecord, resolution: Resolution, clock: Clock) -> ResolutionAnswer:
    try:
        async with store.begin() as unit:
            await unit.exceptions.propose(record.id, resolution.version, proposal_of(resolution, clock()))
    except (NotOpen, StaleVersion) as error:
        return await _refuse(store, record, resolution, str(error), clock)
    return ResolutionAnswer(outcome="proposed")


async def _carry(
    store: Store, link: TemporalLink, record: ExceptionRecord, resolution: Resolution, clock: Clock, wait: float
) -> ResolutionAnswer:
    """The decision may be made: to whoever waits for it."""
    if waits_in_workflow(record):
        answer = await decide_in_workflow(await link.client(), record, resolution, wait)
        if answer.repeated:
            answer = await _made_before(store, resolution)
    else:
        if resolution.kind is ResolutionKind.RETRY and record.ref is not None:
            await look_again(await link.client(), record.ref)
        answer = await decide_in_store(store, resolution, clock)
    if answer.outcome == "refused":
        await note_refusal(store, record, resolution, answer.text, clock)
    return answer


async def _made_before(store: Store, resolution: Resolution) -> ResolutionAnswer:
    """What the workflow calls decided before: by this very decision, or by another one that was quicker."""
    async with store.reading() as unit:
        record = await unit.exceptions.get(resolution.exception_id)
    if record is None or record.state is ExceptionState.OPEN or _is_made(record, resolution):
        return ResolutionAnswer(outcome="decided", repeated=True)
    return ResolutionAnswer(outcome="refused", text=refusal(record, resolution))


def _is_made(record: ExceptionRecord, resolution: Resolution) -> bool:
    return record.resolution is not None and same_decision(record.resolution, resolution)


async def _refuse(
    store: Store, record: ExceptionRecord, resolution: Resolution, text: str, clock: Clock
) -> ResolutionAnswer:
    await note_refusal(store, record, resolution, text, clock)
    return ResolutionAnswer(outcome="refused", text=text)


async def look_again(client: Client, ref: ReturnRef) -> None:
    """Have an open return read from its platform again; one that has ended, or never began, stays as it is.

    Raises TemporalUnreachableError.
    """
    handle = client.get_workflow_handle(ref.workflow_id)
    try:
        await handle.signal(POKE_SIGNAL, Poke(reason="operator"), rpc_timeout=RPC_LIMIT)
    except RPCError as error:
        await absent(handle, error)


async def decide_in_store(store: Store, resolution: Resolution, clock: Clock) -> ResolutionAnswer:
    """Decide an exception that no workflow waits on. A refund that it is about gets the decision as its own."""
    if resolution.kind in _NEEDS_POSTING:
        text = f"the return is closed, so {resolution.kind} would post nothing: credit it by hand and link the document"
        return ResolutionAnswer(outcome="refused", text=text)
    try:
        async with store.begin() as unit:
            record = await unit.exceptions.resolve(resolution.exception_id, resolution.version, resolution, clock())
            if record.ref is not None and (refund := await _refund_of(unit, record.ref, record)):
                if resolution.kind in _AGAIN:
                    return ResolutionAnswer(outcome="decided")
                if own := await _on_its_way(unit, record.ref, refund):
                    raise NotOpen(f"our own credit note {own} is on its way to the ERP: there would be two")
                decision = f"{resolution.kind}: {resolution.document or resolution.reason}"
                await unit.refunds.decide(record.ref, refund, decision, clock())
    except (NotOpen, StaleVersion) as error:
        return ResolutionAnswer(outcome="refused", text=str(error))
    return ResolutionAnswer(outcome="decided")


async def _on_its_way(unit: Unit, ref: ReturnRef, refund_id: str) -> str:
    """Key of a credit note that the ERP may get for the refund at any moment; empty when there is none."""
    notes = (d for d in await unit.documents.for_return(ref) if d.kind is DocumentKind.CREDIT and d.state.pending)
    return next((note.key for note in notes if note.refund_id == refund_id), "")


async def _refund_of(unit: Unit, ref: ReturnRef, record: ExceptionRecord) -> str:
    """Id of the refund that the exception is about, where the return has it; else empty."""
    known = [refund.refund_id for refund in await unit.returns.refunds(ref)]
    return next((refund_id for refund_id in known if refund_id == record.payload.get("refund")), "")


async def decide_in_workflow(
    client: Client, record: ExceptionRecord, resolution: Resolution, wait: float = CONFIRM_SECONDS
) -> ResolutionAnswer:
    """Tell whoever waits for it: the return, or the parcel that parked. Raises TemporalUnreachableError.

    It knows the exception as it was opened: proposals stay in the store. The very same decision twice is one update
    (E67).
    """
    waiting = waiting_workflow(record)
    resolution = resolution.model_copy(update={"version": FIRST_VERSION})
    handle = client.get_workflow_handle(waiting)
    content = hashlib.sha256(resolution.model_dump_json().encode()).hexdigest()[:16]
    try:
        async with asyncio.timeout(wait):
            receipt = await handle.execute_update(
                RESOLVE_UPDATE,
                resolution,
                id=f"{resolution.exception_id}-{content}",
                result_type=ResolutionReceipt,
                rpc_timeout=timedelta(seconds=wait),
            )
    except WorkflowUpdateFailedError as error:
        return ResolutionAnswer(outcome="refused", text=refusal_text(error))
    except WorkflowUpdateRPCTimeoutOrCancelledError:
        return ResolutionAnswer(outcome="unconfirmed")
    except RPCError as error:
        state = await absent(handle, error)
        if state == "open":
            return ResolutionAnswer(outcome="unconfirmed")
        return ResolutionAnswer(outcome="refused", text=f"{waiting} is {state} in Temporal: nothing waits there")
    return ResolutionAnswer(outcome="decided", repeated=receipt.repeated)
