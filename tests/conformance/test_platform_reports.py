"""What the warehouse found is told to the platform exactly once, whatever becomes of the answers (R9, N2, R106)."""

import asyncio

import pytest

from domain.exceptions import ExceptionCode as E
from domain.outcomes import InDoubt, Rejected, RetryLater
from domain.returns import PlatformPhase as P
from domain.returns import PlatformReturn
from sandbox.kit.faults import Fault
from tests.conformance.desk import patiently
from tests.conformance.faults import LOST
from tests.conformance.platform_desk import Decisions, PlatformDesk, totals
from tests.conformance.privacy import leaks, said_by, trouble_of

#: Two shirts are good and one is not; the trousers are accepted and cannot be sold again.
FOUND: Decisions = (totals(2, 1), totals(1, unsellable=1, line="2/TR"))
DECIDED = [("TR", "accepted", 1), ("TS", "accepted", 2), ("TS", "rejected", 1)]
each_loss = pytest.mark.parametrize("lost", LOST)


def told(found: PlatformReturn) -> list[tuple[int, int]]:
    return [(line.accepted, line.rejected) for line in found.lines]


async def report(platform: PlatformDesk, return_id: str, found: Decisions = FOUND) -> PlatformReturn:
    """Until it is told, as Temporal repeats it, without the waits."""
    return await patiently(lambda: platform.platform.report_inspection(return_id, found))


async def clean(platform: PlatformDesk) -> tuple[list[str], int]:
    """The entries of an undisturbed report, and its requests."""
    return_id = platform.on_its_way()
    mark = platform.journal.mark
    platform.faults.script()
    await report(platform, return_id)
    return entries(platform, mark), len(platform.faults.asked)


def entries(platform: PlatformDesk, mark: int) -> list[str]:
    return sorted(e["op"] for e in platform.journal.since(mark) if not e["op"].startswith("webhook"))


async def test_the_same_report_again_has_no_second_effect(platform: PlatformDesk) -> None:
    return_id = platform.on_its_way()
    first = await report(platform, return_id)
    assert (told(first), first.phase) == ([(2, 1), (1, 0)], P.PARTLY_ACCEPTED)
    mark = platform.journal.mark
    for _ in range(3):
        assert told(await report(platform, return_id)) == told(first)
    assert entries(platform, mark) == []
    assert platform.decided(return_id) == DECIDED


@each_loss
async def test_N2_an_answer_lost_at_any_request_of_a_report(platform: PlatformDesk, lost: str) -> None:
    effects, requests = await clean(platform)
    for step in range(requests):
        for times in (1, 2):
            return_id = platform.on_its_way()
            mark = platform.journal.mark
            platform.faults.script(*[None] * step, *[LOST[lost]] * times)
            found = await report(platform, return_id)
            platform.faults.calm()
            assert told(found) == [(2, 1), (1, 0)]
            assert platform.decided(return_id) == DECIDED
            assert entries(platform, mark) == effects, f"{lost} at request {step + 1}"


@pytest.mark.parametrize("kind", ["unavailable", "throttle"])
async def test_R71_a_report_that_was_not_taken_is_told_later(platform: PlatformDesk, kind: str) -> None:
    effects, requests = await clean(platform)
    for step in range(requests):
        return_id = platform.on_its_way()
        mark = platform.journal.mark
        platform.faults.script(*[None] * step, Fault.model_validate({"kind": kind, "seconds": 7}))
        trouble = await trouble_of(platform.platform.report_inspection(return_id, FOUND))
        assert isinstance(trouble, RetryLater)
        assert kind != "throttle" or trouble.delay is not None
        await report(platform, return_id)
        assert platform.decided(return_id) == DECIDED
        assert entries(platform, mark) == effects


async def test_parcel_by_parcel(platform: PlatformDesk) -> None:
    """Totals grow; what was told before is not told again."""
    return_id = platform.on_its_way()
    assert told(await report(platform, return_id, [totals(1)]))[0] == (1, 0)
    assert told(await report(platform, return_id, [totals(2)]))[0] == (2, 0)
    found = await report(platform, return_id)
    assert told(found) == [(2, 1), (1, 0)]
    assert platform.decided(return_id) == DECIDED
    assert len(platform.page(return_id).refunds) == 1


async def test_two_workers_tell_the_same(platform: PlatformDesk) -> None:
    return_id = platform.on_its_way()
    ports = [platform.port() for _ in range(3)]
    calls = [patiently(lambda port=port: port.report_inspection(return_id, FOUND)) for port in ports]  # type: ignore[misc]
    assert [told(found) for found in await asyncio.gather(*calls)] == [[(2, 1), (1, 0)]] * 3
    page = platform.page(return_id)
    assert (page.accepted, page.rejected) == ({"TS": 2, "TR": 1}, {"TS": 1})
    assert len(page.refunds) == 1


async def test_a_contradiction_is_a_drift_and_changes_nothing(platform: PlatformDesk) -> None:
    """An older report after a newer one, or a person who decided otherwise: never a reversal."""
    return_id = platform.on_its_way()
    await report(platform, return_id)
    mark = platform.journal.mark
    for other in ([totals(0, 3)], [totals(3)], [totals(1)]):
        trouble = await trouble_of(report(platform, return_id, other))
        assert isinstance(trouble, Rejected)
        assert trouble.code is E.STATUS_DRIFT
    assert entries(platform, mark) == []


async def test_a_return_that_was_called_off_takes_no_report(platform: PlatformDesk) -> None:
    return_id = platform.ask()
    platform.stage.sandbox.cancel(return_id)
    trouble = await trouble_of(report(platform, return_id))
    assert isinstance(trouble, Rejected)
    assert trouble.code is E.STATUS_DRIFT
    assert platform.decided(return_id) == []


async def test_a_report_about_a_return_that_nobody_knows(platform: PlatformDesk) -> None:
    trouble = await trouble_of(report(platform, "99999999"))
    assert isinstance(trouble, Rejected)
    assert trouble.code is E.EVENT_INVALID


async def test_a_note_is_left_and_an_answer_that_is_lost_is_a_doubt(platform: PlatformDesk) -> None:
    """Notes are not guarded: who sends one again may leave it twice, and must know."""
    return_id = platform.ask()
    before = len(platform.journal.entries(platform.stage.note))
    await platform.platform.add_note(return_id, "Two of three <are> here & one is worn.")
    assert len(platform.journal.entries(platform.stage.note)) == before + 1
    platform.faults.script(LOST["connection closed"])
    trouble = await trouble_of(platform.platform.add_note(return_id, "a note"))
    assert isinstance(trouble, InDoubt)
    assert not leaks(said_by(trouble), "a note")
    platform.faults.script(Fault(kind="throttle", seconds=7))
    assert isinstance(await trouble_of(platform.platform.add_note(return_id, "a note")), RetryLater)
    assert len(platform.journal.entries(platform.stage.note)) == before + 2
