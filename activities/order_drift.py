"""Before money is posted: is the order still what it was when the return began? (N12, E46)"""

from activities.edge import Edge, Link
from activities.outcomes import Stop
from activities.signatures import CreditRefund
from domain.drift import LineDrift, drifted_lines, other_changes
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.order import OrderSnapshot
from domain.outcomes import Rejected
from domain.slots import value_order
from store.records import DocumentState

#: A person who decided on an amount, or on a note that exists, decided on the order as it is.
_DECIDED = {
    ResolutionKind.ACCEPT_ORDER_AMOUNT,
    ResolutionKind.ACCEPT_PLATFORM_AMOUNT,
    ResolutionKind.LINK_EXISTING,
    ResolutionKind.DONE_BY_HAND,
}


async def check_drift(edge: Edge, link: Link, request: CreditRefund, key: str) -> None:
    """Raise ORDER_DRIFT when a returned line changed in the ERP. Whatever else changed is told in the timeline.

    Only before the first posting: a credit that the ERP may have is not questioned any more. A status is no drift.
    """
    if _DECIDED & {decision.resolution.kind for decision in request.decisions}:
        return
    books, order = link.connection.books, request.rma.order_number
    async with edge.store.reading() as unit:
        known = await unit.documents.get(key)
        frozen = await unit.snapshots.get(books, order)
        carried = await unit.carried.get(books, order) is not None
    if frozen is None or (known is not None and known.state is not DocumentState.REFUSED):
        return
    try:
        now = await link.erp.read_order(order)
    except Rejected as rejection:
        await _tell(edge, request, f"the order cannot be compared with its frozen copy: {rejection}", "unreadable")
        return
    lines = _returned_lines(request, frozen)
    if drifted := drifted_lines(frozen, now, lines, identity_only=carried):
        raise _stop(order, drifted)
    changes = [] if carried else other_changes(frozen, now, lines)
    if changes:
        text = f"the order changed in the ERP since it was frozen ({', '.join(changes)}); the returned lines did not"
        await _tell(edge, request, text, now.money_hash[:16])


def _returned_lines(request: CreditRefund, frozen: OrderSnapshot) -> set[str]:
    """Lines of the snapshot that the return has units of."""
    value = value_order(frozen)
    slot_lines = (value.line(line.slot_line_id) for line in request.rma.lines)
    return {line.parent_line_id for line in slot_lines if line is not None}


def _stop(order: str, drifted: list[LineDrift]) -> Stop:
    figures = {"order": order}
    for line in drifted:
        figures |= {f"frozen.{line.line_id}": line.frozen, f"now.{line.line_id}": line.now}
    told = "; ".join(f"line {line.line_id} was {line.frozen}, and is now {line.now}" for line in drifted)
    reason = f"order {order} changed in the ERP after its amounts were frozen: {told}. Nothing was credited"
    return Stop(ExceptionCode.ORDER_DRIFT, reason, figures=figures)


async def _tell(edge: Edge, request: CreditRefund, text: str, name: str) -> None:
    refs = {"order": request.rma.order_number}
    async with edge.store.begin() as unit:
        await unit.timeline.add(request.ref, f"drift/{name}", edge.clock(), "backhaul", "order", text, refs)
