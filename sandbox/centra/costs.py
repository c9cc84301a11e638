"""What createReturn says beside the lines: voucher share, shipping, handling, return cost. None may exceed what is
left on the shipment."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.centra.model import ZERO, Order, Return, Shipment
from sandbox.centra.refusal import Refused, only
from sandbox.centra.state import CentraWorld
from sandbox.centra.values import shipment_discount, written
from sandbox.kit.money import payable

WORDS = {"shippingCost": "Shipping cost", "handlingCost": "Handling cost", "voucherValue": "Voucher value"}


@dataclass(frozen=True)
class Costs:
    """All positive."""

    voucher: Decimal
    shipping: Decimal
    handling: Decimal
    cost: Decimal


def read_costs(world: CentraWorld, order: Order, parcel: Shipment, given: dict[str, Any]) -> Costs:
    """Raises Refused."""
    left = left_on(world, order, parcel)
    taken = {name: _share(name, given.get(name), left[name], order.currency) for name in WORDS}
    cost = given.get("returnCost")
    return Costs(
        voucher=taken["voucherValue"],
        shipping=taken["shippingCost"],
        handling=taken["handlingCost"],
        cost=_amount(cost, order.currency, "Return cost", "input", "returnCost") if cost else ZERO,
    )


def left_on(world: CentraWorld, order: Order, parcel: Shipment) -> dict[str, Decimal]:
    """What live returns of the shipment have not taken yet. All shipping and handling is on the first parcel."""
    live = world.returns_of(order.number)
    own = [row for row in live if row.shipment == parcel.id]
    first = order.shipments[0].id == parcel.id
    discount = shipment_discount(order, parcel) - sum((row.voucher for row in own), ZERO)
    return {
        "shippingCost": (order.shipping if first else ZERO) - sum((row.shipping for row in own), ZERO),
        "handlingCost": (order.handling if first else ZERO) - sum((row.handling for row in own), ZERO),
        "voucherValue": min(discount, order.discount - _vouchers(live)),
    }


def _vouchers(live: list[Return]) -> Decimal:
    return sum((row.voucher for row in live), ZERO)


def _share(name: str, given: dict[str, Any] | None, left: Decimal, currency: str) -> Decimal:
    if not given:
        return ZERO
    field, value = only(given, "input", name)
    if field == "fromShipment":
        return max(left, ZERO)
    amount = _amount(value, currency, WORDS[name], "input", name)
    if amount > left:
        over = f"{written(amount, currency)} exceeds {written(left, currency)} left on the shipment"
        raise Refused(f"{WORDS[name]} {over}", "input", name)
    return amount


def _amount(given: dict[str, Any], currency: str, word: str, *path: str) -> Decimal:
    value: Decimal = given["value"]
    if given["currencyIsoCode"] != currency:
        raise Refused(f"{word} must be in {currency}, the currency of the order", *path)
    if value < 0 or payable(value, currency) != value:
        raise Refused(f"{word} {value} is no amount of {currency}", *path)
    return value
