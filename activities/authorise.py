"""Authorise: freeze the order, check the return against it, claim its units, open the RMA (R3, R4, R6, R13, R16)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from temporalio import activity

from activities.decisions import edits, made_by_hand, standing
from activities.due import rma_due_since
from activities.edge import Edge, Link
from activities.exchange_units import forget_exchanges, reserve_for_exchange
from activities.outcomes import Stop, problem_from
from activities.posting import Poster
from activities.return_checks import CheckedLine, check_items, check_kind, check_line, must_stand_alone
from activities.signatures import Decision, OpenRma, RmaLineRef, RmaOpened
from domain.carried import carry_over
from domain.documents import DocumentKind, RmaLine, RmaRequest
from domain.exceptions import ExceptionCode
from domain.exchange import SetAside, set_aside
from domain.footing import SnapshotNotFooting
from domain.keys import Step, business_key
from domain.order import OrderSnapshot, TaxMode
from domain.outcomes import Rejected, RetryLater
from domain.returns import ReturnRef
from domain.slots import OrderValue, value_order
from store.errors import NoFreeSlots
from store.records import DocumentLine, DocumentPlan, DocumentRecord
from store.unit import Unit

_FIRST_LOOK_AGAIN, _LONGEST_LOOK_AGAIN = timedelta(seconds=1), timedelta(minutes=5)


async def open_rma(edge: Edge, link: Link, request: OpenRma) -> RmaOpened:
    """The RMA of a return, opened or found. Every check comes before the first write."""
    platform, by_hand = request.platform, made_by_hand(request.decisions)
    order_lag = timedelta() if request.decisions else link.connection.policy.order_lag
    current = await _read_order(edge, link, platform.order_number, order_lag)
    snapshot = await _money_basis(edge, link, current)
    value = _value(snapshot)
    corrections = edits(request.decisions)
    checked = [check_line(link, value, line, corrections, by_hand) for line in platform.lines]
    if not by_hand:
        await check_items(link, [c.units.sku for c in checked])
    check_kind(link, platform)
    standalone = must_stand_alone(link, current, by_hand)
    key = business_key(request.ref, Step.RMA, request.number)
    exchanges = set_aside(platform.exchanges, request.begun)
    due_at = await rma_due_since(edge, request.ref, request.number, request.decisions)
    plan = _plan(request.ref, key, snapshot, checked, standalone, exchanges, due_at)
    await _claim(edge, link, request, snapshot, checked, exchanges)
    record = await Poster(edge, link).plan(plan)
    ready = RmaRequest.model_validate(record.request)
    record = await _post(edge, link, record, ready, request.decisions)
    opened = _opened(link, record, ready, snapshot, checked, exchanges)
    await _record(edge, link, request, opened)
    return opened


async def _post(
    edge: Edge, link: Link, record: DocumentRecord, ready: RmaRequest, decisions: Sequence[Decision]
) -> DocumentRecord:
    """Open it, or obey the standing decision. A refusal shows what was sent (R12)."""
    try:
        return await Poster(edge, link).post(record, lambda: link.erp.open_rma(ready), standing(decisions))
    except Rejected as rejection:
        problem = problem_from(rejection)
        lines = ", ".join(f"{line.order_line_id}: {line.quantity} x {line.sku}" for line in ready.lines)
        figures = problem.figures | {"order": ready.order_number, "customer": ready.customer_ref, "lines": lines}
        raise Stop(problem.code, problem.reason, subject=record.key, figures=figures) from rejection


async def _read_order(edge: Edge, link: Link, order_number: str, order_lag: timedelta) -> OrderSnapshot:
    """The order as the ERP has it now. A new one may still be on its way (E6), unless a person says it is there."""
    if not order_number:
        raise Stop(ExceptionCode.ORDER_NOT_FOUND, "the platform's return names no order")
    try:
        return await link.erp.read_order(order_number)
    except Rejected as rejection:
        waited = edge.clock() - activity.info().scheduled_time
        left = order_lag - waited
        if rejection.code is not ExceptionCode.ORDER_NOT_FOUND or left <= timedelta():
            raise
        pause = min(max(waited, _FIRST_LOOK_AGAIN), _LONGEST_LOOK_AGAIN, left)
        raise RetryLater(f"order {order_number} is not in the ERP yet", pause) from rejection


async def _money_basis(edge: Edge, link: Link, current: OrderSnapshot) -> OrderSnapshot:
    """The frozen order; the present one until a return claims units of it. A replacement order is worth what its
    exchange carried over, whatever the ERP says (N13)."""
    books = link.connection.books
    async with edge.store.reading() as unit:
        frozen = await unit.snapshots.get(books, current.order_number)
        carried = await unit.carried.get(books, current.order_number)
    if frozen is not None or carried is None:
        return frozen or current
    try:
        return carry_over(current, carried)
    except SnapshotNotFooting as error:
        raise Stop(ExceptionCode.SNAPSHOT_NOT_FOOTING, str(error), figures={"order": current.order_number}) from error


def _value(snapshot: OrderSnapshot) -> OrderValue:
    try:
        return value_order(snapshot)
    except SnapshotNotFooting as error:
        raise Stop(ExceptionCode.SNAPSHOT_NOT_FOOTING, str(error), figures={"order": snapshot.order_number}) from error


def _plan(
    ref: ReturnRef,
    key: str,
    snapshot: OrderSnapshot,
    checked: Sequence[CheckedLine],
    standalone: bool,
    exchanges: Sequence[SetAside],
    due_at: datetime,
) -> DocumentPlan:
    request = RmaRequest(
        key=key,
        return_id=ref.return_id,
        order_number=snapshot.order_number,
        customer_ref=snapshot.customer_ref,
        currency=snapshot.currency,
        tax_inclusive=snapshot.tax_mode is not TaxMode.EXCLUSIVE,
        standalone=standalone,
        exchange_orders=[business_key(ref, Step.EXCHANGE, one.number) for one in exchanges],
        lines=[
            RmaLine(
                line_no=number,
                order_line_id=c.units.order_line_id,
                sku=c.units.sku,
                quantity=c.line.quantity,
                unit_value=c.units.unit_value,
                reason=c.reason_code,
            )
            for number, c in enumerate(checked, start=1)
        ],
    )
    return DocumentPlan(
        key=key,
        ref=ref,
        kind=DocumentKind.RMA,
        order_number=snapshot.order_number,
        currency=snapshot.currency,
        lines=[DocumentLine(line_id=c.line.line_id, sku=c.units.sku, quantity=c.line.quantity) for c in checked],
        due_at=due_at,
        request=request.model_dump(mode="json"),
    )


async def _claim(
    edge: Edge,
    link: Link,
    request: OpenRma,
    snapshot: OrderSnapshot,
    checked: Sequence[CheckedLine],
    exchanges: Sequence[SetAside],
) -> None:
    """Freeze the order and reserve the units, so that a second return of it sees what is left (E68).

    Units that are to be exchanged are marked at once: which ones does not depend on what happens first. What an RMA
    before had set aside, and this one does not need, is free again.
    """
    wanted: dict[str, int] = {}
    for c in checked:
        wanted[c.units.line_id] = wanted.get(c.units.line_id, 0) + c.line.quantity
    available = {c.units.line_id: c.units.quantity for c in checked}
    books = link.connection.books
    try:
        async with edge.store.begin() as unit:
            if await unit.snapshots.freeze(books, snapshot, edge.clock()) != snapshot:
                raise RetryLater(f"order {snapshot.order_number} changed while it was checked")
            order, now = snapshot.order_number, edge.clock()
            lines = {c.line.line_id: c.units.line_id for c in checked}
            await forget_exchanges(unit, books, order, request, [(lines[o.wish.line_id], o) for o in exchanges], now)
            await unit.slots.give_back(books, order, request.ref, wanted)
            await unit.slots.reserve(books, order, request.ref, wanted, available)
            for one in exchanges:
                line_id = lines[one.wish.line_id]
                await reserve_for_exchange(unit, books, order, request.ref, line_id, one.units, one.number, now)
    except NoFreeSlots as error:
        figures = {"line": error.line_id, "wanted": str(error.wanted), "free": str(error.free)}
        reason = f"{error.wanted} unit(s) of order line {error.line_id} wanted, {error.free} not returned yet"
        raise Stop(ExceptionCode.VALIDATION_QTY, reason, figures=figures) from error


def _opened(
    link: Link,
    record: DocumentRecord,
    ready: RmaRequest,
    snapshot: OrderSnapshot,
    checked: Sequence[CheckedLine],
    exchanges: Sequence[SetAside],
) -> RmaOpened:
    policy = link.connection.policy
    opened_at = record.created_at
    return RmaOpened(
        number=record.number,
        order_number=ready.order_number,
        standalone=ready.standalone,
        snapshot_hash=snapshot.money_hash,
        opened_at=opened_at,
        reminders=[opened_at + reminder for reminder in policy.reminders],
        deadline=opened_at + policy.deadline,
        flow=policy.flow,
        exchanges={one.wish.exchange_id: one.number for one in exchanges},
        lines=[
            RmaLineRef(
                line_id=c.line.line_id,
                slot_line_id=c.units.line_id,
                rma_line_no=line.line_no,
                order_line_id=line.order_line_id,
                sku=line.sku,
                quantity=line.quantity,
            )
            for line, c in zip(ready.lines, checked, strict=True)
        ],
    )


async def _record(edge: Edge, link: Link, request: OpenRma, opened: RmaOpened) -> None:
    now, ref = edge.clock(), request.ref
    async with edge.store.begin() as unit:
        if request.number > 1:
            await unit.returns.reopen(ref, now)
        await unit.returns.set_authorised(
            ref,
            opened.number,
            opened.standalone,
            opened.snapshot_hash,
            opened.deadline,
            now,
            link.connection.policy.exchange_on,
        )
        await _tell(unit, ref, opened, edge)


async def _tell(unit: Unit, ref: ReturnRef, opened: RmaOpened, edge: Edge) -> None:
    kind = "standalone RMA" if opened.standalone else "RMA"
    text = f"{kind} {opened.number} is open for order {opened.order_number}"
    refs = {"rma": opened.number, "order": opened.order_number}
    await unit.timeline.add(ref, f"rma/{opened.number}", edge.clock(), "backhaul", "rma", text, refs)
