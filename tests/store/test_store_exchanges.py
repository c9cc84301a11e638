"""Exchanges: the intent to replace, the units it stands for, and what the replacement is worth."""

import asyncio

import pytest

from domain.carried import CarriedOrder, CarriedTax
from domain.exchange import ExchangeState
from store import Store
from store.errors import KeyTaken, SlotTaken, UnknownExchange
from store.exchange_records import ExchangePlan
from tests.store.given import LINE, NOW, OTHER, REF, exchange, later

ORDER = ("books", "ORD-1")
KEY = "bh-r1-x-1"


async def reserve(store: Store, units: int = 3) -> None:
    async with store.begin() as unit:
        await unit.slots.reserve(*ORDER, REF, {LINE: units}, {LINE: 5})


async def test_N2_an_exchange_is_planned_once(store: Store) -> None:
    async def plan(price: int) -> int:
        async with store.begin() as unit:
            return (await unit.exchanges.plan(exchange(price=price), NOW)).price

    assert len(set(await asyncio.gather(*(plan(price) for price in range(8))))) == 1
    async with store.begin() as unit:
        with pytest.raises(KeyTaken):
            await unit.exchanges.plan(exchange().model_copy(update={"ref": OTHER}), NOW)


async def test_N2_what_is_not_said_again_stays(store: Store) -> None:
    async with store.begin() as unit:
        planned = await unit.exchanges.plan(exchange(), NOW)
        assert planned.model_dump(include=set(ExchangePlan.model_fields)) == exchange().model_dump()
        assert (planned.state, planned.order_number, planned.credit_key) == (ExchangeState.REQUESTED, "", None)
        await unit.exchanges.mark(KEY, ExchangeState.AWAITING_PAYMENT, carried=2500, slots=[1, 2], now=later())
        ordered = await unit.exchanges.mark(
            KEY, ExchangeState.ORDERED, order_number=KEY, sku="SHIRT-XL", quantity=1, price=2400, now=later(2)
        )
        again = await unit.exchanges.mark(KEY, ExchangeState.ORDERED, order_number=KEY, now=later(9))
    assert again == ordered
    assert (ordered.carried, ordered.price, ordered.slots) == (2500, 2400, [1, 2])
    assert (ordered.sku, ordered.quantity, ordered.order_number) == ("SHIRT-XL", 1, KEY)
    assert (ordered.created_at, ordered.updated_at) == (NOW, later(2))


@pytest.mark.parametrize("late", [ExchangeState.REQUESTED, ExchangeState.AWAITING_PAYMENT])
async def test_N2_a_slow_attempt_cannot_take_back_what_was_decided(store: Store, late: ExchangeState) -> None:
    async with store.begin() as unit:
        await unit.exchanges.plan(exchange(), NOW)
        await unit.exchanges.mark(KEY, ExchangeState.ORDERED, order_number=KEY, now=NOW)
        assert (await unit.exchanges.mark(KEY, late, now=later())).state is ExchangeState.ORDERED
        cancelled = await unit.exchanges.mark(KEY, ExchangeState.CANCELLED, now=later())
    assert (cancelled.state, cancelled.order_number) == (ExchangeState.CANCELLED, KEY)


async def test_an_exchange_that_was_never_planned_is_unknown(store: Store) -> None:
    async with store.begin() as unit:
        assert await unit.exchanges.get(KEY) is None
        assert await unit.exchanges.for_return(REF) == []
        with pytest.raises(UnknownExchange):
            await unit.exchanges.mark(KEY, ExchangeState.ORDERED, now=NOW)


async def test_E52_a_credit_that_is_gone_leaves_the_difference_owed(store: Store) -> None:
    async with store.begin() as unit:
        await unit.exchanges.plan(exchange(price=500), NOW)
        await unit.exchanges.mark(KEY, ExchangeState.ORDERED, now=NOW)
        settled = await unit.exchanges.mark(KEY, ExchangeState.ORDERED, credit_key="bh-r1-c-1", now=NOW)
        assert not settled.owes_difference
        await unit.exchanges.uncredit("bh-r1-c-1", later())
        [owing] = await unit.exchanges.for_return(REF)
    assert (owing.credit_key, owing.owes_difference, owing.value.credit) == (None, True, 500)


async def test_E61_an_exchange_that_is_superseded_stands_for_no_wish_any_more(store: Store) -> None:
    async with store.begin() as unit:
        await unit.exchanges.supersede(KEY, NOW)  # it may never have been planned
        planned = await unit.exchanges.plan(exchange(), NOW)
        await unit.exchanges.mark(KEY, ExchangeState.CANCELLED, now=NOW)
        await unit.exchanges.supersede(KEY, later())
        [left] = await unit.exchanges.for_return(REF)
    assert (planned.exchange_id != "", left.exchange_id, left.state) == (True, "", ExchangeState.CANCELLED)


async def test_i5_exchanged_units_are_not_credited_and_not_released(store: Store) -> None:
    await reserve(store)
    async with store.begin() as unit:
        for _ in range(2):
            await unit.slots.exchange(*ORDER, REF, {LINE: [1, 2]}, KEY, NOW)
        with pytest.raises(SlotTaken, match=KEY):
            await unit.slots.credit(*ORDER, REF, {LINE: [2, 3]}, "bh-r1-c-1", NOW)
        await unit.slots.release(REF)
        held = await unit.slots.held(*ORDER, REF)
        assert [(claim.slot_no, claim.exchange_key, claim.credit_key) for claim in held] == [
            (1, KEY, None),
            (2, KEY, None),
        ]


async def test_i5_credited_foreign_or_exchanged_units_are_not_exchanged(store: Store) -> None:
    await reserve(store)
    async with store.begin() as unit:
        await unit.slots.credit(*ORDER, REF, {LINE: [1]}, "bh-r1-c-1", NOW)
        await unit.slots.exchange(*ORDER, REF, {LINE: [2]}, KEY, NOW)
        for wrong in (1, 2, 4):
            with pytest.raises(SlotTaken):
                await unit.slots.exchange(*ORDER, REF, {LINE: [3, wrong]}, "bh-r1-x-2", NOW)
        with pytest.raises(SlotTaken):
            await unit.slots.exchange(*ORDER, OTHER, {LINE: [3]}, "bh-r2-x-1", NOW)
        held = await unit.slots.held(*ORDER, REF)
    assert [claim.exchange_key for claim in held] == [None, KEY, None]


async def test_E59_units_of_an_exchange_that_is_given_up_are_credited(store: Store) -> None:
    await reserve(store)
    async with store.begin() as unit:
        await unit.slots.exchange(*ORDER, REF, {LINE: [1]}, KEY, NOW)
        await unit.slots.exchange(*ORDER, REF, {LINE: [2]}, "bh-r1-x-2", NOW)
        for _ in range(2):
            await unit.slots.unexchange(KEY, NOW)
        await unit.slots.credit(*ORDER, REF, {LINE: [1]}, "bh-r1-c-1", NOW)
        held = await unit.slots.held(*ORDER, REF)
    assert [(c.credit_key, c.exchange_key) for c in held[:2]] == [("bh-r1-c-1", None), (None, "bh-r1-x-2")]


async def test_E55_exchanged_units_go_over_to_a_later_order(store: Store) -> None:
    await reserve(store)
    async with store.begin() as unit:
        await unit.slots.exchange(*ORDER, REF, {LINE: [1, 2]}, KEY, NOW)
        for _ in range(2):
            await unit.slots.hand_over(*ORDER, REF, {LINE: [2]}, "bh-r1-x-2", NOW)
        with pytest.raises(SlotTaken):
            await unit.slots.hand_over(*ORDER, REF, {LINE: [1, 3]}, "bh-r1-x-2", NOW)
        with pytest.raises(SlotTaken):
            await unit.slots.hand_over(*ORDER, OTHER, {LINE: [1]}, "bh-r2-x-1", NOW)
        held = await unit.slots.held(*ORDER, REF)
    assert [claim.exchange_key for claim in held] == [KEY, "bh-r1-x-2", None]


async def test_N13_what_a_replacement_is_worth_is_kept_under_its_order(store: Store) -> None:
    tax = CarriedTax(code="T1", rate="20.00", amount=333)
    worth = CarriedOrder(sku="SHIRT-L", quantity=1, primary=2000, taxes=(tax,))
    async with store.begin() as unit:
        assert await unit.carried.get("books", KEY) is None
        await unit.carried.keep("books", KEY, worth.model_copy(update={"primary": 1}), NOW)
        await unit.carried.keep("books", KEY, worth, later())
    async with store.reading() as unit:
        assert await unit.carried.get("books", KEY) == worth
        assert await unit.carried.get("others", KEY) is None
