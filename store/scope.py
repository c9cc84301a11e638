"""What the repositories of one unit of work share.

The session, the few statements that the two databases spell apart, and the returns whose header must be
derived again before the transaction ends.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import UpdateBase, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select, SelectOfScalar

from domain.returns import ReturnRef

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Scope:
    """One transaction."""

    def __init__(self, session: AsyncSession, writes: bool = True) -> None:
        self.session = session
        self.writes = writes
        self.touched: dict[tuple[str, str], datetime | None] = {}

    @property
    def on_postgresql(self) -> bool:
        """Whether row and advisory locks exist; SQLite has one writer at a time anyway."""
        return self.session.get_bind().dialect.name == "postgresql"

    def touch(self, ref: ReturnRef, now: datetime | None) -> None:
        """Have the header of this return derived again before the transaction ends."""
        key = (ref.connection, ref.return_id)
        known = [at for at in (now, self.touched.get(key)) if at is not None]
        self.touched[key] = max(known, default=None)

    async def rows(self, query: SelectOfScalar[T]) -> list[T]:
        """All rows of a query as the database has them now, not as this session remembers them."""
        return list((await self.session.exec(query.execution_options(populate_existing=True))).all())

    async def tuples(self, query: Select[*Ts]) -> list[tuple[*Ts]]:
        """All rows of a query for more than one column."""
        return [(*row,) for row in await self.session.exec(query)]

    async def columns(self, query: Any) -> Sequence[Any]:
        """All rows of a query for many columns, as plain rows: for reading many at once."""
        connection = await self.session.connection()
        return (await connection.execute(query)).all()

    async def first(self, query: SelectOfScalar[T]) -> T | None:
        """The first row of a query, or None."""
        return next(iter(await self.rows(query)), None)

    async def change(self, statement: UpdateBase) -> int:
        """Run a writing statement; how many rows it changed."""
        plain = statement.execution_options(synchronize_session=False, preserve_rowcount=True)
        return (await self.session.exec(plain)).rowcount

    async def insert_new(self, table: type[SQLModel], values: Mapping[str, Any]) -> bool:
        """Insert a row unless any unique constraint already has one; whether it was inserted. Race-safe."""
        return await self.change(self._insert(table).values(dict(values)).on_conflict_do_nothing()) == 1

    async def insert_all(self, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> int:
        """As `insert_new` for some hundred rows of the same columns at once; how many were inserted."""
        return await self.change(self._insert(table).values([dict(row) for row in rows]).on_conflict_do_nothing())

    async def insert_many(self, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows with the same columns, quickly. None of them may be there."""
        connection = await self.session.connection()
        await connection.execute(insert(table), [dict(row) for row in rows])

    async def insert_missing(self, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows with the same columns, quickly, except for those whose key is there."""
        connection = await self.session.connection()
        await connection.execute(self._insert(table).on_conflict_do_nothing(), [dict(row) for row in rows])

    async def insert_from(self, table: type[SQLModel], columns: Sequence[str], source: Any) -> int:
        """Insert what a query gives, except for rows whose key is there; how many were inserted."""
        return await self.change(self._insert(table).from_select(list(columns), source).on_conflict_do_nothing())

    async def upsert(
        self, table: type[SQLModel], key: Sequence[str], values: Mapping[str, Any], keep: Sequence[str] = ()
    ) -> None:
        """Insert a row, or overwrite the row that has its `key` columns, except for the columns in `keep`."""
        insert = self._insert(table).values(dict(values))
        fresh = {name: value for name, value in values.items() if name not in (*key, *keep)}
        await self.change(insert.on_conflict_do_update(index_elements=list(key), set_=fresh))

    async def lock(self, name: str) -> None:
        """Serialise writing transactions that name the same thing, until this one ends."""
        if self.writes and self.on_postgresql:
            await self.session.exec(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    async def lock_order(self, books: str, order_number: str) -> None:
        """Serialise what changes the units and the money of one order (E68)."""
        await self.lock(f"order/{books}/{order_number}")

    def _insert(self, table: type[SQLModel]) -> Any:
        return postgresql.insert(table) if self.on_postgresql else sqlite.insert(table)
