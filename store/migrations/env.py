"""Alembic's entry: runs the versions on the connection that the caller opened and commits."""

from alembic import context
from sqlmodel import SQLModel

import store.tables
import store.tables_accounts
import store.tables_alerts
import store.tables_exchange
import store.tables_ledger
import store.tables_measures
import store.tables_reconciliation
import store.tables_sweep  # noqa: F401  all are imported for the tables that they declare

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
