"""The two computations with times that SQLite and PostgreSQL spell apart."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, cast, func

from store.scope import Scope

_MS_PER_DAY = 86_400_000


def span_ms(scope: Scope, since: Any, until: Any) -> ColumnElement[int]:
    """Milliseconds from one column of times to another."""
    if scope.on_postgresql:
        return cast(func.extract("epoch", until - since) * 1000, BigInteger)
    return cast(func.round((func.julianday(until) - func.julianday(since)) * _MS_PER_DAY), BigInteger)


def utc_day(scope: Scope, moment: Any) -> ColumnElement[str]:
    """The UTC day of a column of times, as in ``2026-03-01``."""
    if scope.on_postgresql:
        return func.to_char(func.timezone("UTC", moment), "YYYY-MM-DD", type_=String)
    return func.substr(moment, 1, 10, type_=String)
