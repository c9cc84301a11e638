"""Exchanges as customers ask for them, and what the ERP's journal says of them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.returns import ReturnRef
from sandbox.kit.wanted import ExchangeSpec
from sandbox.reveni import ItemSpec, ReturnSpec
from tests.world import SHIRT, World

#: The same shirt in another size; what is asked for most.
SHIRT_L = "P2001-WHT-L"


@dataclass(frozen=True)
class Swap:
    """Units of one order line that come back for new ones; `wanted` empty: for money."""

    sku: str
    price: str
    wanted: str = ""
    new_price: str = ""
    quantity: int = 1
    line: str = "1"
    keep: bool = False


def shirts(world: World, quantity: int = 1, price: str = "30.00", stock: int = 50) -> str:
    """An order of shirts; the other size is in stock."""
    world.prima.add_item(SHIRT_L)
    world.prima.add_stock(SHIRT_L, stock)
    return world.order([{"sku": SHIRT, "quantity": quantity, "price": price}], charges={})


def swapped(world: World, order: str, *swaps: Swap, connection: str = "uk", **spec: Any) -> ReturnRef:
    """A return on Reveni with exchanges; by default one shirt for the other size at the same price."""
    wanted = swaps or (Swap(SHIRT, "30.00", SHIRT_L),)
    items = tuple(
        ItemSpec(
            external_id=swap.line,
            sku=swap.sku,
            quantity=swap.quantity,
            unit_price=Decimal(swap.price),
            tax_rate=Decimal("0.20"),
            reason="size_too_small",
            exchange=_exchange(swap),
            keep_item=swap.keep,
        )
        for swap in wanted
    )
    fields = {"currency": "GBP", **spec}
    return_id = world.reveni[connection].add_return(ReturnSpec(order_external_id=order, items=items, **fields))
    return ReturnRef(connection=connection, return_id=return_id)


def _exchange(swap: Swap) -> ExchangeSpec | None:
    if not swap.wanted:
        return None
    return ExchangeSpec(sku=swap.wanted, quantity=swap.quantity, unit_price=Decimal(swap.new_price or swap.price))


def replacements(world: World, ref: ReturnRef) -> list[dict[str, Any]]:
    """Replacement orders that Prima took for the return."""
    return world.entries("MultiNewOrder", ref)


def cancelled_orders(world: World, ref: ReturnRef) -> list[dict[str, Any]]:
    """Replacement orders of the return that Prima cancelled."""
    placed = {entry["order"] for entry in replacements(world, ref)}
    return [entry for entry in world.prima.journal.entries("CancelOrder") if entry["order"] in placed]
