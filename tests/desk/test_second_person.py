"""Much money is decided by two people."""

from typing import Any

import pytest

from desk.bulk import BulkAnswer, decide_all, rehearse
from desk.second_person import confirmation
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.limits import Limits
from domain.resolution import Resolution, Role
from store.records import ExceptionState
from tests.desk.given import later, opened
from tests.desk.people import CANCEL, LIMITS, LITTLE, MUCH, People


async def test_R110_above_the_limit_one_proposes_and_another_one_confirms(people: People) -> None:
    await opened(people.store, amount=MUCH)
    first = await people.decide("ann")
    waiting = await people.now()
    assert (first.outcome, waiting.state, waiting.version) == ("proposed", ExceptionState.OPEN, 2)
    assert waiting.proposal is not None
    assert (waiting.proposal.actor, waiting.proposal.kind, waiting.proposal.at) == ("ann", CANCEL, later(5))

    second = await people.carry(waiting, confirmation(waiting, "bob", Role.FINANCE))
    decided = await people.now()
    assert (second.outcome, decided.state, decided.proposal) == ("decided", ExceptionState.RESOLVED, None)
    assert decided.resolution is not None
    assert (decided.resolution.actor, decided.resolution.proposed_by) == ("bob", "ann")
    assert decided.resolution.reason == "paid twice"
    assert await people.audit() == [
        ("system", "exception.opened"),
        ("ann", "exception.proposed"),
        ("bob", "exception.resolved"),
    ]


async def test_R110_up_to_the_limit_one_person_is_enough(people: People) -> None:
    await opened(people.store, amount=LITTLE)
    assert (await people.decide("ann")).outcome == "decided"


@pytest.mark.parametrize("actor", ["ann", "ANN", " ann "])
async def test_R110_nobody_confirms_a_decision_of_ones_own(people: People, actor: str) -> None:
    await opened(people.store, amount=MUCH)
    await people.decide("ann")
    again = await people.decide(actor)
    assert again.outcome == "refused"
    assert again.text.endswith("has proposed this decision already: another person has to confirm it")
    assert (await people.now()).state is ExceptionState.OPEN
    assert (await people.audit())[-1] == (actor, "exception.refused")


async def test_R110_E67_the_first_persons_double_press_changes_nothing(people: People) -> None:
    await opened(people.store, amount=MUCH)
    await people.decide("ann", version=1)
    again = await people.decide("ann", version=1)
    assert (again.outcome, again.repeated, (await people.now()).version) == ("proposed", True, 2)
    assert await people.audit() == [("system", "exception.opened"), ("ann", "exception.proposed")]


async def test_R110_who_saw_it_before_the_proposal_has_to_look_again(people: People) -> None:
    await opened(people.store, amount=MUCH)
    await people.decide("ann")
    stale = await people.decide("bob", version=1)
    assert (stale.outcome, "look at it again" in stale.text) == ("refused", True)
    assert (await people.now()).state is ExceptionState.OPEN


async def test_R110_the_second_person_needs_the_role_as_well(people: People) -> None:
    await opened(people.store, amount=MUCH)
    await people.decide("ann")
    answer = await people.decide("bob", role=Role.CX)
    assert (answer.outcome, "belongs to finance" in answer.text) == ("refused", True)
    assert (await people.decide("root", role=Role.ADMIN)).outcome == "decided"


@pytest.mark.parametrize(
    "other", [{"kind": ResolutionKind.DONE_BY_HAND, "document": "CN-2"}, {"kind": ResolutionKind.LINK_EXISTING}]
)
async def test_R110_another_decision_takes_the_place_of_the_proposal(people: People, other: dict[str, Any]) -> None:
    await opened(people.store, amount=MUCH)
    await people.decide("ann", ResolutionKind.DONE_BY_HAND, document="CN-1")
    answer = await people.decide("bob", **{"document": "CN-1", **other})
    proposal = (await people.now()).proposal
    assert answer.outcome == "proposed"
    assert proposal is not None
    assert (proposal.actor, proposal.kind) == ("bob", other["kind"])
    assert [action for _, action in await people.audit()].count("exception.proposed") == 2
    assert (await people.decide("ann", **{"document": "CN-1", **other})).outcome == "decided"


async def test_R110_trying_again_never_needs_a_second_person_and_ends_the_proposal(people: People) -> None:
    await opened(people.store, ExceptionCode.ROUNDING_DRIFT, amount=MUCH, ref=None)
    await people.decide("ann")
    assert (await people.decide("bob", ResolutionKind.RETRY)).outcome == "decided"
    record = await people.now()
    assert (record.proposal, record.resolution and record.resolution.proposed_by) == (None, "")


async def test_R110_a_site_may_do_without_second_persons(people: People) -> None:
    record = await opened(people.store, amount=MUCH)
    alone = Resolution(exception_id="ex-1", version=1, kind=CANCEL, role=Role.FINANCE, actor="ann", reason="twice")
    assert (await people.carry(record, alone, {"uk": Limits(second_person=None)})).outcome == "decided"


# --- many at once


async def test_N18_R110_a_dry_run_counts_what_needs_a_second_person_and_a_bulk_proposes_it(people: People) -> None:
    for name, amount in (("a", LITTLE), ("b", MUCH), ("c", MUCH)):
        await opened(people.store, name=name, amount=amount)

    async def many(actor: str, dry: bool) -> BulkAnswer:
        records = [await people.now(name) for name in "abc"]
        made = [
            Resolution(
                exception_id=r.id, version=r.version, kind=CANCEL, role=Role.FINANCE, actor=actor, reason="paid twice"
            )
            for r in records
        ]
        if dry:
            return await rehearse(people.store, records, {r.exception_id: r for r in made}, limits=LIMITS)
        return await decide_all(people.store, people.link, made, lambda: later(5), per_second=1000, limits=LIMITS)

    assert await many("ann", dry=True) == BulkAnswer(decided=1, proposed=2)
    assert [(await people.now(name)).version for name in "abc"] == [1, 1, 1], "nothing was changed"
    assert await many("ann", dry=False) == BulkAnswer(decided=1, proposed=2)
    same = await many("ann", dry=True)
    assert (same.decided, same.proposed, len(same.refused)) == (0, 0, 3)
    assert "another person has to confirm it" in same.refused[-1].text
    other = await many("bob", dry=True)
    assert (other.decided, other.proposed, len(other.refused)) == (2, 0, 1)
    done = await many("bob", dry=False)
    assert (done.decided, done.proposed) == (3, 0), "what was decided before is decided"
    assert [(await people.now(name)).state for name in "abc"] == [ExceptionState.RESOLVED] * 3
