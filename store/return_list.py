"""Pages of returns, the latest change first, however many there are."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import literal, tuple_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from domain.progress import Stage
from store.columns import UtcDateTime
from store.tables import ReturnRow


class ReturnsAfter(NamedTuple):
    """The last return of the page before."""

    updated_at: datetime
    connection: str
    return_id: str


def listing(
    connection: str | None, stages: Collection[Stage], after: ReturnsAfter | None, limit: int
) -> SelectOfScalar[ReturnRow]:
    """Up to `limit` returns of the connection in one of the stages; None and an empty collection: of any.

    Sorted by the keys that `after` names, so that a page begins where the one before ended whatever came meanwhile.
    """
    keys = (col(ReturnRow.updated_at), col(ReturnRow.connection), col(ReturnRow.return_id))
    query = select(ReturnRow).order_by(*(key.desc() for key in keys)).limit(limit)
    if connection is not None:
        query = query.where(ReturnRow.connection == connection)
    if stages:
        query = query.where(col(ReturnRow.stage).in_([stage.value for stage in stages]))
    if after is not None:
        last = (literal(after.updated_at, UtcDateTime), literal(after.connection), literal(after.return_id))
        query = query.where(col(ReturnRow.updated_at) <= last[0], tuple_(*keys) < tuple_(*last))
    return query
