"""Hands a warehouse's inspection to the return's workflow: by update, and by signal when nobody answers."""

import asyncio
import hashlib
from datetime import timedelta
from typing import Literal

from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError

from desk.handles import RPC_LIMIT, Handle, absent, refusal_text
from domain.inspection import InspectedUnits, Inspection, NoGoodsExpected
from domain.messages import INSPECTION_SIGNAL, RECORD_INSPECTION_UPDATE, InspectionReceipt, LooseInspection
from domain.model import Value
from domain.returns import ReturnRef

#: A return may be started between a message that does not find it and the look for it.
_MOST_ATTEMPTS = 5


class InspectionAnswer(Value):
    """What became of an inspection.

    confirmed: the workflow has it; `repeated` when it knew this scan id already
    conflict: the parcel was recorded before with another result; that one stands, and a person decides (E16)
    kept: Temporal has it, but no worker confirmed it in time; it is applied once when one runs
    refused: it does not fit the return, `text` says why; nothing was stored
    closed: the return has ended, or is just being called off
    unknown: no such return was ever started
    parcel: no open return waits for it; it goes to quarantine, or is received as found again
    """

    outcome: Literal["confirmed", "conflict", "kept", "refused", "closed", "unknown", "parcel"]
    repeated: bool = False
    text: str = ""


async def record_inspection(
    client: Client, ref: ReturnRef, inspection: Inspection, wait: float = 5.0
) -> InspectionAnswer:
    """Record one parcel's inspection; `wait` is how many seconds a worker has to answer.

    Update and signal carry the same scan id, so the workflow applies them once, whichever comes through.
    Raises TemporalUnreachableError: nothing is known to be stored; the same call may be repeated.
    """
    handle = client.get_workflow_handle(ref.workflow_id)
    for attempt in range(_MOST_ATTEMPTS):
        try:
            try:
                return await _by_update(handle, inspection, wait)
            except WorkflowUpdateRPCTimeoutOrCancelledError:  # no worker, or no Temporal: the signal will tell
                await handle.signal(INSPECTION_SIGNAL, loose(inspection), rpc_timeout=RPC_LIMIT)
        except RPCError as error:
            if (state := await absent(handle, error)) != "open":
                return InspectionAnswer(outcome=state)
            if attempt + 1 < _MOST_ATTEMPTS:
                continue  # it was started in this very moment
            raise
        break
    return InspectionAnswer(outcome="kept")


def loose(inspection: Inspection) -> LooseInspection:
    """The inspection in the form of the signal."""
    return LooseInspection(
        inspection_id=inspection.inspection_id,
        location=inspection.location,
        units=[_text(units) for units in inspection.units],
        inspector=inspection.inspector,
        parcel=inspection.parcel,
    )


async def _by_update(handle: Handle, inspection: Inspection, wait: float) -> InspectionAnswer:
    try:
        async with asyncio.timeout(wait):
            receipt = await handle.execute_update(
                RECORD_INSPECTION_UPDATE,
                inspection,
                id=_update_id(inspection),
                result_type=InspectionReceipt,
                rpc_timeout=timedelta(seconds=wait),
            )
    except WorkflowUpdateFailedError as error:
        over = getattr(error.cause, "type", "") == NoGoodsExpected.__name__
        return InspectionAnswer(outcome="closed" if over else "refused", text=refusal_text(error))
    return InspectionAnswer(outcome="conflict" if receipt.conflict else "confirmed", repeated=receipt.repeated)


def _update_id(inspection: Inspection) -> str:
    """The same result again is one update; another result for the same scan must reach the return (E15, E16)."""
    content = hashlib.sha256(inspection.model_dump_json().encode()).hexdigest()[:16]
    return f"{inspection.inspection_id}-{content}"


def _text(units: InspectedUnits) -> dict[str, str]:
    return {name: str(value) for name, value in units.model_dump().items()}
