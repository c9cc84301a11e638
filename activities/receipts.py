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
    receipts = [one for one in documents if one.kind in (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)]
    if queued := [receipt for receipt in receipts if receipt.state is DocumentState.QUEUED]:
        raise awaited(edge, link, queued)
    difference_alone = request.exchanges and not any(receipt.state.in_erp for receipt in receipts)
    if request.outstanding and not request.accepted and (request.announced or difference_alone):
        raise TooEarly
    return request.model_copy(update={"announced": {}, "awaited": {**request.awaited, **request.announced}})
