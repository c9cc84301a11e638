"""Pulling both sides of a reconciliation into the store, page by page, at the pace of their systems (R78, N6)."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from temporalio import activity

from activities.edge import Edge, Link
from activities.outcomes import Stop
from activities.reconcile_signatures import PageDone, RunPage
from domain.documents import CreditRecord
from domain.exceptions import ExceptionCode
from domain.money import AmountPrecisionError, parse_minor
from domain.outcomes import Rejected
from domain.returns import ListedRefund
from store.reconciliation_days import start_of
from store.reconciliation_records import RunItem, RunRecord, RunState
from store.unit import Unit

#: A step hands over after so many seconds: what it did is kept, and the next one goes on from there.
STEP_SECONDS = 60.0
_DAY = timedelta(days=1)
#: Refunds without a case whose return is looked up at the platform, in one run. Each is a call.
_LOOK_UPS = 50
_PAGE = 500


class ReconcilePlatform:
    """Implements `ReconcilePlatformSteps` for one connection."""

    def __init__(self, edge: Edge, link: Link) -> None:
        self._edge = edge
        self._link = link

    @activity.defn
    async def pull_refunds(self, request: RunPage) -> PageDone:
        """Stage the platform's refunds day by day, or all at once where its listing cannot be cut."""
        async with self._edge.crossing(None, self._link.connection, self._link.connection.platform):
            run = await going_on(self._edge, request.run)
            end = min(start_of(run.until), run.started_at)
            step = _DAY if self._link.platform.capabilities.lists_spans else end - start_of(run.since)
            since = datetime.fromisoformat(request.after) if request.after else start_of(run.since)
            turn, count = Turn(), 0
            while since < end:
                until = min(since + step, end)
                listed = await self._link.platform.list_refunds(since, until)
                items = [_refund_item(refund, run) for refund in listed]
                if items:
                    async with self._edge.store.begin() as unit:
                        await unit.reconciliation.stage_refunds(run, items)
                since, count = until, count + len(items)
                if turn.over:
                    return PageDone(after=since.isoformat(), count=count)
            return PageDone(after=None, count=count)

    @activity.defn
    async def look_up_orders(self, request: RunPage) -> PageDone:
        """Ask the platform for the returns of refunds that have no case here: people search by their order."""
        async with self._edge.crossing(None, self._link.connection, self._link.connection.platform):
            run = await going_on(self._edge, request.run)
            async with self._edge.store.reading() as unit:
                loose = await unit.reconciliation.loose_after(run, "refund", "", _PAGE)
            wanted = [item for item in loose if item.platform_return and not item.order_number][:_LOOK_UPS]
            for item in wanted:
                try:
                    known = await self._link.platform.read_return(item.platform_return)
                except Rejected:
                    continue  # the platform does not know it any more, or it cannot be used: the refund counts
                async with self._edge.store.begin() as unit:
                    await unit.reconciliation.set_order(run, item.item_id, known.order_number)
            return PageDone(after=None, count=len(wanted))


class ReconcileErp:
    """Implements `ReconcileErpSteps` for one ERP. `links` has every connection of these books by name."""

    def __init__(self, edge: Edge, links: Mapping[str, Link]) -> None:
        self._edge = edge
        self._links = links

    @activity.defn
    async def pull_credits(self, request: RunPage) -> PageDone:
        """Stage the ERP's credit notes page by page."""
        link = self._links[request.connection]
        async with self._edge.at_erp(None, link):
            run = await going_on(self._edge, request.run)
            page: int | None = int(request.after or 1)
            turn, count = Turn(), 0
            while page is not None:
                found = await link.erp.list_credits(run.since, run.until - _DAY, page)
                items = [_credit_item(record) for record in found.records]
                if items:
                    async with self._edge.store.begin() as unit:
                        await unit.reconciliation.stage_credits(run, items, list(self._links))
                page, count = found.next_page, count + len(items)
                if page is not None and turn.over:
                    return PageDone(after=str(page), count=count)
            return PageDone(after=None, count=count)


class Turn:
    """The time that one step takes for itself."""

    def __init__(self) -> None:
        self._until = time.monotonic() + STEP_SECONDS

    @property
    def over(self) -> bool:
        """Whether it is time to hand over."""
        return time.monotonic() >= self._until


async def going_on(edge: Edge, run: int) -> RunRecord:
    """The run, while it goes on. Raises Stop once it does not: a newer run of the connection began."""
    async with edge.store.reading() as unit:
        return await still_going_on(unit, run)


async def still_going_on(unit: Unit, run: int) -> RunRecord:
    """As `going_on`, inside a transaction of the caller."""
    record = await unit.reconciliation.get(run)
    if record.state is not RunState.RUNNING:
        raise Stop(ExceptionCode.EVENT_INVALID, f"run {record.name} is {record.state}")
    return record


def _refund_item(refund: ListedRefund, run: RunRecord) -> RunItem:
    """A refund without a time counts as old: it must not wait for ever."""
    try:
        amount: int | None = parse_minor(refund.amount_text, refund.currency)
    except AmountPrecisionError:
        amount = None
    return RunItem(
        side="refund",
        item_id=refund.refund_id,
        platform_return=refund.return_id,
        amount=amount,
        amount_text=refund.amount_text,
        currency=refund.currency,
        state=refund.state,
        at=refund.created_at or start_of(run.since),
    )


def _credit_item(record: CreditRecord) -> RunItem:
    return RunItem(
        side="credit",
        item_id=record.number,
        key=record.key,
        rma_number=record.rma_number,
        order_number=record.order_number,
        amount=record.total,
        amount_text="",
        currency=record.currency,
        state="reversed" if record.reversed else "live",
        at=start_of(record.credited_on),
    )
