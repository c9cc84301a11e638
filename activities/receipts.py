"""ERPs that credit nothing before it was received: the credit waits for its receipts."""

from activities.credit_decision import TooEarly
from activities.edge import Edge, Link
from activities.posting import awaited
from activities.signatures import CreditRefund
from domain.documents import DocumentKind
from store.records import DocumentState


async def await_receipts(edge: Edge, link: Link, request: CreditRefund) -> CreditRefund:
    """The request, with units that are still to come as ones that a refund waits for (N7), also where it was paid
    instantly. Raises AwaitsWindow while receipts of the return wait for theirs, TooEarly while there is nothing else.
    """
    async with edge.store.reading() as unit:
        documents = await unit.documents.for_return(request.ref)
    receipts = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)
    if queued := [d for d in documents if d.kind in receipts and d.state is DocumentState.QUEUED]:
        raise awaited(edge, link, queued)
    if request.announced and not request.accepted and request.outstanding:
        raise TooEarly
    return request.model_copy(update={"announced": {}, "awaited": {**request.awaited, **request.announced}})
