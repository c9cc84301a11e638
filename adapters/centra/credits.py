"""A credit is a completed return (contract F). How a credit comes to be, and what is found after a crash at each point.

    R  the RMA's pending return in a shipment     C  the credit's return, under the credit's own external id
    M  the RMA's return for the units that are left

    (1) R                    R has just the credited units and comes to the credit's total: go to (5) with R as C
    (2) R → C                one request deletes R and makes C with the amounts of this credit
    (3) C                    C is read back; another total than ours: one request puts R back, CREDIT_REJECTED
    (4) C + M                M is made, when R had more units than the credit; C's comment knows R's units
    (5) C completed (+ M)    the document; its number is ``CENTRA-RETURN-<id>``

Each point is recognised by what Centra shows: no C is (1) or (2), C without its units of M is (3), C pending is (4),
C completed is (5), so a call after a crash goes on from there. After an answer that was lost the same look decides.
Between R and C there is no point of ours: both are one request. Should Centra break off in the midst of it, or take R
away and refuse C, R is put back; if that fails too, the units are simply returnable, C is made of them later, and
`read_rma` raises RMA_CLOSED_IN_ERP for a person to see. A credit over several shipments is one C each.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.centra import contract, mapping
from adapters.centra.amounts import Costs, Valuation
from adapters.centra.client import CentraClient
from adapters.centra.contract import CREDIT_PREFIX, RETURN_COMPLETED, RETURN_PENDING, VENDOR
from adapters.centra.returns import Draft, Returns
from adapters.centra.rmas import belonging
from adapters.centra.units import (
    NO_RMA,
    Units,
    allocate,
    by_order_line,
    external_id,
    free_units,
    mark,
    place_of,
    units_in,
)
from adapters.centra.wire import Order, Return
from domain.documents import CancelCredit, CreditRequest, Posted
from domain.exceptions import ExceptionCode
from domain.money import decimal_text, largest_remainder
from domain.outcomes import InDoubt, Rejected, RetryLater

#: Purposes that a return can carry. A rounding line and goodwill above value have no field: nothing raises a return's
#: total but its lines, shipping and handling.
CARRIED = frozenset({"shipping", "fee", "exchange"})


@dataclass(frozen=True)
class Case:
    """One credit and what Centra shows of it: `own` are its returns, `rma` those of the RMA that are not credits."""

    request: CreditRequest
    order: Order
    rows: list[Return]

    @property
    def own(self) -> list[Return]:
        return [row for row in self.rows if mark(row).key == self.request.key]

    @property
    def rma(self) -> list[Return]:
        return [row for row in belonging(self.rows, self.request.rma_number) if mark(row).is_rma]

    @property
    def units(self) -> Counter[str]:
        """Order line → units that are credited."""
        found = Counter[str]()
        for line in self.request.lines:
            found[line.order_line_id] += line.quantity
        return found

    @property
    def missing(self) -> Counter[str]:
        """Order line → units that have no return of this credit yet."""
        return self.units - by_order_line(self.order, units_in(self.own))

    def total(self, rows: Sequence[Return]) -> int:
        """What these returns come to, in minor units."""
        currency = self.request.currency
        strange = next((row for row in rows if row.grand_total.currency != currency), None)
        if strange is not None:
            raise Rejected(
                ExceptionCode.CURRENCY_MISMATCH,
                f"{VENDOR} return {strange.id} is in {strange.grand_total.currency}, the credit in {currency}",
            )
        return sum(row.grand_total.minor(currency, "grandTotal") for row in rows)


class Credits:
    """Credits of one Centra."""

    def __init__(self, client: CentraClient, returns: Returns, pays_out: bool) -> None:
        self._client = client
        self._returns = returns
        self._pays_out = pays_out

    async def post(self, request: CreditRequest) -> Posted:
        """The completed returns of this credit. Rejected(CREDIT_REJECTED) with both figures when Centra comes to
        another total; nothing is completed then."""
        _refuse_what_cannot_be_carried(request)
        case = await self._look(request)
        if not case.own and (whole := _whole(case)) is not None:
            return await self._finish(case, [whole])
        made = await self._make(case)
        case = await self._look(request, case.order)
        if not made <= {row.id for row in case.own}:
            raise InDoubt(f"{VENDOR} does not show all returns of {request.key} yet")
        await self._refuse_astray(case)
        if case.missing or case.total(case.own) != request.total:
            if all(row.status == RETURN_PENDING for row in case.own):
                await self._undo(case)
            raise _other_total(case, case.own)
        for row in case.own:
            await self._rest(case, row)
        return await self._finish(case, case.own)

    async def cancel(self, request: CancelCredit) -> Posted:
        """Uncompleted, then deleted, with its parts in other shipments."""
        number = request.credit_number.removeprefix(CREDIT_PREFIX)
        row = await self._returns.read(int(number)) if number.isascii() and number.isdecimal() else None
        if row is None:
            return Posted(number=request.credit_number, adopted=True)
        said = mark(row)
        parts = [row]
        if not said.is_rma:
            rows = await self._returns.of_order(row.order_number)
            parts = [row, *(part for part in rows if mark(part).key == said.key and part.id != row.id)]
        for part in reversed(parts):  # the one whose number we have goes last, so that it can be found again
            await self._returns.uncomplete(part)
            await self._returns.delete(part)
        return Posted(number=request.credit_number)

    async def _look(self, request: CreditRequest, order: Order | None = None) -> Case:
        order = order or await mapping.read(self._client, request.order_number, Order, contract.ORDERS)
        return Case(request, order, await self._returns.of_order(order.number))

    async def _make(self, case: Case) -> set[int]:
        """(2): what is missing of C, one return per shipment; their ids."""
        if not case.missing:
            return set()
        pending = [row for row in case.rma if row.status == RETURN_PENDING]
        free = free_units(case.order, [row for row in case.rows if row not in pending])
        values = _values(case)
        made = set[int]()
        for shipment, units in _preferring(case, pending, free).items():
            source = next((row for row in pending if row.shipment == shipment), None)
            staying = units_in(row for row in case.rows if row is not source)
            valuation = Valuation(case.order, mapping.snapshot(case.order), staying)
            wanted = sum(
                values[line].pop(0)
                for line, quantity in by_order_line(case.order, units).items()
                for _ in range(quantity)
            )
            shipping, fee = (0, 0) if case.own or made else _charges(case.request)
            costs = valuation.costs(units, wanted, shipping, fee)
            external = external_id(case.request.key, place_of(case.order, shipment))
            like = source or _sibling(case, shipment)
            of, whole = (mark(like).of, mark(like).whole) if like else (NO_RMA, Units())
            draft = self._draft(case, external, shipment, units, costs, of, whole)
            try:
                made.add((await self._returns.make(draft, instead_of=source)).id)
            except Rejected:
                if source is not None:
                    await self._put_back(case, source)
                raise
        return made

    async def _refuse_astray(self, case: Case) -> None:
        """C was made of other units, because the search did not show R; now it does. C goes, and (1) comes again."""
        held = {(row.shipment, line.shipment_line) for row in case.rma for line in row.lines}
        astray = [
            row
            for row in case.own
            if row.status == RETURN_PENDING
            and mark(row).of == NO_RMA
            and any((row.shipment, line.shipment_line) in held for line in row.lines)
        ]
        for row in astray:
            await self._returns.delete(row)
        if astray:
            raise RetryLater(f"{VENDOR} did not show return {case.request.rma_number} at first")

    async def _put_back(self, case: Case, source: Return) -> None:
        """C was refused, and R may be gone."""
        if await self._returns.read(source.id) is None:
            await self._returns.make(self._rma_draft(case, source.shipment, units_in([source]), source))

    async def _undo(self, case: Case) -> None:
        """(3): R in place of C."""
        for row in case.own:
            if mark(row).of != NO_RMA:
                left = _left(case, row) + units_in([row])
                await self._returns.make(self._rma_draft(case, row.shipment, left, row), instead_of=row)
            await self._returns.delete(row)

    async def _rest(self, case: Case, row: Return) -> None:
        """(4): M, when there is one."""
        if mark(row).of != NO_RMA and (left := _left(case, row)):
            await self._returns.make(self._rma_draft(case, row.shipment, left, row))

    async def _finish(self, case: Case, rows: Sequence[Return]) -> Posted:
        """(5). A total that differs here is that of a return which somebody completed by hand."""
        if (total := case.total(rows)) != case.request.total:
            raise _other_total(case, rows)
        adopted = all(row.status == RETURN_COMPLETED for row in rows)
        for row in rows:
            if row.status != RETURN_COMPLETED:
                await self._returns.complete(row)
            if self._pays_out:
                await self._returns.refund(row)
        numbers = [f"{CREDIT_PREFIX}{row.id}" for row in rows]
        return Posted(number=numbers[0], parts=numbers[1:], total=total, adopted=adopted)

    def _draft(
        self, case: Case, external: str, shipment: int, units: Units, costs: Costs, of: str, whole: Units
    ) -> Draft:
        order, rma = case.order, case.request.rma_number
        return Draft(order.number, order.currency, external, shipment, units, costs, rma=rma, of=of, whole=whole)

    def _rma_draft(self, case: Case, shipment: int, units: Units, like: Return) -> Draft:
        """A return of the RMA itself, with the marks of the one that it replaces."""
        said = mark(like)
        staying = units_in(row for row in case.rows if row.id != like.id)
        costs = Valuation(case.order, mapping.snapshot(case.order), staying).as_opened(units)
        return self._draft(case, said.of, shipment, units, costs, "", said.whole)


def _whole(case: Case) -> Return | None:
    """(1): the one return of the RMA that is this credit as it stands, or that somebody completed so."""
    for row in case.rma:
        same = by_order_line(case.order, units_in([row])) == case.units
        if same and (row.status == RETURN_COMPLETED or case.total([row]) == case.request.total):
            return row
    return None


def _preferring(case: Case, pending: Sequence[Return], free: Units) -> Mapping[int, Units]:
    """Shipment → units of what is missing: of the RMA's own returns first, then of whatever is returnable."""
    held = units_in(pending)
    of_rma = Units({line: min(quantity, free[line]) for line, quantity in held.items()})
    reach = case.missing & by_order_line(case.order, of_rma)
    chosen = allocate(case.order, reach, of_rma) if reach else {}
    rest = case.missing - reach
    if rest:
        spare = Units({line: quantity - held[line] for line, quantity in free.items()})
        for shipment, units in allocate(case.order, rest, spare).items():
            chosen[shipment] = chosen.get(shipment, Units()) + units
    return chosen


def _left(case: Case, row: Return) -> Units:
    """Units of the RMA in this shipment that are in no return now."""
    live = [one for one in belonging(case.rows, case.request.rma_number) if one.shipment == row.shipment]
    return mark(row).whole - units_in(live)


def _sibling(case: Case, shipment: int) -> Return | None:
    """Another return that knows the RMA's units in a shipment, where only credits of it are left."""
    rows = belonging(case.rows, case.request.rma_number)
    return next((row for row in rows if row.shipment == shipment), None)


def _values(case: Case) -> dict[str, list[int]]:
    """Order line → the value, with tax, of each of its units that is still without a return."""
    values: dict[str, list[int]] = {}
    for line in case.request.lines:
        on_top = 0 if case.request.tax_inclusive else line.tax
        taxes = largest_remainder(on_top, [1] * line.quantity)
        values.setdefault(line.order_line_id, []).extend(line.unit_primary + tax for tax in taxes)
    done = by_order_line(case.order, units_in(case.own))
    return {line: units[done[line] :] for line, units in values.items()}


def _charges(request: CreditRequest) -> tuple[int, int]:
    """Shipping given back, and what is kept: a fee, and what the platform kept for a dearer replacement."""
    shipping = sum(charge.amount for charge in request.charges if charge.purpose == "shipping")
    return shipping, -sum(charge.amount for charge in request.charges if charge.purpose != "shipping")


def _refuse_what_cannot_be_carried(request: CreditRequest) -> None:
    wrong = [
        charge.purpose
        for charge in request.charges
        if charge.purpose not in CARRIED or (charge.amount > 0) != (charge.purpose == "shipping")
    ]
    if wrong or not request.lines:
        what = f"a {wrong[0]} of this sign" if wrong else "a credit without units"
        raise Rejected(ExceptionCode.CREDIT_REJECTED, f"a return of {VENDOR} cannot carry {what}")


def _other_total(case: Case, rows: Sequence[Return]) -> Rejected:
    currency, numbers = case.request.currency, ", ".join(str(row.id) for row in rows)
    theirs, ours = decimal_text(case.total(rows), currency), decimal_text(case.request.total, currency)
    reason = f"{VENDOR} comes to {theirs} {currency} for return {numbers}, the credit is over {ours} {currency}"
    return Rejected(
        ExceptionCode.CREDIT_REJECTED, reason, figures={"erp_total": theirs, "our_total": ours, "return": numbers}
    )
