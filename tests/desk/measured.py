"""What tests of the measures start from: one connection, and documents that were late by so much."""

from datetime import timedelta
from typing import Any

from domain.connection import Connection
from domain.documents import DocumentKind
from domain.latency import PostingStage
from domain.returns import ReturnRef
from store.records import DocumentState
from store.unit import Unit
from tests.store.given import NOW, document
from tests.world import connection_table

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
KINDS = {
    PostingStage.RMA: DocumentKind.RMA,
    PostingStage.STOCK: DocumentKind.RECEIPT,
    PostingStage.CREDIT: DocumentKind.CREDIT,
    PostingStage.EXCHANGE: DocumentKind.EXCHANGE,
}


def connection(name: str = "shop", **fields: Any) -> Connection:
    """A connection of which only the names and the agreed times matter."""
    table = connection_table("http://127.0.0.1:1", "http://127.0.0.1:1", name)
    kept = {key: table[key] for key in ("platform", "erp", "ledger", "mappings")}
    return Connection.model_validate({"name": name, **kept, **fields})


SHOP = connection()


async def posted(
    unit: Unit, stage: PostingStage, number: int, delay: timedelta, *, window: timedelta | None = None, depot: str = ""
) -> None:
    """A document that was due at NOW, waited for a window for so long, and was late by so much."""
    ref = ReturnRef(connection="shop", return_id=f"R{number}")
    planned = document(f"bh-{stage}-{number}", KINDS[stage], ref).model_copy(update={"due_at": NOW, "depot": depot})
    await unit.documents.plan(planned, NOW)
    if window is not None:
        await unit.windows.queue(planned.key, NOW + window, "", NOW)
    at = NOW + delay + (window or timedelta())
    await unit.documents.mark(planned.key, DocumentState.POSTED, number=planned.key, now=at)
