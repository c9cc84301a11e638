"""People at the queue: what they see, what they may decide, and what can never be changed."""

import asyncio
import logging
from datetime import timedelta

import pytest
from pydantic import ValidationError
from temporalio.client import WorkflowUpdateFailedError

from desk.find import find_one
from desk.view import ReturnView, exception_view, find_views
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.messages import RESOLVE_UPDATE
from domain.resolution import Resolution, Role
from domain.returns import ReturnRef
from store.records import ExceptionRecord
from tests.starter.given import signed
from tests.world import SHIRT, World


async def view_of(world: World, ref: ReturnRef) -> ReturnView:
    """What people see of the return."""
    (view,) = await find_views(world.store, ref.return_id)
    return view


async def mismatch(world: World) -> tuple[ReturnRef, ExceptionRecord]:
    """A return whose refund finance has to decide on."""
    ref = world.returned(world.order(), [("2", SHIRT, 1, "29.00")])
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.REFUND_MISMATCH, Owner.FINANCE)
    return ref, item


@pytest.mark.parametrize("field", ["order_number", "order", "location_of", "tax_code"])
async def test_R5_no_decision_can_change_the_order_of_a_case(world: World, field: str) -> None:
    order, other = world.order(), world.order()
    ref = world.returned(order, reason="too_ugly")
    item = await world.parked(ref)
    with pytest.raises(ValidationError, match=f"{field} cannot be edited"):
        await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={field: other})
    allowed = Resolution(
        exception_id=item.id,
        version=item.version,
        kind=ResolutionKind.EDIT_AND_RETRY,
        role=Role.MERCHANDISING,
        actor="u-5",
        edits={"reason.too_ugly": "UG"},
    )
    forged = allowed.model_dump(mode="json") | {"edits": {field: other}}
    with pytest.raises(WorkflowUpdateFailedError):
        await world.handle(ref).execute_update(RESOLVE_UPDATE, forged)
    assert world.rmas(ref) == []
    await world.handle(ref).execute_update(RESOLVE_UPDATE, allowed)
    await world.stage(ref, "AWAITING_GOODS")
    assert [rma["order"] for rma in world.rmas(ref)] == [order]


async def test_R5_R86_any_document_leads_to_the_order_and_to_all_others(world: World) -> None:
    order = world.order()
    ref = world.returned(order, [("2", SHIRT, 1, "30.00")])
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    record = await world.closed(ref)
    (credit,), (refund,) = world.credits(ref), world.refunds(ref)
    (receipt,) = world.entries("ReturnReceipt", ref)
    numbers = [order, record.rma_number, receipt["receipt_number"], refund["refund_id"], credit["credit_number"]]
    for number in [*numbers, record.tracking_number]:
        assert await find_one(world.store, number) == ref
    assert credit["order"] == order
    assert world.prima.world.returns[receipt["return_number"]].order == order
    told = {entry.kind: entry for entry in (await view_of(world, ref)).timeline}
    assert told.keys() >= {"request", "rma", "inspection", "stock", "refund", "credit"}
    assert all(entry.actor and entry.at.utcoffset() == timedelta() for entry in told.values())
    words = {"request": SHIRT, "rma": record.rma_number, "stock": receipt["receipt_number"]}
    words |= {"refund": refund["refund_id"], "credit": credit["credit_number"]}
    assert all(word in told[kind].text for kind, word in words.items())


async def test_R87_every_track_says_what_it_waits_for_and_since_when(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    view = await view_of(world, ref)
    assert view.waits_for == "the warehouse to inspect 1 unit(s)"
    assert view.since is not None
    tracks = {track.track.value: track for track in view.tracks}
    assert tracks["rma"].state == "CREATED"
    assert "inspect 1 of 1" in tracks["goods"].waits_for
    assert tracks["goods"].until is not None
    assert all(track.since is not None for track in view.tracks)


async def test_R67_R87_a_parked_return_says_who_must_decide_what(world: World) -> None:
    ref, item = await mismatch(world)
    view = await view_of(world, ref)
    finance = next(track for track in view.tracks if track.track == "finance")
    assert finance.state == "PARKED"
    assert finance.waits_for == f"finance to decide REFUND_MISMATCH ({item.id})"
    assert finance.since == item.opened_at
    assert [shown.id for shown in view.exceptions] == [item.id]


async def test_R67_every_item_of_the_queue_has_every_field_filled(world: World) -> None:
    await mismatch(world)
    await world.parked(world.returned(world.order(), reason="too_ugly"))
    body = b'{"id": "unreadable"}'
    answer = await world.http.post(f"{world.bridge_url}/webhooks/uk", content=body, headers=signed(body))
    assert answer.status_code == 400
    async with world.store.reading() as unit:
        views = [exception_view(item) for item in await unit.exceptions.list(limit=10_000)]
    assert len(views) >= 3
    for view in views:
        empty = [name for name in REQUIRED if not getattr(view, name)]
        assert empty == [], view
        assert view.resolutions or view.code == ExceptionCode.CONNECTION_DOWN


REQUIRED = ("id", "version", "code", "title", "owner", "step", "reason", "payload", "opened_at", "connection")


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.FINANCE, Role.ADMIN)])
async def test_R110_another_team_cannot_decide_for_finance_and_the_attempt_is_logged(
    world: World, role: Role, caplog: pytest.LogCaptureFixture
) -> None:
    ref, item = await mismatch(world)
    with caplog.at_level(logging.WARNING), pytest.raises(WorkflowUpdateFailedError) as refused:
        await world.resolve(item, ResolutionKind.ACCEPT_ORDER_AMOUNT, role=role, actor="u-110")
    assert f"belongs to finance; role {role}" in str(refused.value.cause)
    logged = [record.getMessage() for record in caplog.records]
    assert any(f"u-110 ({role}) may not decide {item.id}" in line for line in logged)
    assert await world.exceptions(ref) == [item]
    assert world.credits(ref) == []


async def test_R69_R110_a_decision_is_audited_and_the_second_press_changes_nothing(world: World) -> None:
    ref, item = await mismatch(world)
    presses = [world.resolve(item, ResolutionKind.ACCEPT_ORDER_AMOUNT, actor="u-69") for _ in range(2)]
    answers = await asyncio.gather(*presses)
    assert len(answers) == 2
    await world.closed(ref)
    assert [note["total"] for note in world.credits(ref)] == ["30.00"]
    async with world.store.reading() as unit:
        entries = [entry for entry in await unit.audit.list(item.id) if entry.actor == "u-69"]
    assert [(entry.action, entry.detail["kind"]) for entry in entries] == [
        ("exception.resolved", "ACCEPT_ORDER_AMOUNT")
    ]
