"""Withdraw: undo the authorisation before goods arrived; it tolerates that nothing was ever done (D5, E58)."""

from datetime import timedelta

from temporalio import activity

from activities.cancelling import cancel_by_document
from activities.decisions import last_kind
from activities.edge import Edge, Link
from activities.signatures import Done, WithdrawRma
from domain.documents import CancelRma, DocumentKind, Posted
from domain.exceptions import ResolutionKind
from domain.keys import Step, business_key, cancellation_key
from domain.outcomes import RetryLater
from store.records import DocumentRecord, DocumentState

#: So long after its answer was lost the ERP may still apply a request.
_ON_ITS_WAY = timedelta(seconds=5)
_LOOK_AGAIN = timedelta(seconds=3)


async def withdraw_rma(edge: Edge, link: Link, request: WithdrawRma) -> Done:
    """Cancel the RMA if the ERP has one, or may have one; free the units of the order."""
    key = business_key(request.ref, Step.RMA, request.number)
    async with edge.store.reading() as unit:
        record = await unit.documents.get(key)
    if record is not None and _may_exist(record) and last_kind(request.decisions) is not ResolutionKind.DONE_BY_HAND:
        await _cancel(edge, link, record, request.reason)
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


async def _cancel(edge: Edge, link: Link, record: DocumentRecord, reason: str) -> None:
    """Cancel it in the ERP. One that was only planned may still be on its way there: then it is looked for again."""
    if link.erp.capabilities.batch:
        key = cancellation_key(record.key)
        request = CancelRma(key=key, rma_number=record.number, rma_key=record.key, reason=reason)
        kind = DocumentKind.RMA_CANCELLATION
        await cancel_by_document(edge, link, record, kind, request, lambda: link.erp.cancel_rma(request))
        return
    cancel = CancelRma(key=record.key, rma_number=record.number, rma_key=record.key, reason=reason)
    answer = await link.erp.cancel_rma(cancel)
    found = isinstance(answer, Posted) and answer.number
    waited = edge.clock() - activity.info().scheduled_time
    if not found and record.state is DocumentState.PLANNED and waited < _ON_ITS_WAY:
        raise RetryLater(f"the ERP has no RMA {record.key} yet; it may still be on its way", _LOOK_AGAIN)


def _may_exist(record: DocumentRecord) -> bool:
    """Planned counts: its answer may have been lost. Refused does too: the ERP may have taken a part of it (E14)."""
    return record.state.in_erp or record.state.pending
