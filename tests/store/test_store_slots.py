"""Slots and order ledger: no unit twice, whatever happens at once (N1, D6)."""

import asyncio
import random

import pytest

from domain.returns import ReturnRef
from store import Store
from store.errors import NoFreeSlots, SlotTaken
from tests.store.given import OTHER, REF

ORDER = ("books", "ORD-1")


async def reserve(store: Store, ref: ReturnRef, available: int = 3, **wanted: int) -> dict[str, list[int]]:
    async with store.begin() as unit:
        return await unit.slots.reserve(*ORDER, ref, wanted, dict.fromkeys(wanted, available))


async def test_N1_a_return_claims_the_lowest_free_units(store: Store) -> None:
    assert await reserve(store, REF, L1=2) == {"L1": [1, 2]}
    assert await reserve(store, OTHER, L1=1) == {"L1": [3]}


async def test_N1_reserving_again_changes_nothing_and_more_extends(store: Store) -> None:
    await reserve(store, REF, L1=1)
    await reserve(store, OTHER, L1=1)
    assert await reserve(store, REF, L1=1) == {"L1": [1]}
    assert await reserve(store, REF, L1=2, L2=1) == {"L1": [1, 3], "L2": [1]}
    assert await reserve(store, REF, L1=0) == {"L1": [1, 3]}


async def test_E61_what_is_wanted_no_more_is_given_back_from_the_highest_unit(store: Store) -> None:
    await reserve(store, REF, available=9, L1=4, L2=2, L3=1)
    await reserve(store, OTHER, available=9, L1=1)
    async with store.begin() as unit:
        await unit.slots.credit(*ORDER, REF, {"L1": [4]}, "credit-1")
        await unit.slots.exchange(*ORDER, REF, {"L2": [1, 2]}, "exchange-1")
        await unit.slots.give_back(*ORDER, REF, {"L1": 2, "L2": 1})
        kept = {(claim.line_id, claim.slot_no) for claim in await unit.slots.held(*ORDER, REF)}
        assert kept == {("L1", 1), ("L1", 4), ("L2", 1), ("L2", 2)}, "a credit and an exchange keep their units"
        assert len(await unit.slots.held(*ORDER, OTHER)) == 1
        await unit.slots.give_back(*ORDER, REF, {"L1": 9})
        assert len(await unit.slots.held(*ORDER, REF)) == 4


async def test_E61_a_unit_that_no_replacement_is_to_stand_for_is_credited_like_any_other(store: Store) -> None:
    await reserve(store, REF, L1=2)
    await reserve(store, OTHER, L1=1)
    async with store.begin() as unit:
        await unit.slots.exchange(*ORDER, REF, {"L1": [1, 2]}, "exchange-1")
        with pytest.raises(SlotTaken):
            await unit.slots.unmark(*ORDER, REF, {"L1": [2, 3]})
        await unit.slots.unmark(*ORDER, REF, {"L1": [2]})
        await unit.slots.credit(*ORDER, REF, {"L1": [2]}, "credit-1")
        kept = [(claim.slot_no, claim.credit_key, claim.exchange_key) for claim in await unit.slots.held(*ORDER, REF)]
    assert kept == [(1, None, "exchange-1"), (2, "credit-1", None)]


async def test_N1_E7_more_than_is_free_claims_nothing_at_all(store: Store) -> None:
    await reserve(store, REF, L2=2)
    with pytest.raises(NoFreeSlots) as refusal:
        await reserve(store, OTHER, L1=3, L2=2)
    assert (refusal.value.line_id, refusal.value.wanted, refusal.value.free) == ("L2", 2, 1)
    async with store.begin() as unit:
        with pytest.raises(NoFreeSlots):
            await unit.slots.reserve(*ORDER, OTHER, {"L1": 3, "L9": 1}, {"L1": 3})
        assert await unit.slots.held(*ORDER, OTHER) == []


async def test_N1_books_are_apart(store: Store) -> None:
    await reserve(store, REF, L1=3)
    async with store.begin() as unit:
        assert await unit.slots.reserve("others", "ORD-1", OTHER, {"L1": 1}, {"L1": 3}) == {"L1": [1]}


async def test_N1_E68_twenty_returns_at_once_never_share_a_unit(store: Store) -> None:
    rng = random.Random(7)
    wishes = [(ReturnRef(connection="shop", return_id=f"R{n}"), rng.randint(1, 4)) for n in range(20)]

    async def claim(ref: ReturnRef, units: int) -> dict[str, list[int]]:
        try:
            return await reserve(store, ref, available=25, L1=units, L2=1)
        except NoFreeSlots:
            return {}

    claims = await asyncio.gather(*(claim(*wish) for wish in wishes))
    for line_id in ("L1", "L2"):
        taken = [no for claim in claims for no in claim.get(line_id, [])]
        assert len(taken) == len(set(taken))
        assert set(taken) == set(range(1, len(taken) + 1))
    refused = [units for (_, units), claim in zip(wishes, claims, strict=True) if not claim]
    free = 25 - sum(len(claim.get("L1", [])) for claim in claims)
    assert free >= 0
    assert all(units > free for units in refused)


async def test_N1_E68_the_same_return_at_once_claims_once(store: Store) -> None:
    claims = await asyncio.gather(*(reserve(store, REF, L1=2) for _ in range(8)))
    assert claims == [{"L1": [1, 2]}] * 8


async def test_N1_a_credit_is_tied_once(store: Store) -> None:
    await reserve(store, REF, L1=2)
    async with store.begin() as unit:
        for _ in range(2):
            await unit.slots.credit(*ORDER, REF, {"L1": [1]}, "bh-r1-c-1")
        claims = await unit.slots.held(*ORDER, REF)
        assert [(claim.slot_no, claim.credit_key) for claim in claims] == [(1, "bh-r1-c-1"), (2, None)]
        assert [claim.slot_no for claim in await unit.slots.credited(*ORDER)] == [1]


@pytest.mark.parametrize("slots", [{"L1": [2, 1]}, {"L1": [2, 3]}, {"L1": [2], "L9": [1]}])
async def test_N1_a_unit_of_another_credit_or_return_is_refused(store: Store, slots: dict[str, list[int]]) -> None:
    await reserve(store, REF, L1=2)
    await reserve(store, OTHER, L1=1)
    async with store.begin() as unit:
        await unit.slots.credit(*ORDER, REF, {"L1": [1]}, "bh-r1-c-1")
    async with store.begin() as unit:
        with pytest.raises(SlotTaken):
            await unit.slots.credit(*ORDER, REF, slots, "bh-r1-c-2")
        assert len(await unit.slots.credited(*ORDER)) == 1


async def test_N1_a_voided_credit_frees_its_units_for_any_return(store: Store) -> None:
    await reserve(store, REF, L1=3)
    async with store.begin() as unit:
        await unit.slots.credit(*ORDER, REF, {"L1": [1, 2]}, "bh-r1-c-1")
        for _ in range(2):
            await unit.slots.void("bh-r1-c-1")
        assert await unit.slots.credited(*ORDER) == []
    assert await reserve(store, OTHER, L1=1) == {"L1": [1]}
    assert await reserve(store, REF, L1=2) == {"L1": [2, 3]}


async def test_R69_a_credit_that_was_never_made_leaves_its_units_with_the_return(store: Store) -> None:
    await reserve(store, REF, L1=2)
    async with store.begin() as unit:
        await unit.slots.credit(*ORDER, REF, {"L1": [1, 2]}, "bh-r1-c-1")
        for _ in range(2):
            await unit.slots.uncredit("bh-r1-c-1")
        held = await unit.slots.held(*ORDER, REF)
        assert [(claim.slot_no, claim.credit_key) for claim in held] == [(1, None), (2, None)]
        await unit.slots.credit(*ORDER, REF, {"L1": [2]}, "bh-r1-c-2")


async def test_E28_E58_releasing_keeps_what_is_credited(store: Store) -> None:
    await reserve(store, REF, L1=3)
    async with store.begin() as unit:
        await unit.slots.credit(*ORDER, REF, {"L1": [2]}, "bh-r1-c-1")
        for _ in range(2):
            await unit.slots.release(REF)
        assert [claim.slot_no for claim in await unit.slots.held(*ORDER, REF)] == [2]
    assert await reserve(store, OTHER, L1=2) == {"L1": [1, 3]}


async def test_N1_random_returns_credits_and_voids_keep_every_unit_single(store: Store) -> None:
    rng = random.Random(11)
    live: dict[str, tuple[ReturnRef, list[int]]] = {}
    for step in range(40):
        ref = ReturnRef(connection="shop", return_id=f"R{rng.randint(1, 5)}")
        async with store.begin() as unit:
            if live and rng.random() < 0.4:
                key = rng.choice(sorted(live))
                await unit.slots.void(key)
                del live[key]
                continue
            await unit.slots.release(ref)
            own = {no for holder, numbers in live.values() if holder == ref for no in numbers}
            try:
                held = await unit.slots.reserve(*ORDER, ref, {"L1": len(own) + 1}, {"L1": 6})
            except NoFreeSlots:
                assert sum(len(numbers) for _, numbers in live.values()) == 6
                continue
            fresh = [no for no in held["L1"] if no not in own]
            live[f"c-{step}"] = (ref, fresh)
            await unit.slots.credit(*ORDER, ref, {"L1": fresh}, f"c-{step}")
        async with store.reading() as unit:
            claims = await unit.slots.credited(*ORDER)
        assert {(c.credit_key, c.slot_no) for c in claims} == {
            (key, no) for key, (_, numbers) in live.items() for no in numbers
        }
        assert len({c.slot_no for c in claims}) == len(claims) <= 6


async def test_N1_the_order_ledger_counts_each_credit_once(store: Store) -> None:
    async with store.begin() as unit:
        for _ in range(2):
            await unit.ledger.add(*ORDER, "c-1", shipping=595, rounding=-1, total=2594)
        await unit.ledger.add(*ORDER, "c-2", shipping=0, rounding=2, total=3_000_000_000)
        await unit.ledger.add("others", "ORD-1", "c-3", shipping=1, rounding=1, total=1)
    async with store.begin() as unit:
        totals = await unit.ledger.totals(*ORDER)
        assert (totals.shipping, totals.rounding, totals.total) == (595, 1, 3_000_002_594)
        for _ in range(2):
            await unit.ledger.remove("c-2")
        assert (await unit.ledger.totals(*ORDER)).total == 2594
        assert (await unit.ledger.totals("books", "ORD-2")).total == 0


async def test_N1_two_credits_at_once_cannot_pass_a_cap_together(store: Store) -> None:
    async def give(key: str) -> None:
        async with store.begin() as unit:
            left = 595 - (await unit.ledger.totals(*ORDER)).shipping
            await unit.ledger.add(*ORDER, key, shipping=left, rounding=0, total=left)

    await asyncio.gather(*(give(f"c-{n}") for n in range(8)))
    async with store.reading() as unit:
        assert (await unit.ledger.totals(*ORDER)).shipping == 595
