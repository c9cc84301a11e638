"""The RMA of a return: one pending return of Centra per shipment. Its number is the id of the first of them.

A credit of a part of it puts other returns in its place (`credits`); they name that number, so it stays good.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from adapters.centra import contract, mapping
from adapters.centra.amounts import Valuation
from adapters.centra.client import CentraClient
from adapters.centra.contract import RETURN_COMPLETED, VENDOR
from adapters.centra.returns import Draft, Returns
from adapters.centra.units import allocate, by_order_line, external_id, free_units, mark, place_of, units_in
from adapters.centra.wire import Order, Return
from domain.documents import CancelRma, Posted, RmaRequest, RmaState
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected


class Rmas:
    """RMAs of one Centra."""

    def __init__(self, client: CentraClient, returns: Returns, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._returns = returns
        self._clock = clock

    async def open(self, request: RmaRequest) -> Posted:
        """One return per shipment, each found or made, and read back: PARTIAL_ACCEPT when units were left out (N17)."""
        order = await mapping.read(self._client, request.order_number, Order, contract.ORDERS)
        if not mapping.returnable(order):
            raise Rejected(ExceptionCode.ORDER_LOCKED, f"{VENDOR} order {order.number} is {order.status}", order.status)
        rows = await self._returns.of_order(order.number)
        before = {row.id for row in rows}
        wanted: dict[str, int] = {}
        for line in request.lines:
            wanted[line.order_line_id] = wanted.get(line.order_line_id, 0) + line.quantity
        others = [row for row in rows if not _belongs(row, request.key)]
        chosen = allocate(order, wanted, free_units(order, others))
        valuation, numbers, made = (
            Valuation(order, mapping.snapshot(order), units_in(others)),
            list[str](),
            list[Return](),
        )
        for shipment, units in chosen.items():
            external = external_id(request.key, place_of(order, shipment))
            mine = [row for row in rows if _belongs(row, request.key) and row.shipment == shipment]
            if all(mark(row).is_rma for row in mine):
                costs = valuation.as_opened(units)
                rma = numbers[0] if numbers else ""
                draft = Draft(order.number, order.currency, external, shipment, units, costs, rma=rma)
                mine = [await self._returns.make(draft)]
            made += mine
            numbers.append(str(mine[0].id) if numbers else mark(mine[0]).rma)
        _refuse_partial(order, wanted, made, numbers[0])
        adopted = all(row.id in before for row in made)
        return Posted(number=numbers[0], parts=numbers[1:], adopted=adopted)

    async def state(self, number: str) -> RmaState:
        """Open while Centra has it: goods are booked by stock changes, also after it was completed as a credit."""
        if number.isascii() and number.isdecimal():
            row = await self._returns.read(int(number))
            if row is not None or await self._renamed(number):
                return RmaState(number=number, open=True)
        raise closed(number)

    async def cancel(self, request: CancelRma) -> Posted:
        """Every pending return of it is deleted. Rejected(RMA_REJECTED) when one is completed: that is a credit."""
        rows = await self._find(request)
        if (credited := next((row for row in rows if row.status == RETURN_COMPLETED), None)) is not None:
            raise Rejected(ExceptionCode.RMA_REJECTED, f"{VENDOR} return {credited.id} is completed", RETURN_COMPLETED)
        for row in rows:
            await self._returns.delete(row)
        number = request.rma_number or (mark(rows[0]).rma if rows else "")
        return Posted(number=number, adopted=not rows)

    async def _find(self, request: CancelRma) -> list[Return]:
        known = None
        if request.rma_number.isascii() and request.rma_number.isdecimal():
            known = await self._returns.read(int(request.rma_number))
        rows = [known] if known else await self._returns.of_key(request.rma_key)
        if not rows:
            return []
        number = mark(rows[0]).rma
        of_order = await self._returns.of_order(rows[0].order_number)
        return [row for row in of_order if mark(row).rma == number or mark(row).key == request.rma_key]

    async def _renamed(self, number: str) -> bool:
        """Whether other returns stand for it now. Only their comments know, so all returns are looked through."""
        since = self._clock() - timedelta(days=contract.LOOK_BACK_DAYS)
        rows = await self._returns.where(createdAt={"from": since.isoformat(timespec="seconds")})
        return any(mark(row).rma == number for row in rows)


def belonging(rows: list[Return], number: str) -> list[Return]:
    """The returns of an RMA among those of its order, in whatever shape it is now."""
    return [row for row in rows if mark(row).rma == number]


def closed(number: str) -> Rejected:
    """Centra does not have the RMA any more."""
    return Rejected(ExceptionCode.RMA_CLOSED_IN_ERP, f"{VENDOR} has no return {number} any more")


def _belongs(row: Return, key: str) -> bool:
    said = mark(row)
    return key in (said.key, said.rma_key)


def _refuse_partial(order: Order, wanted: dict[str, int], made: list[Return], number: str) -> None:
    """Centra makes a return even if some units cannot be returned, and says nothing."""
    has = by_order_line(order, units_in(made))
    skus = {str(line.id): line.sku for line in order.lines}
    lacking = {line: (quantity, has[line]) for line, quantity in wanted.items() if has[line] < quantity}
    if lacking:
        text = ", ".join(
            f"{got} of {asked} x {skus.get(line, '?')} (line {line})" for line, (asked, got) in lacking.items()
        )
        raise Rejected(
            ExceptionCode.PARTIAL_ACCEPT,
            f"{VENDOR} return {number} took only {text}",
            figures={"rma": number, "accepted": text},
        )
