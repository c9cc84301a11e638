"""Reading from the real sandbox over real HTTP: returns, refunds, probe, notes, and trouble on the way."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from domain.exceptions import ExceptionCode
from domain.outcomes import CredentialsRefused, InDoubt, Rejected, RetryLater
from domain.returns import PlatformPhase, RefundState, ReturnKind
from sandbox.kit.server import serve
from sandbox.kit.wanted import CUSTOMERS
from sandbox.returngo import ExchangeSpec, ItemEdit, ItemSpec, ReturnGoSandbox, ReturnSpec, Verdict
from tests.adapters.returngo.bodies import ACCOUNT, KEY
from tests.adapters.returngo.world import SHOP, World

SHIRTS = ItemSpec("1", "TS-BLU-M", 2, Decimal("29.95"), reason="Does not fit")
TROUSERS = ItemSpec("2", "TR-BLK-40", 1, Decimal("49.95"), exchange=ExchangeSpec("TR-BLK-42", 1, Decimal("49.95")))
DAY = timedelta(days=1)
OWED = Decimal(20)


async def test_a_return_as_the_sandbox_tells_it(world: World) -> None:
    spec = ReturnSpec("SO-1", (SHIRTS, TROUSERS), currency="GBP", fees=Decimal("3.42"))
    return_id = world.vendor.add_return(spec)
    ret = await world.port.read_return(return_id)
    assert (ret.return_id, ret.order_number, ret.currency) == (return_id, "SO-1", "GBP")
    assert (ret.kind, ret.instant, ret.phase) == (ReturnKind.MIXED, False, PlatformPhase.AUTHORISED)
    assert [(line.line_id, line.quantity, len(line.item_ids), line.exchange) for line in ret.lines] == [
        ("1/TS-BLU-M", 2, 2, False),
        ("2/TR-BLK-40", 1, 1, True),
    ]
    assert [(wish.exchange_id, wish.quantity, wish.price_text) for wish in ret.exchanges] == [
        ("2/TR-BLK-40>TR-BLK-42", 1, "49.95")
    ]
    assert ret.lines[0].reason == "Does not fit"
    assert (ret.fee_text, ret.refunds, ret.graded) == ("3.42", [], []), "nobody has inspected anything"
    assert ret.updated_at is not None


async def test_R139_the_life_of_a_return(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,), status="incomplete"))
    seen = [await world.port.read_return(return_id)]
    for step in (world.vendor.complete, world.vendor.ship, world.vendor.receive):
        step(return_id)
        seen.append(await world.port.read_return(return_id))
    first, second = seen[0].lines[0].item_ids
    for verdict in (Verdict(first, location="LDN-1"), Verdict(second, returned=False, reason="empty box")):
        world.vendor.validate(return_id, [verdict])
        seen.append(await world.port.read_return(return_id))
    world.vendor.done(return_id)
    seen.append(await world.port.read_return(return_id))
    assert [(ret.phase, ret.final) for ret in seen] == [
        (PlatformPhase.DRAFT, False),
        (PlatformPhase.AUTHORISED, False),
        (PlatformPhase.IN_TRANSIT, False),
        (PlatformPhase.RECEIVED, False),
        (PlatformPhase.RECEIVED, False),
        (PlatformPhase.PARTLY_ACCEPTED, True),
        (PlatformPhase.PARTLY_ACCEPTED, True),
    ]
    assert [(r.state, r.amount_text) for r in seen[-1].refunds] == [(RefundState.PAID, "29.95")]
    assert [(g.disposition, g.location, g.reason, g.item_ids) for g in seen[-1].graded] == [
        ("restockable", "LDN-1", "", [first]),
        ("not_returned", "", "empty box", [second]),
    ]


async def test_a_second_look_of_the_platforms_users_is_a_change(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    world.vendor.receive(return_id)
    ids = (await world.port.read_return(return_id)).lines[0].item_ids
    world.vendor.validate(return_id, [Verdict(one) for one in ids])
    before = await world.port.read_return(return_id)
    world.vendor.validate(return_id, [Verdict(ids[0], restockable=False, reason="stain")])
    after = await world.port.read_return(return_id)
    assert [(g.disposition, g.quantity) for g in before.graded] == [("restockable", 2)]
    assert sorted((g.disposition, g.quantity, g.reason) for g in after.graded) == [
        ("not_restockable", 1, "stain"),
        ("restockable", 1, ""),
    ]


async def test_a_refund_at_approval_by_the_policy_of_its_items(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,), mode="instant"))
    policy = world.vendor.get(return_id)["items"][0]["policyRuleName"]
    ret = await world.other(instant_policies=[policy]).read_return(return_id)
    assert (ret.instant, ret.phase) == (True, PlatformPhase.AUTHORISED)
    assert [(r.state, r.amount_text, r.kind) for r in ret.refunds] == [
        (RefundState.PAID, "59.9", "RefundToPaymentMethod")
    ]
    assert not (await world.port.read_return(return_id)).instant


async def test_a_failed_refund_and_the_next(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    world.vendor.fail_refund(return_id)
    world.vendor.pay_refund(return_id)
    states = [refund.state for refund in (await world.port.read_return(return_id)).refunds]
    assert states == [RefundState.FAILED, RefundState.PAID]


async def test_E53_a_dearer_replacement_is_paid_at_the_second_try(world: World) -> None:
    dear = ItemSpec("1", "TS", 1, Decimal(30), exchange=ExchangeSpec("TS-L", 1, Decimal(50)))
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (dear,)))
    ret = await world.port.read_return(return_id)
    assert (Decimal(ret.due_text), ret.paid_text, ret.kind) == (OWED, "0", ReturnKind.EXCHANGE)
    world.vendor.fail_difference(return_id)
    ret = await world.port.read_return(return_id)
    assert (Decimal(ret.due_text), ret.paid_text) == (OWED, "0")
    world.vendor.pay_difference(return_id)
    ret = await world.port.read_return(return_id)
    assert (Decimal(ret.due_text), Decimal(ret.paid_text), ret.refunds) == (OWED, OWED, [])


async def test_R140_the_platforms_own_exchange_orders_change_nothing(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (TROUSERS,)))
    before = await world.port.read_return(return_id)
    world.vendor.add_exchange_order(return_id, "", "", "Fee")
    world.vendor.add_exchange_order(return_id, "7000000000002", "")
    after = await world.port.read_return(return_id)
    assert after.model_copy(update={"updated_at": before.updated_at}) == before


async def test_U31_an_item_that_the_customer_keeps(world: World) -> None:
    kept = ItemSpec("3", "MUG", 1, Decimal(9), keep_item=True)
    ret = await world.port.read_return(world.vendor.add_return(ReturnSpec("SO-1", (kept, SHIRTS))))
    assert [(line.sku, line.keep) for line in ret.lines] == [("MUG", True), ("TS-BLU-M", False)]


async def test_E61_an_edited_return_is_read_as_it_is_now(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS, TROUSERS)))
    trousers = (await world.port.read_return(return_id)).lines[1].item_ids[0]
    world.vendor.edit_items(return_id, [ItemEdit(trousers, refund=True)], add=[ItemSpec("3", "MUG", 1, Decimal(9))])
    ret = await world.port.read_return(return_id)
    assert (ret.kind, ret.exchanges) == (ReturnKind.REFUND, [])
    assert [line.line_id for line in ret.lines] == ["1/TS-BLU-M", "2/TR-BLK-40", "3/MUG"]


async def test_the_order_number_may_be_the_shops_id(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("555", (SHIRTS,), order_number="1001"))
    assert (await world.port.read_return(return_id)).order_number == "1001"
    assert (await world.other(order_reference="order_id").read_return(return_id)).order_number == "555"


@pytest.mark.parametrize("customer", CUSTOMERS)
async def test_no_personal_data_in_the_model(world: World, customer: object) -> None:
    spec = ReturnSpec("SO-1", (SHIRTS,), customer=customer)  # type: ignore[arg-type]
    return_id = world.vendor.add_return(spec)
    text = (await world.port.read_return(return_id)).model_dump_json()
    who = world.vendor.get(return_id)["shipments"][0]["customerAddress"]
    assert [word for word in (who["email"], who["name"], who["street1"]) if word in text] == []


async def test_an_unknown_return(world: World) -> None:
    with pytest.raises(Rejected) as refused:
        await world.port.read_return("99999999")
    assert (refused.value.code, refused.value.vendor_code) == (ExceptionCode.EVENT_INVALID, "404")
    assert "ReturnGO does not know it" in str(refused.value)


async def test_an_id_stays_inside_its_place_in_the_address(world: World) -> None:
    with pytest.raises(Rejected) as refused:
        await world.port.read_return("../rmas?pagesize=1#")
    assert refused.value.code is ExceptionCode.EVENT_INVALID


async def test_a_wrong_key_and_another_shop(world: World) -> None:
    for changes in ({"api_key": "another"}, {"shop_name": "other.myshopify.com"}):
        with pytest.raises(CredentialsRefused) as refused:
            await world.other(**changes).probe()
        assert "another" not in str(refused.value)


async def test_probe(world: World) -> None:
    await world.port.probe()


async def test_a_wrong_address(world: World) -> None:
    with pytest.raises(Rejected) as refused:
        await world.other(base_url=world.url + "/elsewhere").probe()
    assert refused.value.code is ExceptionCode.CONFIG_INVALID


async def test_throttled_with_a_delay(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    world.break_down("GET /rma/*", "throttle", seconds=7)
    with pytest.raises(RetryLater) as busy:
        await world.port.read_return(return_id)
    assert busy.value.delay == timedelta(seconds=7)
    assert (await world.port.read_return(return_id)).return_id == return_id


async def test_the_vendors_own_quota_is_over_before_ours(world: World) -> None:
    """Somebody else uses the same key: the vendor's word counts, and nothing more is spent on this day."""
    async with ReturnGoSandbox(SHOP, KEY, clock=world.clock, daily_quota=3) as vendor, serve(vendor.app) as server:
        return_id = vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
        port = world.other(base_url=server.url)
        for _ in range(3):
            await port.read_return(return_id)
        with pytest.raises(RetryLater, match="quota of this day is used"):
            await port.read_return(return_id)
        with pytest.raises(RetryLater, match="quota of this day is used") as wait:
            await port.read_return(return_id)
        tomorrow = datetime.combine(world.clock() + DAY, time(), UTC)
        assert wait.value.delay is not None and abs(world.clock() + wait.value.delay - tomorrow) < timedelta(seconds=5)
        assert await world.counter.used(ACCOUNT, world.clock().date()) == 4, "one call found the door closed"
        world.clock.ahead = wait.value.delay + timedelta(seconds=1)
        assert (await port.read_return(return_id)).return_id == return_id


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("unavailable", {"status": 500}),
        ("unavailable", {"status": 503}),
        ("lost_answer", {"status": 0}),
        ("lost_answer", {"status": 504}),
        ("cut_body", {}),
        ("malformed_body", {}),
    ],
)
async def test_a_read_that_fails_is_tried_later(world: World, kind: str, more: dict[str, object]) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    world.break_down("*", kind, times=2, **more)
    for _ in range(2):
        with pytest.raises(RetryLater) as trouble:
            await world.port.read_return(return_id)
        assert KEY not in str(trouble.value)
    assert (await world.port.read_return(return_id)).return_id == return_id


async def test_refunds_of_an_interval(world: World) -> None:
    now = world.clock()
    returns = [world.vendor.add_return(ReturnSpec(f"SO-{n}", (SHIRTS,), mode="instant")) for n in range(5)]
    dear = ItemSpec("1", "TS", 1, Decimal(30), exchange=ExchangeSpec("TS-L", 1, Decimal(50)))
    world.vendor.add_return(ReturnSpec("SO-9", (dear,)))
    found = await world.port.list_refunds(now - DAY, now + DAY)
    assert len(found) == len(returns)
    assert {(r.state, r.amount_text, r.currency) for r in found} == {(RefundState.PAID, "59.9", "EUR")}
    shown = {r.refund_id for one in returns for r in (await world.port.read_return(one)).refunds}
    assert {r.refund_id for r in found} == shown, "the list names them by numbers, the return by text"
    assert await world.port.list_refunds(now + DAY, now + 2 * DAY) == []
    assert await world.port.list_refunds(now - 2 * DAY, now - DAY) == []


async def test_times_of_another_zone(world: World) -> None:
    world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,), mode="instant"))
    tokyo = datetime.now(UTC).astimezone()
    assert len(await world.port.list_refunds(tokyo - timedelta(minutes=1), tokyo + timedelta(minutes=1))) == 1


async def test_a_note(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    await world.port.add_note(return_id, "RMA <R1> & more")
    assert "RMA &lt;R1&gt; &amp; more" in [c["htmlText"] for c in world.vendor.get(return_id)["comments"]]
    assert [entry["return_id"] for entry in world.entries("comment_added")] == [return_id]


async def test_a_note_that_is_refused(world: World) -> None:
    with pytest.raises(Rejected) as refused:
        await world.port.add_note("99999999", "hello")
    assert refused.value.code is ExceptionCode.EVENT_INVALID


async def test_a_note_without_an_answer_is_in_doubt(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    world.break_down("*comment*", "lost_answer", status=0)
    with pytest.raises(InDoubt):
        await world.port.add_note(return_id, "hello")
    assert len(world.entries("comment_added")) == 1
