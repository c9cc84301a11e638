"""The connections of the example configuration, and every page that is written for them."""

from pathlib import Path

import pytest

from domain.configuration import connections_from
from domain.connection import Connection
from guides.blocks import Page
from guides.pages import all_pages
from guides.render import render
from runtime.toml import load_toml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def connections() -> list[Connection]:
    return connections_from(load_toml(ROOT / "backhaul.example.toml"), {})


@pytest.fixture(scope="session")
def pages(connections: list[Connection]) -> dict[str, Page]:
    """Path → page."""
    return {page.path: page for page in all_pages(connections)}


@pytest.fixture(scope="session")
def written(connections: list[Connection]) -> dict[str, str]:
    """File → Markdown."""
    return render(connections)
