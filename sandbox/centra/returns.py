"""Returns: createReturn, completeReturn, uncompleteReturn, deleteReturn, refundReturn."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sandbox.centra.costs import read_costs
from sandbox.centra.model import WAREHOUSES, Order, Policy, Return, Shipment
from sandbox.centra.refusal import NotFound, Refused, only
from sandbox.centra.return_lines import hold, leave_out, read_lines
from sandbox.centra.state import CentraWorld, Desk
from sandbox.centra.stock import find_warehouse
from sandbox.centra.values import written

POLICIES: dict[str, Policy] = {
    "releaseItemsBackToWarehouse": "release",
    "sendItemsToDifferentWarehouse": "send",
    "removeItemsFromStock": "remove",
}
LONGEST_ID = 255


def create_return(desk: Desk, given: dict[str, Any]) -> Return:
    """A pending return. Its stock moves now. A known external id is taken over from the return that had it."""
    world = desk.world
    order, parcel = find_shipment(world, given["shipment"])
    wanted = read_lines(world, order, parcel, given["lines"])
    policy, warehouse = _policy(given["returnStockActionPolicy"])
    costs = read_costs(world, order, parcel, given)
    external = given.get("externalId") or ""
    if len(external) > LONGEST_ID:
        raise Refused(f"External ID is longer than {LONGEST_ID} characters", "input", "externalId")
    new = Return(
        id=world.next_id("return"),
        order=order.number,
        shipment=parcel.id,
        currency=order.currency,
        lines=hold(world, order, wanted),
        created=_created(desk, given.get("createdAt")),
        policy=policy,
        warehouse=warehouse,
        external_id=external,
        comment=given.get("comment") or "",
        voucher=costs.voucher,
        shipping=costs.shipping,
        handling=costs.handling,
        cost=costs.cost,
    )
    if new.total < 0:
        raise Refused("Costs exceed the value of the return", "input")
    accepted = leave_out(world, order, wanted)
    new = new if accepted == wanted else replace(new, lines=hold(world, order, accepted))
    return _post(desk, new)


def complete_return(desk: Desk, number: int, *, by_hand: bool = False) -> Return:
    """The return becomes the credit document."""
    row = find(desk.world, number)
    if row.completed:
        raise Refused(f"Return {number} is already completed", "id")
    done = replace(row, completed=True, was_completed=True)
    desk.world.returns.put(number, done)
    amounts = {"voucher": row.voucher, "shipping": row.shipping, "handling": row.handling, "return_cost": row.cost}
    desk.journal.append(
        "completeReturn",
        **_named(row),
        total=written(row.total, row.currency),
        currency=row.currency,
        lines=_lines(row),
        **{name: written(amount, row.currency) for name, amount in amounts.items()},
        by_hand=by_hand,
    )
    return done


def uncomplete_return(desk: Desk, number: int) -> Return:
    """The credit document is a pending return again."""
    row = find(desk.world, number)
    if not row.completed:
        raise Refused(f"Return {number} is not completed", "id")
    if row.refunded:
        raise Refused(f"Return {number} was refunded and cannot be uncompleted", "id")
    pending = replace(row, completed=False)
    desk.world.returns.put(number, pending)
    desk.journal.append("uncompleteReturn", **_named(row), undoes="completeReturn")
    return pending


def delete_return(desk: Desk, number: int, *, by_hand: bool = False) -> Return:
    """A pending return goes, and its stock moves back."""
    row = find(desk.world, number)
    if row.completed:
        raise Refused(f"Return {number} is completed and cannot be deleted", "id")
    desk.world.returns.put(number, replace(row, deleted=True))
    into = _move(desk.world, row, -1)
    desk.journal.append(
        "deleteReturn",
        **_named(row),
        lines=_lines(row),
        out_from=into,
        was_completed=row.was_completed,
        undoes="createReturn",
        by_hand=by_hand,
    )
    return row


def refund_return(desk: Desk, number: int) -> Return:
    """Centra itself pays the total back."""
    row = find(desk.world, number)
    if not row.completed:
        raise Refused(f"Return {number} is not completed", "id")
    if row.refunded:
        raise Refused(f"Return {number} is already refunded", "id")
    paid = replace(row, refunded=True)
    desk.world.returns.put(number, paid)
    desk.journal.append("refundReturn", **_named(row), total=written(row.total, row.currency), currency=row.currency)
    return paid


def find(world: CentraWorld, number: int) -> Return:
    """Raises NotFound."""
    if (row := world.find_return(number)) is None:
        raise NotFound(f"Could not find return with ID {number}", "id")
    return row


def find_shipment(world: CentraWorld, given: dict[str, Any]) -> tuple[Order, Shipment]:
    """The shipment named by id or number, with its order, archived or not. Raises NotFound."""
    name, value = only(given, "input", "shipment")
    for order, parcel in world.shipments():
        if value == (parcel.id if name == "id" else parcel.number):
            return order, parcel
    raise NotFound(
        f"Could not find shipment with {name.upper() if name == 'id' else name} {value}", "input", "shipment"
    )


def _policy(given: dict[str, Any]) -> tuple[Policy, int]:
    path = ("input", "returnStockActionPolicy")
    name, value = only(given, *path)
    return POLICIES[name], find_warehouse(value, *path) if POLICIES[name] == "send" else 0


def _created(desk: Desk, given: datetime | None) -> datetime:
    return (given or desk.clock()).astimezone(UTC)


def _post(desk: Desk, new: Return) -> Return:
    world = desk.world
    world.returns.put(new.id, new)
    if new.external_id:
        world.external.put(new.external_id, new.id)
    into = _move(world, new, +1)
    desk.journal.append(
        "createReturn",
        **_named(new),
        shipment=new.shipment,
        external_id=new.external_id,
        policy=new.policy,
        into=into,
        lines=_lines(new),
    )
    return new


def _move(world: CentraWorld, row: Return, sign: int) -> dict[str, dict[str, int]]:
    """Move the units as the return's policy says; warehouse → SKU → units."""
    moved: dict[str, dict[str, int]] = {}
    order = world.orders[row.order]
    for line in row.lines if row.policy != "remove" else ():
        sold = order.line(line.order_line)
        number = row.warehouse or (sold.warehouse if sold else next(iter(WAREHOUSES)))
        world.move(line.sku, number, sign * len(line.units))
        units = moved.setdefault(str(number), {})
        units[line.sku] = units.get(line.sku, 0) + len(line.units)
    return moved


def _named(row: Return) -> dict[str, Any]:
    return {"return_id": row.id, "key": row.external_id, "order": str(row.order)}


def _lines(row: Return) -> list[dict[str, Any]]:
    return [
        {
            "line": line.id,
            "shipment_line": line.shipment_line,
            "order_line": line.order_line,
            "sku": line.sku,
            "quantity": len(line.units),
            "value": written(line.value, row.currency),
        }
        for line in row.lines
    ]
