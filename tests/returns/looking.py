"""What tests of withdrawals look at, beside the world's own journals."""

import asyncio
from collections.abc import Callable
from typing import Any

from domain.returns import ReturnRef
from store.records import DocumentState, ExceptionRecord, ExceptionState
from tests.patience import PATIENCE
from tests.world import World


async def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def live_rmas(world: World, ref: ReturnRef) -> list[str]:
    """RMAs of the return that Prima opened and did not cancel."""
    cancelled = {entry["return_number"] for entry in world.prima.journal.entries("CancelReturn")}
    return [rma["return_number"] for rma in world.rmas(ref) if rma["return_number"] not in cancelled]


def drawn(world: World, ref: ReturnRef, kind: str) -> bool:
    """Whether Prima's planned faults of this kind for the return were all used up."""
    return all(
        left == 0 for fault, left in world.prima.faults.left() if fault.key == ref.return_id and fault.kind == kind
    )


async def slots_of(world: World, ref: ReturnRef, order: str) -> int:
    """Units of the order that the return still holds."""
    books = next(ready.connection.books for ready in world.ready if ready.name == ref.connection)
    async with world.store.reading() as unit:
        return len(await unit.slots.held(books, order, ref))


async def told(world: World, ref: ReturnRef) -> str:
    """The return's timeline as one text."""
    async with world.store.reading() as unit:
        return "\n".join(entry.text for entry in await unit.timeline.list(ref))


async def document_states(world: World, ref: ReturnRef, kind: str) -> list[DocumentState]:
    """States of the return's documents of one kind, as the store has them."""
    async with world.store.reading() as unit:
        return [document.state for document in await unit.documents.for_return(ref) if document.kind == kind]


async def exception_states(world: World, ref: ReturnRef) -> dict[str, ExceptionState]:
    """Code → state of every exception that the return ever had."""
    return {item.code.value: item.state for item in await world.exceptions(ref, None)}


async def next_parked(world: World, after: ExceptionRecord, seconds: float = PATIENCE) -> ExceptionRecord:
    """The exception that is open once `after` is decided."""
    assert after.ref is not None
    async with asyncio.timeout(seconds):
        while not (found := [item for item in await world.exceptions(after.ref) if item.id != after.id]):
            await asyncio.sleep(0.05)
    return found[0]


async def ended(world: World, ref: ReturnRef, stage: str, seconds: float = PATIENCE) -> Any:
    """Wait for the return to end in this stage, in the store and in Temporal; the workflow's result."""
    await world.stage(ref, stage, seconds=seconds)
    async with asyncio.timeout(seconds):
        return await world.handle(ref).result()
