"""ReturnGO's bodies in our words. Pure. What we do not know or cannot use is refused; it never crashes."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import ValidationError

from adapters.kit.misfit import first_misfit
from adapters.returngo import contract
from adapters.returngo.contract import Flow, Wire, WireReturn, WireShipment, WireTransaction
from adapters.returngo.items import (
    group_items,
    is_accepted,
    is_exchanged,
    is_inspected,
    is_kept,
    to_graded,
    to_line,
    to_wishes,
)
from adapters.returngo.money import currency_of, due_and_paid, fee_text, flow_of, to_refund
from adapters.returngo.settings import Amounts, OrderReference, ReturnGoSettings
from adapters.returngo.words import invalid, known
from domain.returns import ListedRefund, PlatformPhase, PlatformReturn, Refund, ReturnKind

W = TypeVar("W", bound=Wire)


def read_wire(shape: type[W], body: object, what: str) -> W:
    """The body as `shape`; `what` names it for people, e.g. ``"return"``.

    Rejected(EVENT_INVALID) names the first field that is missing or unusable, never its content.
    """
    try:
        return shape.model_validate(body)
    except ValidationError as trouble:
        raise invalid(f"{what}: {first_misfit(trouble)}") from None


def to_return(wire: WireReturn, settings: ReturnGoSettings) -> PlatformReturn:
    """The return as the platform tells it. Money stays decimal text in major units, in the configured currency.

    Rejected(EVENT_INVALID), with field and word, for words that we do not know, and for a return without order
    number, items or one currency, or whose parts contradict each other.
    """
    lines = group_items(wire.items)
    if not lines:
        raise invalid("return: items is empty")
    _check_new_items(wire)
    refunds, payments = _transactions(wire.transactions, settings.amounts)
    called_off = frozenset(t.id for t in wire.transactions if t.status == contract.MONEY_CALLED_OFF)
    due, paid = due_and_paid(payments, called_off)
    return PlatformReturn(
        return_id=wire.rmaSummary.rmaId,
        order_number=_order_number(wire, settings.order_reference),
        kind=_kind(wire),
        instant=any(item.policyRuleName in settings.instant_policies for item in wire.items),
        phase=_phase(wire),
        platform_status=wire.rmaSummary.status,
        currency=currency_of(wire, settings.amounts),
        lines=[to_line(line_id, line) for line_id, line in lines.items()],
        refunds=refunds,
        exchanges=[wish for line_id, line in lines.items() for wish in to_wishes(line_id, line, settings.amounts)],
        graded=[units for line_id, line in lines.items() for units in to_graded(line_id, line)],
        final=_is_final(wire),
        due_text=due,
        paid_text=paid,
        fee_text=fee_text(wire),
        tracking_number=next((s.trackingNumber for s in _inbound(wire) if s.trackingNumber), ""),
        updated_at=wire.lastUpdated,
    )


def to_refunds(transactions: Sequence[WireTransaction], amounts: Amounts) -> list[ListedRefund]:
    """Those of a listing that are refunds."""
    return [
        ListedRefund(**to_refund(transaction, amounts, "transaction").model_dump())
        for transaction in transactions
        if flow_of(transaction, "transaction") is Flow.REFUND
    ]


def _transactions(transactions: Sequence[WireTransaction], amounts: Amounts) -> tuple[list[Refund], list[Refund]]:
    """Refunds, and what the customer pays."""
    found: dict[Flow, list[Refund]] = {flow: [] for flow in Flow}
    seen: set[str] = set()
    for n, transaction in enumerate(transactions):
        path = f"return: transactions.{n}"
        if transaction.id in seen:
            raise invalid(f"{path}.id is listed twice")
        seen.add(transaction.id)
        found[flow_of(transaction, path)].append(to_refund(transaction, amounts, path))
    return found[Flow.REFUND], found[Flow.PAYMENT]


def _order_number(wire: WireReturn, reference: OrderReference) -> str:
    order = wire.orderDetails or contract.WireOrder()
    number = order.orderId if reference == "order_id" else order.order_name or wire.rmaSummary.order_name
    if not number:
        field = "orderId" if reference == "order_id" else "order_name"
        raise invalid(f"return: orderDetails.{field} is missing, so the ERP's order is not known")
    return number


def _kind(wire: WireReturn) -> ReturnKind:
    exchanged = {is_exchanged(item) for item in wire.items}
    if len(exchanged) > 1:
        return ReturnKind.MIXED
    return ReturnKind.EXCHANGE if exchanged == {True} else ReturnKind.REFUND


def _phase(wire: WireReturn) -> PlatformPhase:
    """By the status; parcels tell whether it is on its way, items whether all of it was accepted."""
    phase = known(contract.PHASES, wire.rmaSummary.status, "return: rmaSummary.status")
    moving = [known(contract.SHIPMENT_MOVES, s.status, "return: the status of a shipment") for s in _inbound(wire)]
    if phase is PlatformPhase.AUTHORISED and any(moving):
        return PlatformPhase.IN_TRANSIT
    if phase is PlatformPhase.ACCEPTED and not all(is_accepted(item) or is_kept(item) for item in wire.items):
        return PlatformPhase.PARTLY_ACCEPTED
    return phase


def _is_final(wire: WireReturn) -> bool:
    """R139: done, or validated to the last item that comes back."""
    if wire.rmaSummary.status == contract.VALIDATED:
        return all(is_inspected(item) or is_kept(item) for item in wire.items)
    return wire.rmaSummary.status == contract.DONE


def _inbound(wire: WireReturn) -> list[WireShipment]:
    return [s for s in wire.shipments if not s.isOutbound and s.status != contract.SHIPMENT_CANCELED]


def _check_new_items(wire: WireReturn) -> None:
    """The return's own list of new items may repeat those of its items; others would belong to no returned unit."""
    known_skus = {wish.sku for item in wire.items for wish in item.exchangeItems}
    for n, wish in enumerate(wire.exchangeItems):
        if wish.sku not in known_skus:
            raise invalid(f"return: exchangeItems.{n} belongs to no returned item")
