"""Alembic's entry: runs the versions on the connection that the caller opened and commits."""

from alembic import context
from sqlmodel import SQLModel

import store.tables
import store.tables_exchange
import store.tables_ledger  # noqa: F401  all are imported for the tables that they declare

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
