"""Since when a document is due: the moment from which its delay counts (R90, N10)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from temporalio import activity

from activities.books import Books
from activities.edge import Edge, Link
from activities.signatures import CreditRefund, Decision
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.returns import ReturnRef
from store.unit import Unit

_STOCK = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)


async def due_since(edge: Edge, decisions: Sequence[Decision]) -> datetime:
    """Since the step was first wanted, however often it stopped for a person since then.

    A replacement that waited for the customer's payment was not wanted before it.
    """
    wanted = activity.info().scheduled_time
    if not decisions:
        return wanted
    async with edge.store.reading() as unit:
        asked = [await unit.exceptions.get(decision.resolution.exception_id) for decision in decisions]
    stopped = (one for one in asked if one is not None and one.code is not ExceptionCode.EXCHANGE_PAYMENT_MISSING)
    return min([wanted, *(one.opened_at for one in stopped)])


async def rma_due_since(edge: Edge, ref: ReturnRef, number: int, decisions: Sequence[Decision]) -> datetime:
    """Since the return is known to be authorised; a later RMA of it (E29, E61) since it was wanted."""
    wanted = await due_since(edge, decisions)
    if number > 1:
        return wanted
    async with edge.store.reading() as unit:
        record = await unit.returns.get(ref)
    return min(wanted, record.authorised_at) if record and record.authorised_at else wanted


async def credit_due_since(
    unit: Unit, link: Link, request: CreditRefund, books: Books, scans: Iterable[str]
) -> datetime | None:
    """Since everything is there that the credit needs: the refund, the parcels that it is for, replacements.

    An ERP that credits nothing before it was received needs the receipts too. None: since now.
    """
    ref, mine = request.ref, set(scans)
    moments = [one.saved_at for one in await unit.inspections.list(ref) if one.inspection.inspection_id in mine]
    moments += [exchange.updated_at for exchange in books.exchanges.values()]
    if request.refund is not None:
        refunds = {refund.refund_id: refund for refund in await unit.returns.refunds(ref)}
        if (refund := refunds.get(request.refund.refund_id)) is not None:
            moments.append(refund.paid_at or refund.first_seen_at)
    if link.erp.capabilities.credit_needs_receipt:
        documents = await unit.documents.for_return(ref)
        moments += [d.updated_at for d in documents if d.kind in _STOCK and d.state.in_erp and d.inspection_id in mine]
    return max(moments, default=None)
