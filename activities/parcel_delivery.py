"""Hands a parcel's inspection to the return that it belongs to, by the same update that a warehouse uses (E26)."""

from datetime import timedelta
from typing import Any, TypeAlias

from temporalio import activity
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities.edge import Edge, Link
from activities.parcel_signatures import DeliverParcel, ParcelDelivered
from activities.parcels import corrected
from domain.inspection import Inspection, OpenLine, OverReceipt, UnexpectedSku, allocate
from domain.messages import RECORD_INSPECTION_UPDATE, InspectionReceipt
from domain.outcomes import Rejected
from domain.returns import PlatformPhase, PlatformReturn

_Handle: TypeAlias = WorkflowHandle[Any, Any]

#: The update is answered by a worker of ours; when none is there in time the step is tried again.
_ANSWER = timedelta(seconds=20)
_OVER = (PlatformPhase.DRAFT, PlatformPhase.REJECTED, PlatformPhase.CANCELLED)


class ParcelDelivery:
    """Implements `activities.parcel_signatures.ParcelDeliverySteps` for one connection."""

    def __init__(self, edge: Edge, link: Link) -> None:
        self._edge = edge
        self._link = link

    @activity.defn
    async def deliver_parcel(self, request: DeliverParcel) -> ParcelDelivered:
        """The running case takes it or says why not. Where there is none, the platform is asked about the return."""
        handle: _Handle = activity.client().get_workflow_handle(request.to.workflow_id)
        inspection = corrected(request.inspection, request.decisions)
        try:
            receipt = await _update(handle, inspection)
        except WorkflowUpdateFailedError as refused:
            text = str(getattr(refused.cause, "message", refused.cause))
            return ParcelDelivered(outcome="refused", text=f"return {request.to}: {text}")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        else:
            if receipt.conflict:
                text = f"return {request.to} has a parcel {inspection.inspection_id} with other content"
                return ParcelDelivered(outcome="refused", text=text)
            return ParcelDelivered(outcome="taken")
        if await _existed(handle):
            text = f"return {request.to} is over; a new return on the platform can take the parcel"
            return ParcelDelivered(outcome="refused", text=text)
        async with self._edge.crossing(request.ref, self._link.connection, self._link.connection.platform):
            return await self._ask_the_platform(request, inspection)

    async def _ask_the_platform(self, request: DeliverParcel, inspection: Inspection) -> ParcelDelivered:
        try:
            fresh = await self._link.platform.read_return(request.to.return_id)
            if fresh.phase in _OVER:
                return ParcelDelivered(outcome="refused", text=f"return {request.to} is {fresh.phase} on the platform")
            allocate(inspection, self._lines(fresh))
        except (Rejected, UnexpectedSku, OverReceipt) as no:
            return ParcelDelivered(outcome="refused", text=f"return {request.to}: {no}")
        return ParcelDelivered(outcome="missing")

    def _lines(self, fresh: PlatformReturn) -> list[OpenLine]:
        skus = self._link.connection.mappings.skus
        return [
            OpenLine(
                line_id=line.line_id,
                order_line_id=line.order_line_id,
                skus=list(dict.fromkeys([skus.get(line.sku, line.sku), line.sku])),
                outstanding=line.quantity,
            )
            for line in fresh.lines
            if not line.keep
        ]


async def _update(handle: _Handle, inspection: Inspection) -> InspectionReceipt:
    receipt: InspectionReceipt = await handle.execute_update(
        RECORD_INSPECTION_UPDATE,
        inspection,
        id=f"parcel-{inspection.inspection_id}",
        result_type=InspectionReceipt,
        rpc_timeout=_ANSWER,
    )
    return receipt


async def _existed(handle: _Handle) -> bool:
    """Whether this case was ever started."""
    try:
        await handle.describe(rpc_timeout=_ANSWER)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True
