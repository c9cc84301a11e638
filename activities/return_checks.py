"""What must hold before a return is authorised: its lines are on the order, its SKUs live, its codes mapped."""

from collections.abc import Sequence
from dataclasses import dataclass

from activities.edge import Link
from activities.outcomes import Stop
from domain.exceptions import ExceptionCode
from domain.order import OrderSnapshot, OrderStatus
from domain.returns import PlatformReturn, ReturnLine
from domain.slots import OrderValue, SlotLine


@dataclass(frozen=True)
class CheckedLine:
    """A line of the return with the units of the order that it means."""

    line: ReturnLine
    units: SlotLine
    reason_code: str


def check_line(
    link: Link, value: OrderValue, line: ReturnLine, corrections: dict[str, str], by_hand: bool
) -> CheckedLine:
    """The order's units for one line; nothing is guessed (R3, R4, R11)."""
    mappings = link.connection.mappings
    sku = corrections.get(f"sku.{line.sku}") or mappings.skus.get(line.sku, line.sku)
    units = value.find(line.order_line_id, sku)
    figures = {"sku": sku, "order_line": line.order_line_id, "quantity": str(line.quantity)}
    if units is None:
        reason = f"{sku} (order line {line.order_line_id or 'not named'}) is not on the order"
        raise Stop(ExceptionCode.VALIDATION_QTY, reason, figures=figures | {"unknown_sku": sku})
    if not units.returnable:
        raise Stop(ExceptionCode.VALIDATION_QTY, f"{sku} cannot be returned", figures=figures)
    if line.quantity > units.quantity:
        reason = f"{line.quantity} of {sku} are to come back, but only {units.quantity} were bought"
        raise Stop(ExceptionCode.VALIDATION_QTY, reason, figures=figures)
    reason_code = corrections.get(f"reason.{line.reason}") or mappings.reasons.get(line.reason, "")
    if not reason_code and not by_hand:
        reason = f"return reason {line.reason!r} has no ERP reason in mappings.reasons"
        raise Stop(ExceptionCode.REASON_UNMAPPED, reason, figures=figures | {"reason": line.reason})
    return CheckedLine(line=line, units=units, reason_code=reason_code)


async def check_items(link: Link, skus: Sequence[str]) -> None:
    """Every SKU is live in the item master (R6)."""
    items = await link.erp.check_items(sorted(set(skus)))
    dead = [item.sku for item in items if not item.active]
    if dead:
        reason = f"{', '.join(dead)}: unknown or inactive in the ERP's item master; nothing was posted"
        raise Stop(ExceptionCode.SKU_NOT_IN_MASTER, reason, figures={"skus": ", ".join(dead)})


def check_kind(link: Link, platform: PlatformReturn) -> None:
    """The return's type has a target (R18)."""
    if platform.kind.value not in link.connection.mappings.return_types:
        reason = f"return type {platform.kind} has no target in mappings.return_types"
        raise Stop(ExceptionCode.CONFIG_INVALID, reason, figures={"return_type": platform.kind.value})


def must_stand_alone(link: Link, order: OrderSnapshot, by_hand: bool) -> bool:
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
