"""People at Centra's own screens, under `/_sandbox`: 404 for an unknown document, 409 when Centra would refuse it.

`POST orders/{number}/despatch`, `POST orders/{number}/edit` (an OrderEdit), `POST orders/{number}/accept-partly`,
`POST returns/{number}/cancel` deletes a return, `POST credits` (a HandCredit) completes one, maybe changed before;
it answers `{"credit_number"}`. A return goes by its id or its external id.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from fastapi import APIRouter, HTTPException
from pydantic import Field

from sandbox.centra import orders, returns
from sandbox.centra.costs import left_on
from sandbox.centra.model import ZERO, Order, Return
from sandbox.centra.orders import OrderEdit
from sandbox.centra.refusal import NotFound, Refused
from sandbox.centra.state import Desk
from sandbox.centra.values import units_worth
from sandbox.kit.sold import Seed

T = TypeVar("T")


class HandLine(Seed):
    """Units of the n-th line of the return (from 1). A price cannot be given: Centra takes the order's."""

    return_line: int = 1
    quantity: int = Field(default=1, ge=1)
    price: Decimal | None = None


class HandCredit(Seed):
    """Complete a pending return by hand.

    lines: keep only these units of it; left out: all
    charges: shipping and handling given back are positive, what is kept is negative
    """

    return_number: str
    lines: tuple[HandLine, ...] = ()
    charges: dict[str, Decimal] = Field(default_factory=dict)
    order: str | None = None
    tpguid: str = ""


class BackOffice:
    """What people do at one Centra. Methods raise Refused, as Centra words it, and change nothing then."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def despatch(self, number: str) -> Order:
        """The goods of an order leave in one parcel."""
        with self._desk.world.lock:
            return orders.despatch(self._desk, _order(number))

    def edit_order(self, number: str, edit: OrderEdit) -> Order:
        """Change what an order says, whatever its state."""
        with self._desk.world.lock:
            return orders.edit_order(self._desk, _order(number), edit)

    def accept_partly(self, number: str, times: int = 1) -> None:
        """The next returns of an order leave out their last unit, without a word (N17)."""
        with self._desk.world.lock:
            order = orders.by_number(self._desk.world, _order(number))
            self._desk.world.partly[order.number] = times

    def cancel_return(self, number: str) -> Return:
        """Delete a pending return."""
        with self._desk.world.lock:
            return returns.delete_return(self._desk, self._return(number), by_hand=True)

    def post_credit(self, credit: HandCredit) -> str:
        """Complete a pending return, changed as the credit says. Its number as a credit document."""
        world = self._desk.world
        with world.lock:
            row = returns.find(world, self._return(credit.return_number))
            if row.completed:
                raise Refused(f"Return {row.id} is already completed")
            world.returns.put(row.id, self._changed(row, credit))
            returns.complete_return(self._desk, row.id, by_hand=True)
        return f"CENTRA-RETURN-{row.id}"

    def _return(self, number: str) -> int:
        found = self._desk.world.external.get(number)
        if found is None and not number.isdecimal():
            raise NotFound(f"Could not find return {number}")
        return int(number) if found is None else found

    def _changed(self, row: Return, credit: HandCredit) -> Return:
        order = self._desk.world.orders[row.order]
        parcel = next(parcel for parcel in order.shipments if parcel.id == row.shipment)
        if credit.lines:
            row = _narrowed(order, row, credit)
        left = left_on(self._desk.world, order, parcel)
        more = dict.fromkeys(("shipping", "handling", "cost"), ZERO)
        for code, value in credit.charges.items():
            back = "shipping" if code in self._desk.shipping_charges else "handling"
            more["cost" if value < 0 else back] += abs(value)
        for name in ("shipping", "handling"):
            if more[name] > left[f"{name}Cost"]:
                raise Refused(f"{more[name]} exceeds {left[f'{name}Cost']} {name} left on the shipment")
        row = replace(
            row,
            shipping=row.shipping + more["shipping"],
            handling=row.handling + more["handling"],
            cost=row.cost + more["cost"],
        )
        if row.total < 0:
            raise Refused("Costs exceed the value of the return")
        return row


def back_office_router(office: BackOffice) -> APIRouter:
    """The routes named above."""
    router = APIRouter(prefix="/_sandbox")

    @router.post("/orders/{number}/despatch")
    def despatch(number: str) -> dict[str, str]:
        return _named(_plainly(lambda: office.despatch(number)))

    @router.post("/orders/{number}/edit")
    def edit(number: str, body: OrderEdit) -> dict[str, str]:
        return _named(_plainly(lambda: office.edit_order(number, body)))

    @router.post("/orders/{number}/accept-partly", status_code=204)
    def accept_partly(number: str, times: int = 1) -> None:
        _plainly(lambda: office.accept_partly(number, times))

    @router.post("/returns/{number}/cancel")
    def cancel(number: str) -> dict[str, Any]:
        found = _plainly(lambda: office.cancel_return(number))
        return {"return_number": str(found.id), "status": "DELETED"}

    @router.post("/credits", status_code=201)
    def post_credit(body: HandCredit) -> dict[str, str]:
        return {"credit_number": _plainly(lambda: office.post_credit(body))}

    return router


def _narrowed(order: Order, row: Return, credit: HandCredit) -> Return:
    """The return with fewer units of its lines."""
    wanted = {line.return_line: line.quantity for line in credit.lines}
    if unknown := wanted.keys() - set(range(1, len(row.lines) + 1)):
        raise Refused(f"Return {row.id} has no line {min(unknown)}")
    lines = []
    for number, line in enumerate(row.lines, 1):
        if number not in wanted:
            continue
        units = line.units[: wanted[number]]
        if len(units) < wanted[number]:
            raise Refused(f"Quantity {wanted[number]} exceeds returnable quantity {len(line.units)}")
        sold = order.line(line.order_line)
        assert sold is not None, "lines are never taken off an order"
        value, tax = units_worth(order, sold, units)
        lines.append(replace(line, units=units, value=value, tax=tax))
    return replace(row, lines=tuple(lines))


def _order(text: str) -> int:
    if not text.isdecimal():
        raise NotFound(f"Could not find order with number {text}")
    return int(text)


def _named(order: Order) -> dict[str, str]:
    return {"order": str(order.number), "status": order.status}


def _plainly(work: Callable[[], T]) -> T:
    """Run it, and word Centra's refusal for the caller over HTTP."""
    try:
        return work()
    except Refused as refused:
        raise HTTPException(404 if isinstance(refused, NotFound) else 409, refused.message) from refused
