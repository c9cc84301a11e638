"""What tests that call the window's steps begin with."""

import pytest

from store import Store
from tests.batch.filing import Line, line_with


@pytest.fixture
def line(store: Store) -> Line:
    return line_with(store)
