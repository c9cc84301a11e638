"""The inbox: each delivery once, for ever; one poke per return."""

import asyncio
from collections import Counter

from domain.returns import Delivery
from store import Store
from store.records import Acceptance
from tests.store.given import NOW, delivery, later


async def accept(store: Store, item: Delivery, minutes: int = 0, digest: str = "aa") -> Acceptance:
    async with store.begin() as unit:
        return await unit.inbox.accept("shop", item, digest, f"trace-{item.delivery_id}", later(minutes))


async def test_R9_E1_a_delivery_counts_once(store: Store) -> None:
    assert await accept(store, delivery()) is Acceptance.NEW
    assert await accept(store, delivery()) is Acceptance.DUPLICATE
    async with store.begin() as unit:
        assert await unit.inbox.accept("other", delivery(), "aa", "", NOW) is Acceptance.NEW
        assert (await unit.inbox.backlog()).count == 2


async def test_R9_a_delivery_stays_known_after_it_was_settled(store: Store) -> None:
    await accept(store, delivery())
    async with store.begin() as unit:
        await unit.inbox.settle("shop", ["D1"], "started", NOW)
    assert await accept(store, delivery(), minutes=600_000) is Acceptance.DUPLICATE
    async with store.reading() as unit:
        assert await unit.inbox.due(later(700_000), 10) == []


async def test_E3_other_content_under_the_same_id_is_a_conflict_and_the_first_stays(store: Store) -> None:
    await accept(store, delivery(return_id="R1"))
    assert await accept(store, delivery(return_id="R9"), digest="bb") is Acceptance.CONFLICT
    assert await accept(store, delivery(return_id="R1")) is Acceptance.DUPLICATE
    async with store.reading() as unit:
        assert [poke.return_id for poke in await unit.inbox.due(NOW, 10)] == ["R1"]


async def test_R9_copies_that_arrive_at_once_are_one(store: Store) -> None:
    outcomes = Counter(await asyncio.gather(*(accept(store, delivery()) for _ in range(10))))
    assert outcomes == {Acceptance.NEW: 1, Acceptance.DUPLICATE: 9}


async def test_due_is_one_poke_a_return_and_the_longest_waiting_comes_first(store: Store) -> None:
    await accept(store, delivery("D2", "R2"), minutes=1)
    await accept(store, delivery("D1", "R1"), minutes=0)
    await accept(store, delivery("D3", "R1"), minutes=2)
    async with store.reading() as unit:
        first, second = await unit.inbox.due(later(5), 10)
        assert (first.return_id, first.delivery_ids, first.first_received_at) == ("R1", ["D1", "D3"], NOW)
        assert (first.traceparent, first.poked_before) == ("trace-D1", False)
        assert second.delivery_ids == ["D2"]
        assert len(await unit.inbox.due(later(5), 1)) == 1


async def test_a_delivery_without_return_is_kept_and_never_due(store: Store) -> None:
    assert await accept(store, delivery(return_id=None)) is Acceptance.NEW
    assert await accept(store, delivery(return_id=None)) is Acceptance.DUPLICATE
    async with store.reading() as unit:
        assert await unit.inbox.due(later(), 10) == []
        assert (await unit.inbox.backlog()).count == 0


async def test_a_settled_return_is_due_again_with_the_next_delivery_only(store: Store) -> None:
    await accept(store, delivery("D1"))
    async with store.begin() as unit:
        await unit.inbox.settle("shop", ["D1"], "started", NOW)
        assert await unit.inbox.due(later(), 10) == []
    await accept(store, delivery("D2"), minutes=1)
    async with store.reading() as unit:
        [poke] = await unit.inbox.due(later(2), 10)
    assert (poke.delivery_ids, poke.poked_before) == (["D2"], True)


async def test_settling_twice_keeps_the_first_outcome(store: Store) -> None:
    await accept(store, delivery("D1"))
    async with store.begin() as unit:
        await unit.inbox.settle("shop", ["D1"], "ignored", NOW)
        await unit.inbox.settle("shop", ["D1"], "started", later())
    await accept(store, delivery("D2"), minutes=1)
    async with store.reading() as unit:
        [poke] = await unit.inbox.due(later(2), 10)
    assert poke.poked_before is False


async def test_postponed_pokes_wait_and_a_fresh_delivery_brings_them_along(store: Store) -> None:
    await accept(store, delivery("D1"))
    async with store.begin() as unit:
        await unit.inbox.postpone("shop", ["D1"], later(10), "Temporal is down")
        assert await unit.inbox.due(later(9), 10) == []
        [poke] = await unit.inbox.due(later(10), 10)
        assert poke.attempts == 1
    await accept(store, delivery("D2"), minutes=1)
    async with store.reading() as unit:
        [poke] = await unit.inbox.due(later(1), 10)
        backlog = await unit.inbox.backlog()
    assert poke.delivery_ids == ["D1", "D2"]
    assert (backlog.count, backlog.oldest_received_at) == (2, NOW)


async def test_an_empty_inbox_has_no_backlog(store: Store) -> None:
    async with store.reading() as unit:
        backlog = await unit.inbox.backlog()
    assert (backlog.count, backlog.oldest_received_at) == (0, None)
