"""The form of an exception offers what its runbook says can be corrected (R73)."""

import re

import pytest

from domain.edits import edit_fields
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.resolution import EDITABLE
from domain.runbooks import RUNBOOKS

#: ``location=…`` or ``tax_code.<ours>=…`` in the words of a runbook.
_NAMED = re.compile(r"(\w+)(\.<[^>]+>)?=")

CORRECTED = [code for code, book in RUNBOOKS.items() if ResolutionKind.EDIT_AND_RETRY in book.decisions]


@pytest.mark.parametrize("code", CORRECTED)
def test_R73_what_a_runbook_calls_correctable_is_a_field_of_the_form(code: ExceptionCode) -> None:
    named = _NAMED.findall(RUNBOOKS[code].decisions[ResolutionKind.EDIT_AND_RETRY])
    fields = edit_fields(code, ResolutionKind.EDIT_AND_RETRY, {"surplus": "1 x P1"})
    offered = {_kind(field.name) for field in fields}
    assert {f"{name}." if completed else name for name, completed in named} <= offered
    assert offered <= set(EDITABLE)


def _kind(name: str) -> str:
    head, dot, _ = name.partition(".")
    return head + dot
