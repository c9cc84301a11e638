"""Every exception code is somebody's to know: owner, words, steps, decisions, and a test that meets it (R75, N16)."""

import re
from functools import cache
from pathlib import Path

import pytest

from domain.catalogue import CATALOGUE
from domain.exceptions import ExceptionCode, Owner
from domain.resolution_texts import RESOLUTION_TEXTS

TESTS = Path(__file__).parents[1]
#: Tests that go through all codes: being in one of these says nothing about a code.
OF_ALL = ("test_catalogue.py", "test_catalogue_is_tested.py", "test_grouping.py")


@cache
def met() -> frozenset[str]:
    """Every code that a test names, in a file that is about something it does."""
    words = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")
    files = (path for path in TESTS.rglob("test_*.py") if path.name not in OF_ALL)
    return frozenset(word for path in files for word in words.findall(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("code", ExceptionCode)
def test_R75_N16_every_code_has_owner_words_steps_decisions_and_a_test(code: ExceptionCode) -> None:
    entry = CATALOGUE[code]
    assert entry.owner in Owner
    assert entry.title and entry.explanation and all(entry.steps)
    assert entry.resolutions or code is ExceptionCode.CONNECTION_DOWN
    assert all(RESOLUTION_TEXTS[kind].title for kind in entry.resolutions)
    assert code.value in met(), f"no test names {code}"
