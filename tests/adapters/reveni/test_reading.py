"""Reading from the real sandbox over real HTTP: returns, refunds, probe, notes, and trouble on the way."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.exceptions import ExceptionCode
from domain.outcomes import CredentialsRefused, InDoubt, Rejected, RetryLater, VendorTrouble
from domain.returns import PlatformPhase, RefundState, ReturnKind
from sandbox.kit.wanted import CUSTOMERS
from sandbox.reveni import ExchangeSpec, ItemSpec, ReturnSpec
from tests.adapters.reveni.world import KEY, World

SHIRTS = ItemSpec("1", "TS-BLU-M", 2, Decimal("29.95"), reason="too_small")
TROUSERS = ItemSpec("2", "TR-BLK-40", 1, Decimal("49.95"), exchange=ExchangeSpec("TR-BLK-42"))
DAY = timedelta(days=1)


async def test_a_return_as_the_sandbox_tells_it(world: World) -> None:
    spec = ReturnSpec("SO-1", (SHIRTS, TROUSERS), currency="GBP", type="mixed", fees=Decimal("3.42"))
    return_id = world.vendor.add_return(spec)
    ret = await world.port.read_return(return_id)
    assert (ret.return_id, ret.order_number, ret.currency) == (return_id, "SO-1", "GBP")
    assert (ret.kind, ret.instant, ret.phase) == (ReturnKind.MIXED, False, PlatformPhase.AUTHORISED)
    assert [(line.line_id, line.quantity, line.exchange) for line in ret.lines] == [
        ("1/TS-BLU-M", 2, False),
        ("2/TR-BLK-40", 1, True),
    ]
    assert ret.lines[0].reason == "too_small"
    assert (ret.fee_text, ret.refunds) == ("3.4200", [])
    assert ret.tracking_number.startswith("PQ")


async def test_the_life_of_a_return(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,), status="incomplete"))
    phases = [(await world.port.read_return(return_id)).phase]
    for step in (world.vendor.complete, world.vendor.ship, world.vendor.receive, world.vendor.review):
        step(return_id)
        phases.append((await world.port.read_return(return_id)).phase)
    world.vendor.cancel(return_id)
    phases.append((await world.port.read_return(return_id)).phase)
    assert phases == [
        PlatformPhase.DRAFT,
        PlatformPhase.AUTHORISED,
        PlatformPhase.IN_TRANSIT,
        PlatformPhase.RECEIVED,
        PlatformPhase.IN_REVIEW,
        PlatformPhase.CANCELLED,
    ]


async def test_an_instant_return_is_paid_at_once(world: World) -> None:
    ret = await world.port.read_return(world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,), mode="instant")))
    assert ret.instant and ret.expires_at is not None
    assert [(r.state, r.amount_text, r.kind) for r in ret.refunds] == [(RefundState.PAID, "59.9000", "default")]


async def test_a_failed_refund_and_the_next(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    world.vendor.fail_refund(return_id)
    world.vendor.pay_refund(return_id)
    states = [refund.state for refund in (await world.port.read_return(return_id)).refunds]
    assert states == [RefundState.FAILED, RefundState.PAID]


async def test_the_order_number_may_be_the_display_number(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("555", (SHIRTS,), order_number="#1001"))
    assert (await world.other(order_reference="number").read_return(return_id)).order_number == "#1001"


@pytest.mark.parametrize("customer", CUSTOMERS)
async def test_no_personal_data_in_the_model(world: World, customer: object) -> None:
    spec = ReturnSpec("SO-1", (SHIRTS,), customer=customer)  # type: ignore[arg-type]
    return_id = world.vendor.add_return(spec)
    text = (await world.port.read_return(return_id)).model_dump_json()
    who = world.vendor.get(return_id)["customer"]
    assert [word for word in (who["email"], who["first_name"], who["last_name"]) if word in text] == []


async def test_an_unknown_return(world: World) -> None:
    with pytest.raises(Rejected) as refused:
        await world.port.read_return("0" * 32)
    assert (refused.value.code, refused.value.vendor_code) == (ExceptionCode.EVENT_INVALID, "404")
    assert "Reveni does not know it" in str(refused.value)


async def test_an_id_stays_inside_its_place_in_the_address(world: World) -> None:
    with pytest.raises(Rejected) as refused:
        await world.port.read_return("../refunds?x=1#")
    assert refused.value.vendor_code == "404"


async def test_a_wrong_key(world: World) -> None:
    with pytest.raises(CredentialsRefused) as refused:
        await world.other(api_key="another").probe()
    assert "another" not in str(refused.value)


async def test_another_store(world: World) -> None:
    with pytest.raises(CredentialsRefused):
        await world.other(store_id="store-2").probe()


async def test_probe(world: World) -> None:
    await world.port.probe()


async def test_a_wrong_address(world: World) -> None:
    with pytest.raises(Rejected) as refused:
        await world.other(base_url=world.url + "/elsewhere").probe()
    assert refused.value.code is ExceptionCode.CONFIG_INVALID


async def test_throttled_with_a_delay(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    world.break_down("GET return", "throttle", seconds=7)
    with pytest.raises(RetryLater) as busy:
        await world.port.read_return(return_id)
    assert busy.value.delay == timedelta(seconds=7)
    assert (await world.port.read_return(return_id)).return_id == return_id


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
    world.break_down("GET *", kind, times=2, **more)
    with pytest.raises(RetryLater) as trouble:
        await world.port.read_return(return_id)
    assert KEY not in str(trouble.value)
    with pytest.raises(RetryLater):
        await world.port.list_refunds(datetime.now(UTC) - DAY, datetime.now(UTC))


async def test_nobody_there(world: World) -> None:
    with pytest.raises(RetryLater):
        await world.other(base_url="http://127.0.0.1:9").probe()


async def test_refunds_over_several_pages(world: World) -> None:
    paid = set()
    for number in range(60):
        return_id = world.vendor.add_return(ReturnSpec(f"SO-{number}", (SHIRTS,)))
        paid |= {
            world.vendor.pay_refund(return_id),
            world.vendor.pay_refund(return_id, Decimal("1.00"), "adjustment"),
        }
    refunds = await world.port.list_refunds(datetime.now(UTC) - DAY, datetime.now(UTC) + DAY)
    assert len(refunds) == 120 and {refund.refund_id for refund in refunds} == paid
    assert {refund.kind for refund in refunds} == {"default", "adjustment"}


async def test_the_interval_of_refunds_is_half_open(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    refund_id = world.vendor.pay_refund(return_id)
    [refund] = (await world.port.read_return(return_id)).refunds
    at = refund.created_at
    assert at is not None
    for since, until, expected in [
        (at, at + DAY, [refund_id]),
        (at - DAY, at, []),
        (at + timedelta(microseconds=1), at + DAY, []),
        (at - DAY, at + timedelta(microseconds=1), [refund_id]),
    ]:
        assert [r.refund_id for r in await world.port.list_refunds(since, until)] == expected


async def test_a_note(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    await world.port.add_note(return_id, "Credit note CN-1 posted")
    assert [entry["return_id"] for entry in world.entries("note_added")] == [return_id]


@pytest.mark.parametrize(("return_id", "text"), [("0" * 32, "hello"), ("", "")])
async def test_a_note_that_is_refused(world: World, return_id: str, text: str) -> None:
    return_id = return_id or world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    with pytest.raises(Rejected) as refused:
        await world.port.add_note(return_id, text)
    assert refused.value.code is ExceptionCode.EVENT_INVALID


async def test_a_note_without_an_answer_is_in_doubt(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRTS,)))
    world.break_down("notes", "lost_answer", status=0)
    with pytest.raises(InDoubt):
        await world.port.add_note(return_id, "hello")
    assert len(world.entries("note_added")) == 1


async def test_our_pace_keeps_the_vendors_limit(world: World) -> None:
    port = world.other(requests_per_second=20)
    started = datetime.now(UTC)
    for _ in range(5):
        await port.probe()
    assert datetime.now(UTC) - started >= timedelta(seconds=4 / 20)


async def test_every_trouble_is_one_of_the_four(world: World) -> None:
    world.break_down("GET *", "unavailable", times=None, status=418)
    with pytest.raises(VendorTrouble):
        await world.port.read_return("0" * 32)
