"""Reveni's bodies in our words. Pure. What we do not know or cannot use is refused; it never crashes."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

from pydantic import ValidationError

from adapters.reveni import contract
from adapters.reveni.contract import Wire, WireItem, WireOrder, WireRefund, WireReturn
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from domain.returns import PlatformPhase, PlatformReturn, Refund, ReturnLine

OrderReference = Literal["external_id", "number"]
W = TypeVar("W", bound=Wire)
T = TypeVar("T")

_WORD = re.compile(r"[a-z0-9_-]{1,40}")


def read_wire(shape: type[W], body: object, what: str) -> W:
    """The body as `shape`; `what` names it for people, e.g. ``"return"``.

    Rejected(EVENT_INVALID) names the first field that is missing or unusable, never its content.
    """
    try:
        return shape.model_validate(body)
    except ValidationError as trouble:
        first = trouble.errors(include_url=False, include_context=False, include_input=False)[0]
        path = ".".join(str(step) for step in first["loc"]) or "body"
        state = "is missing" if first["type"] == "missing" else "cannot be used"
        raise _invalid(f"Reveni's {what}: {path} {state} ({first['type']})") from None


def to_return(wire: WireReturn, order_reference: OrderReference) -> PlatformReturn:
    """The return as the platform tells it. Money stays decimal text in major units.

    `order_reference` names the field that holds the ERP's order number. Rejected(EVENT_INVALID) for statuses,
    types and modes that we do not know, for a missing order number, and for a finished request without items.
    """
    phase = _known(contract.PHASES, wire.status, "status")
    if not wire.return_items and phase is not PlatformPhase.DRAFT:
        raise _invalid("Reveni's return: return_items is empty")
    breakdown = wire.breakdown or contract.WireBreakdown()
    return PlatformReturn(
        return_id=wire.id,
        order_number=_order_number(wire.order, order_reference),
        kind=_known(contract.KINDS, wire.type, "type"),
        instant=_known(contract.INSTANT, wire.mode, "mode"),
        phase=phase,
        platform_status=wire.status,
        currency=wire.currency,
        lines=[_line(line_id, items) for line_id, items in group_items(wire.return_items).items()],
        refunds=[to_refund(refund, f"refunds.{n}.") for n, refund in enumerate(wire.refunds or [])],
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
        state=_known(contract.REFUND_STATES, wire.status, f"{path}status"),
        amount_text=wire.amount,
        currency=wire.currency,
        kind=wire.kind,
        created_at=wire.created_at,
    )


def group_items(items: Sequence[WireItem]) -> dict[str, list[WireItem]]:
    """Items by our line id ``<order line>/<sku>``, in the order of the body. A split line has several."""
    lines: dict[str, list[WireItem]] = {}
    for n, item in enumerate(items):
        if item.status not in contract.ITEM_STATUSES:
            raise _unknown(item.status, f"return_items.{n}.status")
        lines.setdefault(f"{item.external_id}/{item.sku}", []).append(item)
    return lines


def units(items: Sequence[WireItem], status: str) -> int:
    """Units of these items with that item status."""
    return sum(item.quantity for item in items if item.status == status)


def _line(line_id: str, items: list[WireItem]) -> ReturnLine:
    return ReturnLine(
        line_id=line_id,
        order_line_id=items[0].external_id,
        sku=items[0].sku,
        quantity=sum(item.quantity for item in items),
        reason=next((item.return_reason for item in items if item.return_reason), ""),
        exchange=any(item.exchange for item in items),
        accepted=units(items, contract.ITEM_ACCEPTED),
        rejected=units(items, contract.ITEM_REJECTED),
        item_ids=[item.id for item in items],
    )


def _order_number(order: WireOrder, reference: OrderReference) -> str:
    number = order.external_id if reference == "external_id" else order.number
    if not number:
        raise _invalid(f"Reveni's return: order.{reference} is missing, so the ERP's order is not known")
    return number


def _known(table: Mapping[str, T], word: str, path: str) -> T:
    if word not in table:
        raise _unknown(word, path)
    return table[word]


def _unknown(word: str, path: str) -> Rejected:
    shown = f"{word!r}, which we do not know" if _WORD.fullmatch(word) else "not a plain word"
    return _invalid(f"Reveni's {path} is {shown}")


def _invalid(text: str) -> Rejected:
    return Rejected(ExceptionCode.EVENT_INVALID, text)
