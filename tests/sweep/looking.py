"""A store with returns of any age, and a sweep over it at any time. No server is needed: the steps are called."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import JsonValue
from temporalio.testing import ActivityEnvironment

from activities.edge import Edge, Link
from activities.sweep_signatures import StuckOrder, StuckSwept
from activities.sweep_stuck import StuckSweep
from adapters.assembly import load_connections
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, Track
from domain.lateness import StuckKind
from domain.returns import ExchangeWish, PlatformPhase, PlatformReturn, Refund, RefundState, ReturnKind, ReturnRef
from store import Store
from store.records import DocumentPlan, DocumentState, ExceptionRecord, ExceptionState, OpenException
from store.sweep_records import StuckRecord
from tests.store.given import LINE, NOW, line
from tests.world import API_KEY, connection_table

NAME = "uk"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def ago(**span: float) -> datetime:
    """So long before NOW, which is when the first sweep comes."""
    return NOW - timedelta(**span)


@dataclass
class Shop:
    """One connection, Reveni to Prima, with the usual limits unless others are given."""

    store: Store
    link: Link
    now: datetime = NOW

    async def sweep(self, at: datetime = NOW) -> StuckSwept:
        """What the sweep of this time finds."""
        self.now = at
        edge = Edge(store=self.store, clock=lambda: self.now)
        step = StuckSweep(edge, {NAME: self.link}).sweep_stuck
        return await ActivityEnvironment().run(step, StuckOrder(connection=NAME))

    async def stuck(self, kind: StuckKind | None = None) -> list[StuckRecord]:
        """What is on the list now."""
        async with self.store.reading() as unit:
            return await unit.sweep.open_stuck(NAME, kind)

    async def exceptions(self, state: ExceptionState | None = ExceptionState.OPEN) -> list[ExceptionRecord]:
        """Every exception of the connection."""
        async with self.store.reading() as unit:
            return await unit.exceptions.list(state=state, connection=NAME)

    async def returned(
        self, return_id: str = "R1", since: datetime = NOW, *, rma: bool = True, **fields: Any
    ) -> ReturnRef:
        """A return of two shirts that was authorised then, with its RMA unless it has none."""
        ref = ReturnRef(connection=NAME, return_id=return_id)
        known = {
            "return_id": return_id,
            "order_number": "ORD-1",
            "kind": ReturnKind.REFUND,
            "phase": PlatformPhase.AUTHORISED,
            "platform_status": "open",
            "currency": "GBP",
            "lines": [line()],
            "updated_at": since,
        }
        refunds: list[Refund] = fields.pop("refunds", [])
        found = PlatformReturn.model_validate(known | fields)
        async with self.store.begin() as unit:
            await unit.returns.save_platform_return(ref, found, since)
            for number, refund in enumerate(refunds, 1):  # each is heard of when it is paid
                read = found.model_copy(update={"refunds": refunds[:number]})
                await unit.returns.save_platform_return(ref, read, refund.created_at or since)
            if rma:
                await unit.returns.set_authorised(ref, f"RMA-{return_id}", False, "hash", since + 30 * DAY, since)
        return ref

    async def planned(
        self,
        ref: ReturnRef,
        kind: DocumentKind,
        since: datetime,
        *,
        key: str = "",
        window_at: datetime | None = None,
        refund_id: str = "",
    ) -> str:
        """A document that is on its way into the ERP, or in the line of a window; its key."""
        key = key or f"bh-{ref.return_id.lower()}-{kind}"
        plan = DocumentPlan(key=key, ref=ref, kind=kind, order_number="ORD-1", refund_id=refund_id, currency="GBP")
        async with self.store.begin() as unit:
            await unit.documents.plan(plan, since)
            if refund_id:
                await unit.refunds.set_credit(ref, refund_id, key, since)
            if window_at is not None:
                await unit.windows.queue(key, window_at, ref.workflow_id, since)
        return key

    async def posted(self, key: str, at: datetime) -> None:
        """The ERP has the document."""
        async with self.store.begin() as unit:
            await unit.documents.mark(key, DocumentState.POSTED, number=f"NO-{key}", now=at)

    async def parked(
        self, ref: ReturnRef, code: ExceptionCode, track: Track | None, at: datetime = NOW, **figures: JsonValue
    ) -> str:
        """A track of the return waits for a person, or no track does; the id of the exception."""
        item = OpenException(
            id=f"ex-{ref.return_id}-{code}",
            connection=NAME,
            return_id=ref.return_id,
            code=code,
            track=track,
            step="some-step",
            reason="it was refused",
            payload=figures,
            now=at,
        )
        async with self.store.begin() as unit:
            return (await unit.exceptions.open(item)).id


def shop_with(store: Store, **limits: Any) -> Shop:
    """The shop with other limits than the usual ones."""
    table = connection_table("http://unused.example", "http://unused.example", NAME, limits=limits)
    [ready] = load_connections({"connections": {NAME: table}}, {"REVENI_KEY": API_KEY})
    http = httpx.AsyncClient()
    return Shop(store, Link(connection=ready.connection, platform=ready.platform(http), erp=ready.erp(http)))


def paid(at: datetime, refund_id: str = "RF1", amount: str = "20.00") -> Refund:
    """A refund that the platform paid then."""
    return Refund(refund_id=refund_id, state=RefundState.PAID, amount_text=amount, currency="GBP", created_at=at)


def wish() -> ExchangeWish:
    """Another size for one of the shirts."""
    return ExchangeWish(
        exchange_id=f"{LINE}>SHIRT-L",
        line_id=LINE,
        quantity=1,
        sku="SHIRT-L",
        replacement_quantity=1,
        price_text="10.00",
    )
