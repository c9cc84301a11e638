"""The usual course of a return, for tests that are about something else."""

import asyncio
from decimal import Decimal
from typing import Any

from domain.exceptions import ResolutionKind
from domain.returns import ReturnRef
from store.records import ExceptionRecord, ReturnRecord
from tests.patience import PATIENCE
from tests.world import COAT, HAT, SHIRT, World

#: Nothing is refunded by itself: the test pays by hand.
BY_HAND = Decimal(0)

Charges = list[tuple[str, str]]


def discounted_order(world: World) -> str:
    """Money.md V5 on Prima: three shirts for 54.26 (18.09, 18.08, 18.09) and, at 5 % VAT, a hat for 40.71."""
    lines = [
        {"sku": SHIRT, "quantity": 3, "price": "19.99", "discount": "5.71"},
        {"sku": HAT, "quantity": 1, "price": "45.00", "discount": "4.29", "vat_rate": "5"},
    ]
    return world.order(lines, charges={"RM24": "5.95"})


def one_shirt(world: World, order: str | None = None, **spec: Any) -> ReturnRef:
    """The return of one shirt; the first one of an order is worth 18.09."""
    return world.returned(order or discounted_order(world), [("1", SHIRT, 1, "18.09")], **spec)


async def arrive(world: World, ref: ReturnRef, *units: tuple[str, int, str], scan: str = "scan-1") -> None:
    """Wait for the RMA, then have the warehouse accept these units (one coat)."""
    await world.stage(ref, "AWAITING_GOODS", "PARTLY_RECEIVED")
    answer = await world.inspect(ref, *(units or ((COAT, 1, "A"),)), scan=scan)
    assert answer.status_code == 200, answer.text


async def finish(world: World, ref: ReturnRef, *units: tuple[str, int, str]) -> ReturnRecord:
    """Have the units accepted, and wait until the return is closed."""
    await arrive(world, ref, *units)
    async with asyncio.timeout(60):
        await world.handle(ref).result()
    record = await world.record(ref)
    assert record is not None and record.stage == "CLOSED"
    return record


async def mismatch(world: World, refunded: str, **spec: Any) -> tuple[ReturnRef, ExceptionRecord]:
    """One shirt for 18.09 that the platform refunds with another amount, and the exception that comes of it."""
    ref = one_shirt(world, planned_refund=Decimal(refunded), **spec)
    await arrive(world, ref, (SHIRT, 1, "A"))
    return ref, await world.parked(ref)


async def parked_again(world: World, ref: ReturnRef, before: ExceptionRecord) -> ExceptionRecord:
    """Wait until the decision of `before` is carried out and the return has parked anew."""
    async with asyncio.timeout(PATIENCE):
        while (item := await world.parked(ref)).id == before.id:
            await asyncio.sleep(0.02)
    return item


async def decide(world: World, ref: ReturnRef, kind: ResolutionKind, **fields: Any) -> ReturnRecord:
    """Decide the one open exception, and wait until the return is closed."""
    await world.resolve(await world.parked(ref), kind, **fields)
    return await world.closed(ref)


def totals(world: World, ref: ReturnRef) -> list[str]:
    """Totals of the credit notes that Prima has for the return."""
    return [note["total"] for note in world.credits(ref)]


def charges(note: dict[str, Any]) -> Charges:
    """(charge code, value) of a note's charges."""
    return [(row["charge"], row["value"]) for row in note["charges"]]
