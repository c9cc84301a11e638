"""Withdraw: undo the authorisation before goods arrived; it tolerates that nothing was ever done (D5, E58)."""

from activities.decisions import last_kind
from activities.edge import Edge, Link
from activities.signatures import Done, WithdrawRma
from domain.documents import CancelRma
from domain.exceptions import ResolutionKind
from domain.keys import Step, business_key
from store.records import DocumentRecord, DocumentState


async def withdraw_rma(edge: Edge, link: Link, request: WithdrawRma) -> Done:
    """Cancel the RMA if the ERP has one, or may have one; free the units of the order."""
    key = business_key(request.ref, Step.RMA, 1)
    async with edge.store.reading() as unit:
        record = await unit.documents.get(key)
    if record is not None and _may_exist(record) and last_kind(request.decisions) is not ResolutionKind.DONE_BY_HAND:
        cancel = CancelRma(key=key, rma_number=record.number, rma_key=key, reason=request.reason)
        await link.erp.cancel_rma(cancel)
    now = edge.clock()
    async with edge.store.begin() as unit:
        if record is not None:
            await unit.documents.mark(key, DocumentState.CANCELLED, reason=request.reason, now=now)
            if record.number:
                text = f"RMA {record.number} was cancelled: {request.reason}"
                refs = {"rma": record.number}
                await unit.timeline.add(request.ref, f"rma-cancelled/{key}", now, "backhaul", "rma", text, refs)
        await unit.slots.release(request.ref)
    return Done()


def _may_exist(record: DocumentRecord) -> bool:
    """Planned counts: its answer may have been lost. Refused does not: the ERP said no."""
    return record.state.in_erp or record.state in (DocumentState.PLANNED, DocumentState.QUEUED)
