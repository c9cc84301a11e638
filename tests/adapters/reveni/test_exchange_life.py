"""Exchanges, payments, kept items and edits of the real sandbox, as our port reads and reports them."""

from decimal import Decimal

import pytest

from domain.returns import LineDecision, PlatformPhase, PlatformReturn, ReturnKind
from sandbox.reveni import ExchangeSpec, ItemEdit, ItemSpec, ReturnSpec
from tests.adapters.reveni.world import World


def shirts(quantity: int, new: int = 0, line: str = "1", price: str = "30", keep: bool = False) -> ItemSpec:
    wanted = ExchangeSpec("TS-L", new, Decimal(price)) if new else None
    return ItemSpec(line, "TS", quantity, Decimal(30), exchange=wanted, keep_item=keep)


def totals(accepted: int, rejected: int = 0, line: str = "1/TS") -> LineDecision:
    order_line, _, sku = line.partition("/")
    return LineDecision(line_id=line, order_line_id=order_line, sku=sku, accepted=accepted, rejected=rejected)


def items(world: World, return_id: str) -> list[str]:
    return [item["id"] for item in world.vendor.get(return_id)["return_items"]]


def money(ret: PlatformReturn) -> list[tuple[str, str]]:
    return [(refund.state.value, refund.amount_text) for refund in ret.refunds]


@pytest.mark.parametrize(("returned", "new"), [(3, 3), (3, 2), (3, 1), (4, 6), (3, 7)])
async def test_E55_partial_decisions_leave_the_wish_as_it_is(world: World, returned: int, new: int) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (shirts(returned, new),)))
    before = (await world.port.read_return(return_id)).exchanges
    assert [(wish.quantity, wish.replacement_quantity) for wish in before] == [(returned, new)]
    for decided in (totals(1), totals(1, 1), totals(returned - 1, 1)):
        assert (await world.port.report_inspection(return_id, [decided])).exchanges == before
    assert world.vendor.get(return_id)["status"] == "partly_accepted"


async def test_E57_a_mixed_line_is_reported_exchange_first(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (shirts(2), shirts(2, 2, price="20"))))
    assert (await world.port.read_return(return_id)).kind is ReturnKind.MIXED
    first = await world.port.report_inspection(return_id, [totals(1)])
    again = await world.port.report_inspection(return_id, [totals(1)])
    assert again == first
    last = await world.port.report_inspection(return_id, [totals(3, 1)])
    assert await world.port.report_inspection(return_id, [totals(3, 1)]) == last
    exchanged = {item["id"]: item["exchange"] is not None for item in world.vendor.get(return_id)["return_items"]}
    decided = [(exchanged[e["item_id"]], e["quantity"], e["status"]) for e in world.entries("item_decided")]
    assert decided == [(True, 1, "accepted"), (True, 1, "accepted"), (False, 1, "accepted"), (False, 1, "rejected")]
    assert money(last) == [("paid", "50.0000")], "three shirts of 30 less two new ones of 20"


async def test_E53_a_dearer_replacement_is_paid_at_the_second_try(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (shirts(1, 1, price="50"),)))
    ret = await world.port.read_return(return_id)
    assert (ret.due_text, ret.paid_text, ret.kind) == ("20.00", "0", ReturnKind.EXCHANGE)
    world.vendor.ask_difference(return_id)
    assert (await world.port.read_return(return_id)).paid_text == "0"
    world.vendor.fail_difference(return_id)
    assert (await world.port.read_return(return_id)).paid_text == "0"
    world.vendor.pay_difference(return_id)
    ret = await world.port.read_return(return_id)
    assert (ret.due_text, ret.paid_text) == ("20.00", "20.0000")


async def test_U31_kept_items_are_paid_without_an_inspection(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (shirts(2, keep=True),)))
    ret = await world.port.read_return(return_id)
    assert (ret.phase, ret.lines[0].keep, ret.lines[0].accepted) == (PlatformPhase.ACCEPTED, True, 2)
    assert money(ret) == [("paid", "60.0000")]
    assert await world.port.report_inspection(return_id, [totals(0, 2)]) == ret
    assert world.decided() == []


async def test_U31_a_kept_line_beside_one_that_comes_back(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (shirts(1, keep=True), shirts(2, line="2"))))
    ret = await world.port.report_inspection(return_id, [totals(1), totals(0, 2, "2/TS")])
    assert ret.phase is PlatformPhase.PARTLY_ACCEPTED
    assert world.decided() == [("rejected", 2)]
    assert money(ret) == [("paid", "30.0000")]


async def test_E61_an_edited_return_is_read_as_it_is_now(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (shirts(3, 3, price="50"), shirts(1, line="2"))))
    exchange, refund = items(world, return_id)
    other = ExchangeSpec("TS-XL", 2, Decimal(35))
    world.vendor.edit_items(return_id, [ItemEdit(exchange, 2, other)], [refund], [shirts(1, line="3")])
    ret = await world.port.read_return(return_id)
    assert [(line.line_id, line.quantity) for line in ret.lines] == [("1/TS", 2), ("3/TS", 1)]
    assert [(wish.exchange_id, wish.quantity, wish.replacement_quantity) for wish in ret.exchanges] == [
        ("1/TS>TS-XL", 2, 2)
    ]
    assert (ret.due_text, ret.kind) == ("0", ReturnKind.MIXED)
    world.vendor.edit_items(return_id, [ItemEdit(exchange, refund=True)])
    ret = await world.port.read_return(return_id)
    assert (ret.exchanges, ret.kind) == ([], ReturnKind.REFUND)
