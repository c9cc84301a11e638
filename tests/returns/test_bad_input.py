"""What reaches a workflow past every door and cannot be used: it is refused, or ignored, and never spins."""

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from domain.exceptions import ResolutionKind
from domain.messages import (
    INSPECTION_SIGNAL,
    POKE_SIGNAL,
    RECORD_INSPECTION_UPDATE,
    RESOLVE_UPDATE,
    RETURN_WORKFLOW,
    RETURNS_QUEUE,
)
from domain.resolution import Role
from tests.patience import PATIENCE
from tests.world import COAT, World

BAD_STARTS: list[Any] = [
    {"ref": {"connection": "UK!", "return_id": "x"}, "erp_queue": "e", "platform_queue": "p"},
    {"ref": {"connection": "uk"}, "erp_queue": "e", "platform_queue": "p"},
    {},
    "not a start",
]


@pytest.mark.parametrize("number", range(len(BAD_STARTS)))
async def test_R70_a_bad_start_fails_the_workflow_at_once(world: World, number: int) -> None:
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(WorkflowFailureError) as failed:
            await world.client.execute_workflow(
                RETURN_WORKFLOW, BAD_STARTS[number], id=f"bad-start-{number}", task_queue=RETURNS_QUEUE
            )
    assert isinstance(failed.value.cause, ApplicationError)
    assert "ReturnStart" in failed.value.cause.message


@pytest.mark.parametrize(
    ("update", "payload"),
    [
        (RECORD_INSPECTION_UPDATE, {"inspection_id": "s", "location": "LDN-1", "units": []}),
        (RECORD_INSPECTION_UPDATE, {"inspection_id": "a b", "location": "LDN-1"}),
        (RECORD_INSPECTION_UPDATE, ["scan"]),
        (RESOLVE_UPDATE, {"exception_id": "ex-1", "version": 0, "kind": "RETRY", "role": "cx", "actor": "me"}),
        (RESOLVE_UPDATE, {"exception_id": "ex-1", "version": 1, "kind": "HOPE", "role": "cx", "actor": "me"}),
        ("no_such_update", {}),
    ],
)
async def test_R22_R67_a_bad_update_is_refused_and_bad_signals_are_ignored(
    world: World, update: str, payload: Any
) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    handle = world.handle(ref)
    with pytest.raises(WorkflowUpdateFailedError):
        await handle.execute_update(update, payload)
    for name in (POKE_SIGNAL, INSPECTION_SIGNAL):
        await handle.signal(name, ["nonsense"])
    await handle.signal("no_such_signal", {"a": 1})
    assert await world.exceptions(ref, None) == []
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}


async def test_R69_R110_E67_only_the_owner_decides_by_a_known_kind_at_the_version_that_was_seen(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="NEW-HUB")
    item = await world.parked(ref)
    edit = {"location": "LDN-1"}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"role": Role.FINANCE}, "belongs to warehouse"),
        ({"version": item.version + 1}, "is at version"),
    ]
    for fields, words in wrong:
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await decide(world, item, ResolutionKind.EDIT_AND_RETRY, edits=edit, **fields)
        assert words in str(refused.value.cause)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await decide(world, item, ResolutionKind.WRITE_OFF, reason="why not")
    assert "can be resolved by" in str(refused.value.cause)
    await decide(world, item, ResolutionKind.EDIT_AND_RETRY, edits=edit)
    await world.closed(ref)


async def decide(world: World, item: Any, kind: ResolutionKind, **fields: Any) -> None:
    """Send a decision with some of its fields changed."""
    version = fields.pop("version", item.version)
    await world.resolve(item.model_copy(update={"version": version}), kind, **fields)
