"""Authorise: freeze the order, check the return against it, claim its units, open the RMA (R3, R4, R6, R13, R16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity

from activities.decisions import edits, last_kind
from activities.edge import Edge, Link
from activities.outcomes import Stop, problem_from
from activities.posting import Poster
from activities.signatures import Decision, OpenRma, RmaLineRef, RmaOpened
from domain.documents import DocumentKind, RmaLine, RmaRequest
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.footing import SnapshotNotFooting
from domain.keys import Step, business_key
from domain.order import OrderSnapshot, OrderStatus, TaxMode
from domain.outcomes import Rejected, RetryLater
from domain.returns import PlatformReturn, ReturnLine, ReturnRef
from domain.slots import OrderValue, SlotLine, value_order
from store.errors import NoFreeSlots
from store.records import DocumentLine, DocumentPlan, DocumentRecord
from store.unit import Unit

#: Decisions that name an RMA which a person made: what only our own posting needs is not asked for any more.
_MADE_BY_HAND = (ResolutionKind.LINK_EXISTING, ResolutionKind.DONE_BY_HAND)
_FIRST_LOOK_AGAIN, _LONGEST_LOOK_AGAIN = timedelta(seconds=1), timedelta(minutes=5)


@dataclass(frozen=True)
class CheckedLine:
    """A line of the return with the units of the order that it means."""

    line: ReturnLine
    units: SlotLine
    reason_code: str


async def open_rma(edge: Edge, link: Link, request: OpenRma) -> RmaOpened:
    """The RMA of a return, opened or found. Every check comes before the first write."""
    platform, by_hand = request.platform, last_kind(request.decisions) in _MADE_BY_HAND
    order_lag = timedelta() if request.decisions else link.connection.policy.order_lag
    current = await _read_order(edge, link, platform.order_number, order_lag)
    snapshot = await _money_basis(edge, link, current)
    value = _value(snapshot)
    corrections = edits(request.decisions)
    checked = [_check(link, value, line, corrections, by_hand) for line in platform.lines]
    if not by_hand:
        await _check_items(link, [c.units.sku for c in checked])
    _check_kind(link, platform)
    standalone = _standalone(link, current, by_hand)
    key = business_key(request.ref, Step.RMA, 1)
    plan = _plan(request.ref, key, snapshot, checked, standalone)
    await _claim(edge, link, request.ref, snapshot, checked)
    record = await Poster(edge).plan(plan)
    ready = RmaRequest.model_validate(record.request)
    record = await _post(edge, link, record, ready, request.decisions)
    opened = _opened(link, record, ready, snapshot, checked)
    await _record(edge, request.ref, opened)
    return opened


async def _post(
    edge: Edge, link: Link, record: DocumentRecord, ready: RmaRequest, decisions: Sequence[Decision]
) -> DocumentRecord:
    """Open it, or obey the newest decision. A refusal shows what was sent (R12)."""
    decision = decisions[-1].resolution if decisions else None
    try:
        return await Poster(edge).post(record, lambda: link.erp.open_rma(ready), decision)
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
    """The frozen order; the present one until a return claims units of it."""
    async with edge.store.reading() as unit:
        return await unit.snapshots.get(link.connection.books, current.order_number) or current


def _value(snapshot: OrderSnapshot) -> OrderValue:
    try:
        return value_order(snapshot)
    except SnapshotNotFooting as error:
        raise Stop(ExceptionCode.SNAPSHOT_NOT_FOOTING, str(error), figures={"order": snapshot.order_number}) from error


def _check(link: Link, value: OrderValue, line: ReturnLine, corrections: dict[str, str], by_hand: bool) -> CheckedLine:
    """The order's units for one line; nothing is guessed (R3, R4, R11)."""
    mappings = link.connection.mappings
    sku = corrections.get(f"sku.{line.sku}") or mappings.skus.get(line.sku, line.sku)
    units = value.find(line.order_line_id, sku)
    figures = {"sku": sku, "order_line": line.order_line_id, "quantity": str(line.quantity)}
    if units is None:
        reason = f"{sku} (order line {line.order_line_id or 'not named'}) is not on the order"
        raise Stop(ExceptionCode.VALIDATION_QTY, reason, figures=figures)
    if not units.returnable:
        raise Stop(ExceptionCode.VALIDATION_QTY, f"{sku} cannot be returned", figures=figures)
    if line.quantity > units.quantity:
        reason = f"{line.quantity} of {sku} are to come back, but only {units.quantity} were bought"
        raise Stop(ExceptionCode.VALIDATION_QTY, reason, figures=figures)
    if line.exchange:
        reason = f"line {line.line_id} asks for an exchange; this version runs refunds only"
        raise Stop(ExceptionCode.CONFIG_INVALID, reason, figures=figures)
    reason_code = corrections.get(f"reason.{line.reason}") or mappings.reasons.get(line.reason, "")
    if not reason_code and not by_hand:
        reason = f"return reason {line.reason!r} has no ERP reason in mappings.reasons"
        raise Stop(ExceptionCode.REASON_UNMAPPED, reason, figures=figures | {"reason": line.reason})
    return CheckedLine(line=line, units=units, reason_code=reason_code)


async def _check_items(link: Link, skus: Sequence[str]) -> None:
    """Every SKU is live in the item master (R6)."""
    items = await link.erp.check_items(sorted(set(skus)))
    dead = [item.sku for item in items if not item.active]
    if dead:
        reason = f"{', '.join(dead)}: unknown or inactive in the ERP's item master; nothing was posted"
        raise Stop(ExceptionCode.SKU_NOT_IN_MASTER, reason, figures={"skus": ", ".join(dead)})


def _check_kind(link: Link, platform: PlatformReturn) -> None:
    if platform.kind.value not in link.connection.mappings.return_types:
        reason = f"return type {platform.kind} has no target in mappings.return_types"
        raise Stop(ExceptionCode.CONFIG_INVALID, reason)


def _standalone(link: Link, order: OrderSnapshot, by_hand: bool) -> bool:
    """Whether the RMA cannot be linked to the order any more (R16); where that is impossible, say where it is (R17)."""
    locked = order.status is OrderStatus.LOCKED
    if by_hand:
        return locked
    if order.status is OrderStatus.CANCELLED:
        reason = f"order {order.order_number} is cancelled in the ERP ({order.erp_status})"
        raise Stop(ExceptionCode.ORDER_LOCKED, reason, figures=_located(order))
    if locked and not link.erp.capabilities.standalone_rma:
        reason = f"order {order.order_number} is {order.erp_status} and the ERP has no standalone authorisations"
        raise Stop(ExceptionCode.ORDER_LOCKED, reason, figures=_located(order))
    return locked


def _located(order: OrderSnapshot) -> dict[str, str]:
    return {
        "order": order.order_number,
        "ordered_on": order.ordered_on.isoformat(),
        "customer": order.customer_ref,
        "lines": ", ".join(f"{line.line_id}: {line.quantity} x {line.sku}" for line in order.lines),
    }


def _plan(
    ref: ReturnRef, key: str, snapshot: OrderSnapshot, checked: Sequence[CheckedLine], standalone: bool
) -> DocumentPlan:
    request = RmaRequest(
        key=key,
        order_number=snapshot.order_number,
        customer_ref=snapshot.customer_ref,
        currency=snapshot.currency,
        tax_inclusive=snapshot.tax_mode is not TaxMode.EXCLUSIVE,
        standalone=standalone,
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
        request=request.model_dump(mode="json"),
    )


async def _claim(
    edge: Edge, link: Link, ref: ReturnRef, snapshot: OrderSnapshot, checked: Sequence[CheckedLine]
) -> None:
    """Freeze the order and reserve the units, so that a second return of it sees what is left (E68)."""
    wanted: dict[str, int] = {}
    for c in checked:
        wanted[c.units.line_id] = wanted.get(c.units.line_id, 0) + c.line.quantity
    available = {c.units.line_id: c.units.quantity for c in checked}
    books = link.connection.books
    try:
        async with edge.store.begin() as unit:
            if await unit.snapshots.freeze(books, snapshot, edge.clock()) != snapshot:
                raise RetryLater(f"order {snapshot.order_number} changed while it was checked")
            await unit.slots.reserve(books, snapshot.order_number, ref, wanted, available)
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


async def _record(edge: Edge, ref: ReturnRef, opened: RmaOpened) -> None:
    now = edge.clock()
    async with edge.store.begin() as unit:
        await unit.returns.set_authorised(
            ref, opened.number, opened.standalone, opened.snapshot_hash, opened.deadline, now
        )
        await _tell(unit, ref, opened, edge)


async def _tell(unit: Unit, ref: ReturnRef, opened: RmaOpened, edge: Edge) -> None:
    kind = "standalone RMA" if opened.standalone else "RMA"
    text = f"{kind} {opened.number} is open for order {opened.order_number}"
    refs = {"rma": opened.number, "order": opened.order_number}
    await unit.timeline.add(ref, f"rma/{opened.number}", edge.clock(), "backhaul", "rma", text, refs)
