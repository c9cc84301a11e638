"""Tells a return that the carrier lost what is still to come of it (E31)."""

import asyncio
from datetime import timedelta
from typing import Literal

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from desk.handles import absent, refusal_text
from domain.messages import REPORT_LOST_UPDATE, LostReceipt, LostReport
from domain.model import Value
from domain.returns import ReturnRef


class LostAnswer(Value):
    """What became of a report.

    asked: an exception asks what becomes of `units`; refused: `text` says why no parcel of it can be lost
    unconfirmed: no worker answered in time; the same report may be sent again
    """

    outcome: Literal["asked", "refused", "unconfirmed", "closed", "unknown"]
    units: int = 0
    text: str = ""


async def report_lost(client: Client, ref: ReturnRef, report: LostReport, wait: float = 10.0) -> LostAnswer:
    """Report it. Raises TemporalUnreachableError."""
    handle = client.get_workflow_handle(ref.workflow_id)
    try:
        async with asyncio.timeout(wait):
            receipt = await handle.execute_update(
                REPORT_LOST_UPDATE, report, result_type=LostReceipt, rpc_timeout=timedelta(seconds=wait)
            )
    except WorkflowUpdateFailedError as error:
        return LostAnswer(outcome="refused", text=refusal_text(error))
    except WorkflowUpdateRPCTimeoutOrCancelledError:
        return LostAnswer(outcome="unconfirmed")
    except RPCError as error:
        state = await absent(handle, error)
        return LostAnswer(outcome="unconfirmed" if state == "open" else state)
    return LostAnswer(outcome="asked", units=receipt.units)
