"""A shop whose returns, refunds and notes are written down by hand, and a reconciliation over it at any time.

No server is needed: the steps are called in the order of the workflow. Platform and ERP only list what they are given.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from pydantic import JsonValue
from temporalio.testing import ActivityEnvironment

from activities.edge import Edge, Link
from activities.reconcile_signatures import BeginRun, EndRun, PageDone, RunBegun, RunPage
from activities.reconcile_store import ReconcileStore
from activities.reconciling import ReconcileErp, ReconcilePlatform
from adapters.assembly import load_connections
from desk.payouts import import_payouts
from domain.dispositions import Disposition
from domain.documents import CreditLine, CreditPage, CreditRecord, DocumentKind
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.inspection import BookedUnits, InspectedUnits, Inspection
from domain.messages import ReconcileOutcome
from domain.money import Money
from domain.outcomes import Rejected
from domain.ports import Erp, ErpCapabilities, PlatformCapabilities, ReturnsPlatform
from domain.resolution import Resolution, Role
from domain.returns import (
    ListedRefund,
    PlatformPhase,
    PlatformReturn,
    Refund,
    RefundState,
    ReturnKind,
    ReturnLine,
    ReturnRef,
)
from store import Store, Unit
from store.reconciliation_records import DifferenceQuery, DifferenceRecord, DifferenceState
from store.records import DocumentLine, DocumentPlan, DocumentState, ExceptionRecord, ExceptionState, OpenException
from tests.world import API_KEY, connection_table

NAME = "uk"
NOW = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
OLD = NOW - timedelta(days=9)
LINE = "1/SHIRT"
ANY_STATE = frozenset[DifferenceState]()


class ListingPlatform:
    """A platform that lists these refunds, and knows the orders of some returns that we do not."""

    capabilities = PlatformCapabilities(
        inspects=False, signs_webhooks=True, instant_refunds=True, exchanges=True, keep_items=True
    )

    def __init__(self) -> None:
        self.refunds: list[ListedRefund] = []
        self.orders: dict[str, str] = {}
        self.asked: list[tuple[datetime, datetime]] = []

    async def list_refunds(self, since: datetime, until: datetime) -> list[ListedRefund]:
        self.asked.append((since, until))
        return [one for one in self.refunds if one.created_at is None or since <= one.created_at < until]

    async def read_return(self, return_id: str) -> PlatformReturn:
        if return_id not in self.orders:
            raise Rejected(ExceptionCode.EVENT_INVALID, "no such return")
        return platform_return(return_id, self.orders[return_id], [])


class ListingErp:
    """An ERP that lists these notes, a few at a time."""

    capabilities = ErpCapabilities(
        standalone_rma=True, batch=False, stock_adjustments=True, applies_credit_to_invoice=True, exchange_orders=True
    )
    page_size = 7

    def __init__(self) -> None:
        self.credits: list[CreditRecord] = []
        self.look_back = timedelta()

    async def list_credits(self, since: date, until: date, page: int = 1) -> CreditPage:
        rows = [one for one in self.credits if since - self.look_back <= one.credited_on <= until]
        start = (page - 1) * self.page_size
        more = len(rows) > start + self.page_size
        return CreditPage(records=rows[start : start + self.page_size], next_page=page + 1 if more else None)


@dataclass
class Shop:
    """One connection. `now` is when the next run comes."""

    store: Store
    connection: Any
    platform: ListingPlatform = field(default_factory=ListingPlatform)
    erp: ListingErp = field(default_factory=ListingErp)
    now: datetime = NOW

    async def returned(
        self, return_id: str, *amounts: str, quantity: int = 2, at: datetime = OLD, listed: bool = True, **fields: Any
    ) -> ReturnRef:
        """A return of some shirts with a refund of each amount, ``<return id>-1`` and so on, an hour apart."""
        ref = ReturnRef(connection=NAME, return_id=return_id)
        refunds = [
            Refund(
                refund_id=f"{return_id}-{number}",
                state=RefundState.PAID,
                amount_text=amount,
                currency="GBP",
                created_at=at + timedelta(hours=number - 1),
            )
            for number, amount in enumerate(amounts, 1)
        ]
        found = platform_return(return_id, f"ORD-{return_id}", refunds, quantity=quantity, **fields)
        async with self.store.begin() as unit:
            await unit.returns.save_platform_return(ref, found, at)
            await unit.returns.set_authorised(ref, f"RMA-{return_id}", False, "hash", at + timedelta(days=30), at)
        if listed:
            self.platform.refunds += [ListedRefund(**refund.model_dump(), return_id=return_id) for refund in refunds]
        return ref

    async def restocked(
        self,
        ref: ReturnRef,
        units: int = 2,
        disposition: Disposition = Disposition.SELLABLE,
        *,
        posted: bool = True,
        at: datetime = OLD,
    ) -> None:
        """One parcel: units inspected, and their receipt in the ERP."""
        key = f"bh-{ref.return_id.lower()}-g-1"
        scan = Inspection(
            inspection_id="scan-1",
            location="LDN-1",
            units=[InspectedUnits(sku="SHIRT", quantity=units, disposition=disposition)],
        )
        booked = BookedUnits(line_id=LINE, sku="SHIRT", quantity=units, disposition=disposition)
        plan = DocumentPlan(
            key=key,
            ref=ref,
            kind=DocumentKind.RECEIPT,
            order_number=f"ORD-{ref.return_id}",
            depot="01",
            lines=[DocumentLine(line_id=LINE, sku="SHIRT", quantity=units, disposition=disposition)],
            inspection_id="scan-1",
        )
        async with self.store.begin() as unit:
            await unit.inspections.save(ref, scan, [booked], at)
            await unit.returns.set_reported(ref, at)
            await unit.documents.plan(plan, at)
            if posted:
                await unit.documents.mark(key, DocumentState.POSTED, number=f"GR-{ref.return_id}", now=at)

    async def credited(self, ref: ReturnRef, total: int, **fields: Any) -> str:
        """Our note for a refund of the return, as `credit_in`."""
        async with self.store.begin() as unit:
            return await self.credit_in(unit, ref, total, **fields)

    async def credit_in(
        self,
        unit: Unit,
        ref: ReturnRef,
        total: int,
        *,
        number: int = 1,
        refund: bool = True,
        units: int = 2,
        rounding: int = 0,
        at: datetime = OLD,
        state: DocumentState = DocumentState.POSTED,
        listed: bool = True,
        **told: Any,
    ) -> str:
        """Our note for the n-th refund, and the ERP's side of it; `told` is what the ERP says otherwise."""
        key = f"bh-{ref.return_id.lower()}-c-{number}"
        refund_id = f"{ref.return_id}-{number}" if refund else ""
        rows = [CreditLine(rma_line_no=1, order_line_id="1", sku="SHIRT", quantity=2, unit_primary=1000, tax=0)]
        plan = DocumentPlan(
            key=key,
            ref=ref,
            kind=DocumentKind.CREDIT,
            order_number=f"ORD-{ref.return_id}",
            lines=[DocumentLine(line_id=LINE, sku="SHIRT", quantity=units)] if units else [],
            total=total,
            currency="GBP",
            refund_id=refund_id,
            request={"credited_on": at.date().isoformat(), "lines": [row.model_dump(mode="json") for row in rows]},
        )
        credit = f"CN-{ref.return_id}-{number}"
        await unit.documents.plan(plan, at)
        await unit.ledger.add("prima-test", plan.order_number, key, 0, rounding, total)
        if refund:
            await unit.refunds.set_credit(ref, refund_id, key, at)
        await unit.documents.mark(key, state, number=credit if state.in_erp else "", now=at)
        if listed and state.in_erp:
            known = {"key": key, "rma_number": f"RMA-{ref.return_id}", "at": at}
            self.noted(credit, total, f"ORD-{ref.return_id}", **{**known, **told})
        return credit

    def noted(self, number: str, total: int, order_number: str, *, at: datetime = OLD, **fields: Any) -> None:
        """A note that the ERP has."""
        known = {"key": "", "rma_number": "", "credited_on": at.date(), "currency": "GBP", "reversed": False}
        note = {**known, **fields, "number": number, "total": total, "order_number": order_number}
        self.erp.credits.append(CreditRecord.model_validate(note))

    def paid_outside(self, refund_id: str, amount: str, return_id: str = "", *, at: datetime = OLD) -> None:
        """A refund that the platform lists and that we have no case for."""
        self.platform.refunds.append(
            ListedRefund(
                refund_id=refund_id,
                state=RefundState.PAID,
                amount_text=amount,
                currency="GBP",
                created_at=at,
                return_id=return_id,
            )
        )

    async def paid_out(self, refund_id: str, order_number: str, *amounts: str, at: datetime = OLD) -> None:
        """A payout report in which the gateway paid these amounts for the refund, an hour apart."""
        lines = [
            f"{refund_id},{order_number},{amount},GBP,{at + timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}"
            for number, amount in enumerate(amounts)
        ]
        report = "\n".join(("refund_id,order_number,amount,currency,paid_at", *lines)).encode()
        answer = await import_payouts(self.store, NAME, "payouts.csv", report, actor="jo", clock=lambda: self.now)
        assert answer.fresh == len(amounts), answer

    async def reconcile(
        self, at: datetime | None = None, *, since: date | None = None, until: date | None = None, days: int = 35
    ) -> ReconcileOutcome:
        """One whole run, as the workflow makes it."""
        self.now = at or self.now
        edge = Edge(store=self.store, clock=lambda: self.now)
        platform_side, erp_side = cast(ReturnsPlatform, self.platform), cast(Erp, self.erp)
        links = {NAME: Link(connection=self.connection, platform=platform_side, erp=erp_side)}
        steps = ReconcileStore(edge, links)
        platform, erp = ReconcilePlatform(edge, links[NAME]), ReconcileErp(edge, links)
        tomorrow = self.now.date() + timedelta(days=1)
        asked = BeginRun(connection=NAME, since=since, until=until or tomorrow, days=days)
        run: RunBegun = await environment(self.now).run(steps.begin_run, asked)
        parts: Sequence[Callable[[RunPage], Awaitable[PageDone]]] = (
            platform.pull_refunds,
            erp.pull_credits,
            platform.look_up_orders,
            steps.gather,
            steps.match_returns,
            steps.match_rest,
        )
        for part in parts:
            after: str | None = ""
            while after is not None:
                page = RunPage(run=run.run, connection=NAME, after=after)
                done: PageDone = await environment(self.now).run(part, page)
                after = done.after
        ended: ReconcileOutcome = await environment(self.now).run(steps.end_run, EndRun(run=run.run, connection=NAME))
        return ended

    async def differences(
        self, states: frozenset[DifferenceState] = frozenset({DifferenceState.OPEN})
    ) -> list[DifferenceRecord]:
        async with self.store.reading() as unit:
            return await unit.differences.list(DifferenceQuery(connection=NAME, states=states), limit=1000)

    async def exceptions(self, state: ExceptionState | None = ExceptionState.OPEN) -> list[ExceptionRecord]:
        async with self.store.reading() as unit:
            return await unit.exceptions.list(state=state, connection=NAME)

    async def settled(self, ref: ReturnRef, code: ExceptionCode, kind: ResolutionKind, **figures: JsonValue) -> None:
        """The flow has parked on this, and finance has decided it so."""
        parked = OpenException(
            id=f"ex-{ref.return_id}-{code}",
            connection=NAME,
            return_id=ref.return_id,
            code=code,
            track=Track.FINANCE,
            step="credit-refund",
            reason="they differ",
            payload=figures,
            amount=Money(amount=1, currency="GBP"),
            now=OLD,
        )
        async with self.store.begin() as unit:
            item = await unit.exceptions.open(parked)
            await unit.exceptions.resolve(item.id, None, await self.decided(item, kind, "CN-HAND"), OLD)

    async def decided(self, item: ExceptionRecord, kind: ResolutionKind, document: str = "") -> Resolution:
        """A decision of finance."""
        return Resolution(
            exception_id=item.id,
            version=item.version,
            kind=kind,
            role=Role.FINANCE,
            actor="jo",
            reason="known",
            document=document,
        )


def shop_with(store: Store, **limits: Any) -> Shop:
    """The shop with other limits than the usual ones."""
    table = connection_table("http://unused.example", "http://unused.example", NAME, limits=limits)
    [ready] = load_connections({"connections": {NAME: table}}, {"REVENI_KEY": API_KEY})
    return Shop(store, ready.connection)


def environment(now: datetime) -> ActivityEnvironment:
    """Every run has an execution of its own."""
    here = ActivityEnvironment()
    here.info = here.info.__class__(**{**vars(here.info), "workflow_run_id": now.isoformat()})
    return here


def platform_return(
    return_id: str, order_number: str, refunds: Sequence[Refund], *, quantity: int = 2, **fields: Any
) -> PlatformReturn:
    line = ReturnLine(line_id=LINE, order_line_id="1", sku="SHIRT", quantity=quantity, accepted=quantity)
    known = {
        "return_id": return_id,
        "order_number": order_number,
        "kind": ReturnKind.REFUND,
        "phase": PlatformPhase.ACCEPTED,
        "platform_status": "accepted",
        "currency": "GBP",
        "lines": [line],
        "refunds": list(refunds),
    }
    return PlatformReturn.model_validate({**known, **fields})
