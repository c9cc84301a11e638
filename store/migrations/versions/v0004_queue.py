"""Root cause, units, escalation and first person's decision of each exception; indexes for long queues."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic import op

from domain.exceptions import ExceptionCode
from domain.grouping import root_cause
from domain.stake import money_at_stake, units_at_stake

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

_COLUMNS = ("cause", "units", "level", "escalated_at", "proposal")
_INDEXES = {
    "ix_exceptions_return": ["return_id", "connection"],
    "ix_exceptions_open": ["state", "opened_at", "id"],
    "ix_exceptions_queue": ["state", "owner", "opened_at", "id"],
    "ix_exceptions_cause": ["state", "cause", "opened_at", "id"],
    "ix_exceptions_code": ["state", "code", "opened_at", "id"],
    "ix_exceptions_connection": ["state", "connection", "opened_at", "id"],
}
_BEFORE = {
    "ix_exceptions_return": ["connection", "return_id"],
    "ix_exceptions_queue": ["state", "owner", "opened_at"],
}
_BATCH = 1_000


@dataclass(frozen=True)
class _Stopped:
    connection: str
    code: ExceptionCode
    payload: dict[str, Any]


def upgrade() -> None:
    op.add_column("exceptions", sa.Column("cause", sa.String(), nullable=False, server_default=""))
    op.add_column("exceptions", sa.Column("units", sa.Integer(), nullable=True))
    op.add_column("exceptions", sa.Column("level", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("exceptions", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("exceptions", sa.Column("proposal", sa.JSON(), nullable=True))
    _fill()
    for name in _BEFORE:
        op.drop_index(name, "exceptions")
    for name, columns in _INDEXES.items():
        op.create_index(name, "exceptions", columns)


def downgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, "exceptions")
    for name, columns in _BEFORE.items():
        op.create_index(name, "exceptions", columns)
    for column in reversed(_COLUMNS):
        op.drop_column("exceptions", column)


def _fill() -> None:
    """What is derived from the figures when an exception is opened, for those that were opened before."""
    table = sa.table(
        "exceptions",
        sa.column("id", sa.String()),
        sa.column("connection", sa.String()),
        sa.column("code", sa.String()),
        sa.column("payload", sa.JSON()),
        sa.column("amount", sa.BigInteger()),
        sa.column("currency", sa.String()),
        sa.column("cause", sa.String()),
        sa.column("units", sa.Integer()),
    )
    connection, last = op.get_bind(), ""
    while rows := connection.execute(
        sa.select(table.c.id, table.c.connection, table.c.code, table.c.payload, table.c.amount, table.c.currency)
        .where(table.c.id > last)
        .order_by(table.c.id)
        .limit(_BATCH)
    ).all():
        for row in rows:
            money = money_at_stake(row.payload) if row.amount is None else None
            found = {
                "cause": root_cause(_Stopped(row.connection, ExceptionCode(row.code), row.payload)).id,
                "units": units_at_stake(row.payload),
                "amount": money.amount if money else row.amount,
                "currency": money.currency if money else row.currency,
            }
            connection.execute(table.update().where(table.c.id == row.id).values(**found))
        last = rows[-1].id
