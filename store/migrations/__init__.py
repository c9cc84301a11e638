"""Versions of the tables, applied by Alembic inside one transaction.

Numbered 0001, 0002 …; a test proves that they lead to exactly what the table modules declare.
"""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from store.engines import sync_engine

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('backhaul/migrations', 0))"


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for one open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(url: URL, revision: str = "head") -> None:
    """Bring the database up to a revision. Processes that do this at once take turns. Blocking."""
    _run(url, command.upgrade, revision)


def downgrade(url: URL, revision: str) -> None:
    """Bring the database back to an older revision. Blocking; for development only, it drops data."""
    _run(url, command.downgrade, revision)


def _run(url: URL, step: Callable[[Config, str], None], revision: str) -> None:
    engine = sync_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(_LOCK))
            step(configuration(connection), revision)
    finally:
        engine.dispose()
