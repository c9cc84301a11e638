"""Cancelling at a batch ERP: a document of its own, or one fewer in the next file."""

from collections.abc import Awaitable, Callable

from activities.edge import Edge, Link
from activities.posting import Poster, awaited
from domain.documents import CancelReplacement, CancelRma, DocumentKind, Posting
from store.records import DocumentPlan, DocumentRecord, DocumentState


async def cancel_by_document(
    edge: Edge,
    link: Link,
    record: DocumentRecord,
    kind: DocumentKind,
    cancel: CancelRma | CancelReplacement,
    send: Callable[[], Awaitable[Posting]],
) -> None:
    """Keep it out of the next file, or cancel it at a window. Raises AwaitsWindow until that is done, and Rejected."""
    if record.state is DocumentState.QUEUED:
        async with edge.store.begin() as unit:
            if await unit.windows.leave(record.key, edge.clock()):
                return
        raise awaited(edge, link, [record])
    if not record.state.in_erp:
        return  # it was never in a file
    plan = DocumentPlan(
        key=cancel.key,
        ref=record.ref,
        kind=kind,
        order_number=record.order_number,
        request=cancel.model_dump(mode="json"),
    )
    poster = Poster(edge, link)
    await poster.post(await poster.plan(plan), send)
