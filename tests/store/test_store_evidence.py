"""Snapshots, timeline and audit: evidence that stays as it was written."""

import asyncio
from datetime import date

from domain.order import Charge, Fulfilment, OrderDiscount, OrderLine, OrderSnapshot, TaxMode
from store import Store
from tests.store.given import NOW, OTHER, REF, later


def snapshot(total: int = 2995) -> OrderSnapshot:
    return OrderSnapshot(
        order_number="ORD-1",
        currency="EUR",
        tax_mode=TaxMode.INCLUSIVE,
        ordered_on=date(2026, 2, 1),
        lines=(OrderLine(line_id="L1", sku="SHIRT", quantity=2, gross_of_discount=2500),),
        discounts=(OrderDiscount(amount=100, scope=("L1",)),),
        shipping=(Charge(code="POST", amount=595),),
        total=total,
    )


async def test_N1_the_first_snapshot_of_an_order_is_the_only_one(store: Store) -> None:
    async with store.begin() as unit:
        assert await unit.snapshots.get("books", "ORD-1") is None
        assert await unit.snapshots.freeze("books", snapshot(), NOW) == snapshot()
    async with store.begin() as unit:
        kept = await unit.snapshots.freeze("books", snapshot(total=1), later())
        assert kept == snapshot()
        assert kept.money_hash == snapshot().money_hash
        assert await unit.snapshots.get("others", "ORD-1") is None


async def test_R10_how_far_an_order_was_is_not_frozen_with_it(store: Store) -> None:
    now = snapshot().model_copy(update={"fulfilment": {"L1": Fulfilment(despatched=2)}})
    async with store.begin() as unit:
        await unit.snapshots.freeze("books", now, NOW)
    async with store.reading() as unit:
        assert await unit.snapshots.get("books", "ORD-1") == snapshot()


async def test_E68_snapshots_frozen_at_once_agree(store: Store) -> None:
    async def freeze(total: int) -> int:
        async with store.begin() as unit:
            return (await unit.snapshots.freeze("books", snapshot(total), NOW)).total

    assert len(set(await asyncio.gather(*(freeze(total) for total in range(8))))) == 1


async def test_R86_the_timeline_is_in_order_and_each_fact_is_in_it_once(store: Store) -> None:
    async with store.begin() as unit:
        await unit.timeline.add(REF, "credit", later(2), "system", "credit", "credited", {"credit": "CN-1"})
        await unit.timeline.add(REF, "rma", NOW, "system", "rma", "RMA opened")
        await unit.timeline.add(REF, "goods", NOW, "station-4", "inspection", "2 units inspected")
        await unit.timeline.add(OTHER, "rma", NOW, "system", "rma", "another return")
    async with store.begin() as unit:
        await unit.timeline.add(REF, "rma", later(9), "somebody", "rma", "told again")
        told = await unit.timeline.list(REF)
    assert [entry.key for entry in told] == ["rma", "goods", "credit"]
    assert (told[0].at, told[0].actor, told[0].text) == (NOW, "system", "RMA opened")
    assert told[2].refs == {"credit": "CN-1"}


async def test_N15_the_audit_keeps_every_deed_the_latest_first(store: Store) -> None:
    async with store.begin() as unit:
        await unit.audit.add("fin-7", "limit.raised", "shop", {"from": 1, "to": 2}, NOW)
        await unit.audit.add("fin-8", "limit.raised", "shop", {}, NOW)
        await unit.audit.add("fin-7", "login", "fin-7", {}, later())
    async with store.reading() as unit:
        assert [entry.actor for entry in await unit.audit.list("shop")] == ["fin-8", "fin-7"]
        assert [entry.action for entry in await unit.audit.list(limit=2)] == ["login", "limit.raised"]
        assert (await unit.audit.list("shop"))[1].detail == {"from": 1, "to": 2}
