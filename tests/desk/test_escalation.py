"""What nobody handles goes one level up, once."""

import asyncio
from datetime import timedelta

from desk.escalation import Escalated, escalate
from desk.queue import read_queue
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.limits import Limits
from domain.money import Money
from domain.resolution import Proposal, Resolution, Role
from store import Store
from store.queue_records import QueueFilter
from tests.desk.given import REF, hours, later, opened, returned, stopped

#: Finance has two hours, CX four; the others have the usual time.
LIMITS = {"uk": Limits(escalate_after={Owner.FINANCE: timedelta(hours=2), Owner.CX: timedelta(hours=4)})}


async def at(store: Store, after: float) -> list[tuple[str, int]]:
    return [(one.exception_id, one.level) for one in await escalate(store, LIMITS, later(hours(after)))]


async def test_R74_an_item_older_than_its_owners_limit_goes_up_once_per_level(store: Store) -> None:
    await returned(store)
    await opened(store, ExceptionCode.REFUND_MISMATCH, "money", amount=Money(amount=500, currency="GBP"))
    await opened(store, ExceptionCode.ORDER_LOCKED, "order")
    assert await at(store, 1.9) == []
    assert await at(store, 2) == [("money", 1)]
    assert await at(store, 3.9) == []
    assert sorted(await at(store, 4)) == [("money", 2), ("order", 1)]
    assert await at(store, 4) == []
    assert await at(store, 8) == [("order", 2)]
    assert await at(store, 1000) == [], "there is nobody above"
    page = await read_queue(store, QueueFilter(level=2), later(hours(9)))
    assert {(item.id, item.level, item.escalated_at) for item in page.items} == {
        ("money", 2, later(hours(4))),
        ("order", 2, later(hours(8))),
    }


async def test_R74_people_are_told_who_is_asked_now_and_what_is_at_stake(store: Store) -> None:
    record = await opened(store, amount=Money(amount=500, currency="GBP"))
    [first] = await escalate(store, LIMITS, later(hours(3)))
    assert first == Escalated(
        exception_id=record.id,
        connection="uk",
        return_id="r-1",
        code=record.code,
        owner=Owner.FINANCE,
        cause=record.cause,
        reason="it stopped here",
        level=1,
        asked="the lead of finance",
        opened_at=record.opened_at,
        amount=record.amount,
    )
    [second] = await escalate(store, LIMITS, later(hours(5)))
    assert (second.level, second.asked) == (2, "the head of operations")
    async with store.reading() as unit:
        told = [(entry.action, entry.detail.get("asked")) for entry in await unit.audit.list(record.id)]
        texts = [entry.text for entry in await unit.timeline.list(REF)]
    assert told[:2] == [
        ("exception.escalated", "the head of operations"),
        ("exception.escalated", "the lead of finance"),
    ]
    assert texts[1:] == [
        f"REFUND_MISMATCH waits for a decision since 2026-03-01 09:30 UTC: {asked} is asked now"
        for asked in ("the lead of finance", "the head of operations")
    ]


async def test_R74_several_rounds_at_once_lift_an_item_once(store: Store) -> None:
    for number in range(3):
        await opened(store, name=f"ex-{number}")
    rounds = await asyncio.gather(*(escalate(store, LIMITS, later(hours(3))) for _ in range(3)))
    assert sorted(one.exception_id for found in rounds for one in found) == ["ex-0", "ex-1", "ex-2"]


async def test_R74_what_was_decided_is_handled_and_a_proposal_buys_its_time_once_more(store: Store) -> None:
    await opened(store, name="decided")
    await opened(store, name="proposed")
    proposal = Proposal(kind=ResolutionKind.CANCEL_TRACK, role=Role.FINANCE, actor="u", at=later(hours(1.5)))
    decision = Resolution(exception_id="decided", version=1, kind=ResolutionKind.RETRY, role=Role.FINANCE, actor="u")
    async with store.begin() as unit:
        await unit.exceptions.propose("proposed", 1, proposal)
        await unit.exceptions.resolve("decided", 1, decision, later(60))
    assert await at(store, 3.4) == []
    assert await at(store, 3.5) == [("proposed", 1)], "the second person does not come either"


async def test_R74_a_connection_without_limits_of_its_own_has_the_usual_ones(store: Store) -> None:
    async with store.begin() as unit:
        await unit.exceptions.open_for_connection("us", ExceptionCode.CONNECTION_DOWN, "no answer", later(0))
    assert await escalate(store, LIMITS, later(59)) == []
    [down] = await escalate(store, LIMITS, later(60))
    assert (down.connection, down.return_id, down.owner) == ("us", None, Owner.INTEGRATION)


async def test_R74_a_long_queue_is_lifted_to_its_end(store: Store) -> None:
    async with store.begin() as unit:
        for number in range(230):
            await unit.exceptions.open(stopped(ExceptionCode.LATE_RETURN, f"ex-{number:03}"))
    assert len(await escalate(store, {}, later(hours(9)))) == 230
