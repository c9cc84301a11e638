"""What a return leaves behind: stock by the document that was chosen, and a story that any number leads to."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from desk.view import ReturnView, find_views
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from tests.returns.course import BY_HAND, Charges, arrive, charges, finish, totals
from tests.world import COAT, World, connection_table, running_world


@pytest.fixture(scope="module")
async def journals(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Sellable units go by adjustment journal, damaged ones by goods receipt."""
    actions: dict[str, Any] = connection_table("", "", "")["mappings"]["stock_actions"]
    sellable = {"document": "adjustment", "bucket": "sellable", "condition": "RETN"}
    mappings = {"stock_actions": {**actions, "SELLABLE": sellable}}
    folder = tmp_path_factory.mktemp("journals")
    async with running_world(temporal_server, folder, {"uk": {"mappings": mappings}}) as world:
        yield world


def adjustments(world: World, ref: ReturnRef) -> list[dict[str, Any]]:
    """Stock adjustments that carry the return's key."""
    return world.entries("StockAdjustment", ref)


async def test_R115_R26_a_disposition_may_be_booked_by_adjustment_journal(journals: World) -> None:
    order = journals.order()
    ref = journals.returned(order, [("1", COAT, 2, "220.50")])
    await arrive(journals, ref, (COAT, 1, "SELLABLE"), (COAT, 1, "DAMAGED"))
    await journals.closed(ref)
    [journal] = adjustments(journals, ref)
    assert journal["lines"] == [{"sku": COAT, "quantity": 1, "depot": "01"}]
    assert (journal["reason"], order in journal["narrative"]) == ("RETN", True)
    assert journals.received(ref) == {(COAT, "DM"): 1}
    async with journals.store.reading() as unit:
        stock = {d.kind: d for d in await unit.documents.for_return(ref) if d.kind in ("adjustment", "receipt")}
    assert stock["adjustment"].number == journal["number"]  # type: ignore[index]
    assert {document.order_number for document in stock.values()} == {order}


@pytest.mark.parametrize("kind", ["lost_answer", "cut_body"])
async def test_R115_R30_a_lost_answer_to_a_journal_books_once(journals: World, kind: str) -> None:
    ref = journals.returned(journals.order())
    journals.fault("prima", ref, "StockAdjustment", kind)
    journals.fault("prima", ref, "AdjustmentDetail", "stale_read", seconds=60, times=2)
    await finish(journals, ref)
    assert len(adjustments(journals, ref)) == 1
    assert totals(journals, ref) == ["220.50"]


async def test_R116_R40_the_financial_document_names_order_rma_and_invoice(world: World) -> None:
    order = world.order()
    ref = world.returned(order)
    record = await finish(world, ref)
    [note] = world.credits(ref)
    assert (note["order"], note["return_number"], note["invoice"]) == (order, record.rma_number, f"INV{order}")
    nothing: Charges = []
    assert charges(note) == nothing


async def seen(world: World, any_id: str) -> ReturnView:
    """The one return that this id leads to."""
    [view] = await find_views(world.store, any_id)
    return view


async def test_R86_the_story_of_a_return_is_found_from_its_note_and_from_its_order(world: World) -> None:
    order = world.order()
    ref = world.returned(order)
    record = await finish(world, ref)
    [note], [refund] = world.credits(ref), world.refunds(ref)
    view = await seen(world, note["credit_number"])
    assert (view.return_id, view.order_number, view.rma_number) == (ref.return_id, order, record.rma_number)
    story = {entry.kind: entry for entry in view.timeline}
    for other in (order, record.rma_number):
        told = {entry.kind: entry for entry in (await seen(world, other)).timeline}
        assert told | story == told, "news after the close may have come in between, nothing else"
    assert {"request", "rma", "inspection", "stock", "report", "refund", "credit", "closed"} <= set(story)
    assert all(entry.actor and entry.at.tzinfo for entry in view.timeline)
    assert story["request"].actor == "reveni"
    assert story["rma"].refs == {"rma": record.rma_number, "order": order}
    assert story["credit"].refs == {"credit": note["credit_number"], "refund": refund["refund_id"], "order": order}
    assert "220.50 GBP" in story["credit"].text
    wanted = ["request", "rma", "inspection", "credit", "closed"]
    assert sorted(wanted, key=lambda kind: story[kind].at) == wanted


async def test_R87_where_a_return_is_at_each_moment(world: World) -> None:
    ref = world.returned(world.order(), planned_refund=BY_HAND)
    await world.stage(ref, "AWAITING_GOODS")
    view = await seen(world, ref.return_id)
    assert (view.waits_for, view.until is not None) == ("the warehouse to inspect 1 unit(s)", True)
    await arrive(world, ref)
    await world.stage(ref, "SETTLING")
    view = await seen(world, ref.return_id)
    assert (view.waits_for, view.until) == ("the platform to confirm the refund of 1 unit(s)", None)
    assert view.since is not None and view.since >= view.created_at
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("220.50"))
    await world.closed(ref)
    view = await seen(world, ref.return_id)
    assert (view.stage, view.waits_for, view.since) == ("CLOSED", "", None)
    assert view.closed_at is not None
