"""Reveni's bodies in our words. Pure. What we do not know or cannot use is refused; it never crashes."""

from typing import Literal, TypeVar

from pydantic import ValidationError

from adapters.kit.misfit import first_misfit
from adapters.reveni import contract
from adapters.reveni.contract import Wire, WireOrder, WireRefund, WireReturn
from adapters.reveni.items import group_items, to_line, to_wishes
from adapters.reveni.payments import due_text, paid_text
from adapters.reveni.words import invalid, known
from domain.returns import ListedRefund, PlatformPhase, PlatformReturn, Refund

OrderReference = Literal["external_id", "number"]
W = TypeVar("W", bound=Wire)


def read_wire(shape: type[W], body: object, what: str) -> W:
    """The body as `shape`; `what` names it for people, e.g. ``"return"``.

    Rejected(EVENT_INVALID) names the first field that is missing or unusable, never its content.
    """
    try:
        return shape.model_validate(body)
    except ValidationError as trouble:
        raise invalid(f"Reveni's {what}: {first_misfit(trouble)}") from None


def to_return(wire: WireReturn, order_reference: OrderReference) -> PlatformReturn:
    """The return as the platform tells it. Money stays decimal text in major units.

    `order_reference` names the field that holds the ERP's order number. Rejected(EVENT_INVALID) for statuses,
    types and modes that we do not know, for a missing order number, for a finished request without items, and for
    items or payments that contradict each other.
    """
    phase = known(contract.PHASES, wire.status, "status")
    if not wire.return_items and phase is not PlatformPhase.DRAFT:
        raise invalid("Reveni's return: return_items is empty")
    breakdown = wire.breakdown or contract.WireBreakdown()
    return PlatformReturn(
        return_id=wire.id,
        order_number=_order_number(wire.order, order_reference),
        kind=known(contract.KINDS, wire.type, "type"),
        instant=known(contract.INSTANT, wire.mode, "mode"),
        phase=phase,
        platform_status=wire.status,
        currency=wire.currency,
        lines=[to_line(line_id, items) for line_id, items in group_items(wire.return_items).items()],
        refunds=[to_refund(refund, f"refunds.{n}.") for n, refund in enumerate(wire.refunds or [])],
        exchanges=to_wishes(wire.return_items),
        due_text=due_text(breakdown.total, wire.currency),
        paid_text=paid_text(wire.payments or [], wire.currency),
        fee_text=breakdown.fees,
        shipping_text=breakdown.shipping_refund,
        bonus_text=breakdown.bonus,
        tracking_number=wire.shipment.tracking_number if wire.shipment else "",
        expires_at=wire.expires_at,
        updated_at=wire.updated_at,
    )


def to_refund(wire: WireRefund, path: str = "") -> Refund:
    """One refund; `path` leads to it in the body, for the text of a refusal."""
    return Refund(
        refund_id=wire.id,
        state=known(contract.REFUND_STATES, wire.status, f"{path}status"),
        amount_text=wire.amount,
        currency=wire.currency,
        kind=wire.kind,
        created_at=wire.created_at,
    )


def to_listed_refund(wire: WireRefund) -> ListedRefund:
    """One refund of the listing, with the return that it names."""
    refund = to_refund(wire, "refund ")
    return ListedRefund(**refund.model_dump(), return_id=wire.return_id)


def _order_number(order: WireOrder, reference: OrderReference) -> str:
    number = order.external_id if reference == "external_id" else order.number
    if not number:
        raise invalid(f"Reveni's return: order.{reference} is missing, so the ERP's order is not known")
    return number
