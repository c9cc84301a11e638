"""Slots: which return claims which unit of an order line, and which credit carries it (D6, N1, money.md 6.4).

Writers of one order take turns (`Scope.lock_order`); the table's key stands behind that.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, insert, select, update
from sqlmodel.sql.expression import SelectOfScalar

from domain.returns import ReturnRef
from store.errors import NoFreeSlots, SlotTaken
from store.scope import Scope
from store.slot_records import SlotClaim
from store.tables_ledger import SlotRow


class Slots:
    """Claims of one transaction. `books` is the ledger that the order belongs to (Connection.books)."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def reserve(
        self,
        books: str,
        order_number: str,
        ref: ReturnRef,
        wanted: Mapping[str, int],
        available: Mapping[str, int],
    ) -> dict[str, list[int]]:
        """Claim the lowest free units: order line → the slot numbers that the return now holds, ascending.

        `available` is how many units each order line has. Asking again gives the same slots; asking for more
        adds to them, asking for less gives nothing back. Raises NoFreeSlots, and then claims nothing.
        """
        claims = await self._locked(books, order_number)
        held = {line_id: _numbers(claims, line_id, ref) for line_id in wanted}
        fresh = {
            line_id: _lowest_free(line_id, units - len(held[line_id]), available.get(line_id, 0), claims)
            for line_id, units in wanted.items()
        }
        owner = {"books": books, "order_number": order_number, **ref.model_dump()}
        rows = [{**owner, "line_id": line_id, "slot_no": no} for line_id, nos in fresh.items() for no in nos]
        if rows:
            await self._scope.change(insert(SlotRow).values(rows))
        return {line_id: sorted(held[line_id] + fresh[line_id]) for line_id in wanted}

    async def give_back(self, books: str, order_number: str, ref: ReturnRef, wanted: Mapping[str, int]) -> None:
        """Free the highest units that the return holds beyond `wanted` of an order line.

        Units that a credit or an exchange stands for stay, whatever is wanted.
        """
        mine = [row for row in await self._locked(books, order_number) if _ref(row) == ref]
        for line_id in {row.line_id for row in mine}:
            held = [row for row in mine if row.line_id == line_id]
            loose = [row.slot_no for row in held if row.credit_key is None and row.exchange_key is None]
            spare = len(held) - wanted.get(line_id, 0)
            await self._scope.change(
                delete(SlotRow)
                .where(col(SlotRow.books) == books, col(SlotRow.order_number) == order_number)
                .where(col(SlotRow.line_id) == line_id, col(SlotRow.slot_no).in_(loose[::-1][: max(spare, 0)]))
            )

    async def held(self, books: str, order_number: str, ref: ReturnRef) -> list[SlotClaim]:
        """What this return holds of the order, credited or not."""
        rows = await self._scope.rows(_of_order(books, order_number).where(*_same_return(ref)))
        return [_claim(row) for row in rows]

    async def orders(self, ref: ReturnRef) -> list[tuple[str, str]]:
        """Books and number of every order that this return holds units of, credited or not."""
        query = select(SlotRow.books, SlotRow.order_number).where(*_same_return(ref)).distinct()
        return sorted(await self._scope.tuples(query))

    async def claimed(self, books: str, order_number: str) -> dict[str, set[int]]:
        """Slot line → units of an order that returns hold or have credited."""
        found: dict[str, set[int]] = {}
        for row in await self._scope.rows(_of_order(books, order_number)):
            found.setdefault(row.line_id, set()).add(row.slot_no)
        return found

    async def credit(
        self,
        books: str,
        order_number: str,
        ref: ReturnRef,
        slots: Mapping[str, Sequence[int]],
        credit_key: str,
        now: datetime | None = None,
    ) -> None:
        """Tie claimed units to a credit; the same again changes nothing.

        Raises SlotTaken, and ties nothing, when a unit is not held by this return or carries another credit.
        """
        await self._check_held(books, order_number, ref, slots, credit_key)
        await self._tie(books, order_number, slots, credit_key=credit_key)
        self._scope.touch(ref, now)

    async def exchange(
        self,
        books: str,
        order_number: str,
        ref: ReturnRef,
        slots: Mapping[str, Sequence[int]],
        exchange_key: str,
        now: datetime | None = None,
    ) -> None:
        """Tie claimed units to a replacement: they are not credited then. The same again changes nothing.

        Raises SlotTaken, and ties nothing, as `credit` does.
        """
        await self._check_held(books, order_number, ref, slots, exchange_key)
        await self._tie(books, order_number, slots, exchange_key=exchange_key)
        self._scope.touch(ref, now)

    async def hand_over(
        self,
        books: str,
        order_number: str,
        ref: ReturnRef,
        slots: Mapping[str, Sequence[int]],
        exchange_key: str,
        now: datetime | None = None,
    ) -> None:
        """Give exchanged units to another replacement of the same return: an exchange in several orders (E55).

        Raises SlotTaken, and changes nothing, when a unit is not held by this return or is not exchanged.
        """
        claims = {(row.line_id, row.slot_no): row for row in await self._locked(books, order_number)}
        for line_id, no in _units(slots):
            row = claims.get((line_id, no))
            if row is None or _ref(row) != ref or row.exchange_key is None or row.credit_key is not None:
                raise SlotTaken(f"unit {no} of order line {line_id} is not exchanged by return {ref}")
        await self._tie(books, order_number, slots, exchange_key=exchange_key)
        self._scope.touch(ref, now)

    async def unexchange(self, exchange_key: str, now: datetime | None = None) -> None:
        """There will be no replacement: its return goes on holding the units, to be credited like any other."""
        exchanged = col(SlotRow.exchange_key) == exchange_key
        for row in await self._scope.rows(select(SlotRow).where(exchanged)):
            self._scope.touch(_ref(row), now)
        await self._scope.change(update(SlotRow).where(exchanged).values(exchange_key=None))

    async def unmark(self, books: str, order_number: str, ref: ReturnRef, slots: Mapping[str, Sequence[int]]) -> None:
        """No replacement is to stand for these units, which none has stood for yet: they are credited like any other.

        Raises SlotTaken, and changes nothing, when a unit is not held by this return.
        """
        mine = {(row.line_id, row.slot_no) for row in await self._locked(books, order_number) if _ref(row) == ref}
        if missing := [one for one in _units(slots) if one not in mine]:
            raise SlotTaken(f"unit {missing[0][1]} of order line {missing[0][0]} is not held by return {ref}")
        await self._tie(books, order_number, slots, exchange_key=None)

    async def void(self, credit_key: str, now: datetime | None = None) -> None:
        """The credit was reversed: its units are free for any return, this one too."""
        carried = col(SlotRow.credit_key) == credit_key
        for row in await self._scope.rows(select(SlotRow).where(carried)):
            self._scope.touch(_ref(row), now)
        await self._scope.change(delete(SlotRow).where(carried))

    async def uncredit(self, credit_key: str, now: datetime | None = None) -> None:
        """The credit was never made: its return goes on holding the units, without a credit."""
        carried = col(SlotRow.credit_key) == credit_key
        for row in await self._scope.rows(select(SlotRow).where(carried)):
            self._scope.touch(_ref(row), now)
        await self._scope.change(update(SlotRow).where(carried).values(credit_key=None))

    async def release(self, ref: ReturnRef) -> None:
        """Give back what the return holds without a credit or an exchange."""
        await self._scope.change(
            delete(SlotRow)
            .where(*_same_return(ref))
            .where(col(SlotRow.credit_key).is_(None), col(SlotRow.exchange_key).is_(None))
        )

    async def credited(self, books: str, order_number: str) -> list[SlotClaim]:
        """All credited units of the order, of all its returns."""
        query = _of_order(books, order_number).where(col(SlotRow.credit_key).is_not(None))
        return [_claim(row) for row in await self._scope.rows(query)]

    async def _check_held(
        self, books: str, order_number: str, ref: ReturnRef, slots: Mapping[str, Sequence[int]], key: str
    ) -> None:
        """Raise SlotTaken unless the return holds each unit, and nothing but `key` has settled it."""
        claims = {(row.line_id, row.slot_no): row for row in await self._locked(books, order_number)}
        for line_id, no in _units(slots):
            row = claims.get((line_id, no))
            if row is None or _ref(row) != ref:
                raise SlotTaken(f"unit {no} of order line {line_id} is not held by return {ref}")
            settled_by = {row.credit_key, row.exchange_key} - {None, key}
            if settled_by:
                raise SlotTaken(f"unit {no} of order line {line_id} is settled by {min(filter(None, settled_by))}")

    async def _tie(self, books: str, order_number: str, slots: Mapping[str, Sequence[int]], **key: str | None) -> None:
        for line_id, numbers in slots.items():
            await self._scope.change(
                update(SlotRow)
                .where(col(SlotRow.books) == books, col(SlotRow.order_number) == order_number)
                .where(col(SlotRow.line_id) == line_id, col(SlotRow.slot_no).in_(numbers))
                .values(**key)
            )

    async def _locked(self, books: str, order_number: str) -> list[SlotRow]:
        await self._scope.lock_order(books, order_number)
        return await self._scope.rows(_of_order(books, order_number))


def _lowest_free(line_id: str, more: int, available: int, claims: Sequence[SlotRow]) -> list[int]:
    taken = {row.slot_no for row in claims if row.line_id == line_id}
    free = [no for no in range(1, available + 1) if no not in taken]
    if more > len(free):
        raise NoFreeSlots(line_id, wanted=more, free=len(free))
    return free[: max(more, 0)]


def _units(slots: Mapping[str, Sequence[int]]) -> list[tuple[str, int]]:
    return [(line_id, no) for line_id, numbers in slots.items() for no in numbers]


def _numbers(claims: Sequence[SlotRow], line_id: str, ref: ReturnRef) -> list[int]:
    mine = (ref.connection, ref.return_id)
    return [row.slot_no for row in claims if row.line_id == line_id and (row.connection, row.return_id) == mine]


def _of_order(books: str, order_number: str) -> SelectOfScalar[SlotRow]:
    return (
        select(SlotRow)
        .where(SlotRow.books == books, SlotRow.order_number == order_number)
        .order_by(col(SlotRow.line_id), col(SlotRow.slot_no))
    )


def _same_return(ref: ReturnRef) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(SlotRow.connection) == ref.connection, col(SlotRow.return_id) == ref.return_id


def _ref(row: SlotRow) -> ReturnRef:
    return ReturnRef(connection=row.connection, return_id=row.return_id)


def _claim(row: SlotRow) -> SlotClaim:
    own = row.model_dump(include={"line_id", "slot_no", "credit_key", "exchange_key"})
    return SlotClaim(**own, ref=_ref(row))
