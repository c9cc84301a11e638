"""The same decision twice is one; another one, or another document, is never told as the same (E67)."""

from typing import Any

import pytest

from desk.link import TemporalLink
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.messages import ResolutionReceipt
from domain.resolution import Resolution, Role
from store import Store
from store.records import ExceptionState
from tests.desk.given import later, opened
from tests.desk.people import LITTLE, People

BY_HAND = ResolutionKind.DONE_BY_HAND


class Quick:
    """A return whose track obeyed somebody while this decision was on its way. None: it went on by itself."""

    def __init__(self, store: Store, first: Resolution | None) -> None:
        self._store = store
        self._first = first

    def get_workflow_handle(self, name: str) -> "Quick":
        """The return itself."""
        assert name == "return/uk/r-1"
        return self

    async def execute_update(self, *_: object, **__: object) -> ResolutionReceipt:
        """Written down, and over for the workflow: whatever comes now is told as repeated."""
        async with self._store.begin() as unit:
            if self._first is None:
                await unit.exceptions.clear("ex-1", later(4))
            else:
                await unit.exceptions.resolve("ex-1", None, self._first, later(4))
        return ResolutionReceipt(exception_id="ex-1", repeated=True)


async def test_E67_the_same_decision_again_is_told_as_made_before(people: People) -> None:
    await opened(people.store, amount=LITTLE)
    assert (await people.decide("ann", BY_HAND, document="CN-1")).outcome == "decided"
    again = await people.decide("bob", BY_HAND, document="CN-1", reason="a reason of my own")
    assert (again.outcome, again.repeated) == ("decided", True)


@pytest.mark.parametrize(
    ("code", "first", "second"),
    [
        ("CREDIT_REJECTED", {"kind": BY_HAND, "document": "CN-1"}, {"kind": BY_HAND, "document": "CN-2"}),
        (
            "DAMAGED_DECISION",
            {"kind": ResolutionKind.EDIT_AND_RETRY, "edits": {"share": "40"}},
            {"kind": ResolutionKind.EDIT_AND_RETRY, "edits": {"share": "60"}},
        ),
    ],
    ids=["document", "correction"],
)
async def test_E67_another_document_or_correction_is_not_told_as_decided(
    people: People, code: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    await opened(people.store, ExceptionCode(code), amount=LITTLE, figures={})
    assert (await people.decide("ann", **first)).outcome == "decided"
    other = await people.decide("bob", **second)
    assert (other.outcome, other.repeated) == ("refused", False)
    assert f"ex-1 is resolved already by {first['kind']} of ann" in other.text
    record = await people.now()
    assert record.resolution is not None
    assert (record.state, record.resolution.actor) == (ExceptionState.RESOLVED, "ann")
    assert (await people.audit())[-1] == ("bob", "exception.refused")


async def test_E67_the_refusal_names_the_document_that_counts(people: People) -> None:
    await opened(people.store, amount=LITTLE)
    await people.decide("ann", BY_HAND, document="CN-1")
    assert "DONE_BY_HAND of ann (CN-1)" in (await people.decide("bob", BY_HAND, document="CN-2")).text


@pytest.mark.parametrize(
    ("first", "outcome", "text"),
    [
        ("CN-1", "decided", ""),
        ("CN-2", "refused", "ex-1 is resolved already by DONE_BY_HAND of ann (CN-2)"),
        ("", "refused", "ex-1 is cleared already"),
    ],
)
async def test_E67_what_the_workflow_calls_repeated_is_compared_with_what_was_written(
    store: Store, first: str, outcome: str, text: str
) -> None:
    await opened(store, amount=LITTLE, waits=True)
    made = Resolution(
        exception_id="ex-1", version=1, kind=BY_HAND, role=Role.FINANCE, actor="ann", document=first or "none"
    )

    async def connect() -> Any:
        return Quick(store, made if first else None)

    answer = await People(store, TemporalLink(connect)).decide("bob", BY_HAND, document="CN-1")
    assert (answer.outcome, answer.text) == (outcome, text)
