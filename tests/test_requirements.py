"""Every requirement of this version has a test that names it, and the page says which."""

import pytest

from tests.edge_cases import EDGE_CASES
from tests.requirements_table import BEYOND, PAGE, REQUIREMENTS, names_by_id, render


@pytest.mark.parametrize("number", [*REQUIREMENTS, *BEYOND, *EDGE_CASES])
def test_each_requirement_has_a_test_that_names_it(number: str) -> None:
    assert names_by_id().get(number), f"no test is named {number}"


def test_the_page_is_what_the_tests_say() -> None:
    assert PAGE.read_text() == render(), "run: python -m tests.requirements_table"
