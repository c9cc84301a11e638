"""Alerts as they arrive: over real HTTP, once, in time, and without a secret in any log."""

import asyncio
import contextlib
import io
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog

from desk.alert_pace import AlertPace
from domain.alert_rules import RuleId
from domain.exceptions import ExceptionCode, Track
from domain.money import Money
from runtime.logs import configure_logs
from runtime.notify import AppriseNotifier
from store import Store
from store.alert_records import AlertState
from store.records import OpenException
from tests.alerts.given import CONSOLE, NOW, Clock, announcer, made, opened, resolved, routes, stopped
from tests.alerts.receiver import Receiver
from tests.patience import PATIENCE

SECRET = "tok3nOfTheChannel"


def unknown_sku(number: int) -> OpenException:
    return stopped(f"R-{number:03}", sku="P1001-BLK", amount=Money(amount=1050, currency="GBP"), quantity="1")


def refused(number: int) -> OpenException:
    code = ExceptionCode.CREDIT_REJECTED
    return stopped(f"C-{number}", code, track=Track.FINANCE, reason="the ERP says NOCUST", vendor_code="NOCUST")


async def test_R91_two_hundred_exceptions_of_one_cause_are_one_message(
    store: Store, clock: Clock, receiver: Receiver
) -> None:
    desk = announcer(store, clock, routes(merchandising=receiver.url("m"), finance=receiver.url("f")))
    await opened(store, *map(unknown_sku, range(200)))
    clock.forward(seconds=6)
    for _ in range(3):
        await desk.collect()
        await desk.send_due()
    await opened(store, unknown_sku(200))
    clock.forward(seconds=30)
    await desk.collect()
    await desk.send_due()

    assert receiver.titles() == ["[uk] SKU is not in the item master: SKU P1001-BLK (200 returns)"]
    [body] = receiver.bodies("m")
    assert "R-000, R-001, R-002, R-003, R-004 and 195 more" in body
    assert "At stake: 2100.00 GBP, 200 units" in body
    assert f"{CONSOLE}/exceptions?group=" in body


async def test_R63_the_message_about_an_exchange_is_there_within_a_minute(
    store: Store, clock: Clock, receiver: Receiver
) -> None:
    reason = "no replacement order was made: P7-RED has no stock"
    item = stopped("X-1", ExceptionCode.EXCHANGE_OOS, track=Track.EXCHANGE, reason=reason, sku="P7-RED")
    desk = announcer(store, clock, routes(cx=receiver.url("cx")))
    await opened(store, item)
    while not receiver.messages and clock.now - NOW < timedelta(minutes=1):
        await desk.collect()
        await desk.send_due()
        clock.forward(seconds=2)
    [body] = receiver.bodies("cx")
    for words in ("X-1", "P7-RED", "has no stock", "Customer experience (CX)", "Offer the customer another item"):
        assert words in body


async def test_R91_an_alert_goes_to_its_owner_and_to_everyone_once(
    store: Store, clock: Clock, receiver: Receiver
) -> None:
    both = (receiver.url("f"), receiver.url("f2"))
    site = routes(finance=both, everyone=(receiver.url("all"), receiver.url("f")), cx=receiver.url("cx"))
    await opened(store, refused(1))
    clock.forward(seconds=6)
    desk = announcer(store, clock, site)
    await desk.collect()
    await desk.send_due()
    assert sorted(path for path, _ in receiver.messages) == ["all", "f", "f2"]
    [alert] = await made(store)
    assert (alert.state, len(alert.sends)) == (AlertState.SENT, 3)


async def test_a_channel_that_fails_is_tried_again_and_then_given_up_and_told_of(
    store: Store, clock: Clock, receiver: Receiver
) -> None:
    receiver.broken = {"bad"}
    site = routes(finance=(receiver.url("bad"), receiver.url("good")), integration=receiver.url("ops"))
    desk = announcer(store, clock, site, pace=AlertPace(tries=4))
    await opened(store, refused(1), refused(2))
    clock.forward(seconds=6)
    await desk.collect()
    await desk.send_due()
    await desk.send_due()
    assert (receiver.tries["bad"], len(receiver.bodies("good"))) == (1, 1)
    for wait in (30, 60, 120):
        clock.forward(seconds=wait - 1)
        before = receiver.tries["bad"]
        await desk.send_due()
        assert receiver.tries["bad"] == before
        clock.forward(seconds=1)
        await desk.send_due()
        assert receiver.tries["bad"] == before + 1
    for _ in range(3):
        clock.forward(hours=1)
        await desk.send_due()

    assert (receiver.tries["bad"], len(receiver.bodies("good"))) == (4, 1)
    first, undelivered = await made(store)
    states = {send.channel: (send.state, "error=500" in send.reason) for send in first.sends}
    assert first.state is AlertState.FAILED
    assert states == {"finance 1": (AlertState.FAILED, True), "finance 2": (AlertState.SENT, False)}
    assert undelivered.alert.rule is RuleId.NOT_DELIVERED
    [told] = receiver.bodies("ops")
    assert "Alerts do not reach a channel: channel finance 1" in told


async def test_a_channel_that_fails_is_tried_once_a_round_and_not_to_tell_of_itself(
    store: Store, clock: Clock, receiver: Receiver
) -> None:
    receiver.broken = {"bad"}
    site = routes(integration=(receiver.url("bad"), receiver.url("good")), merchandising=receiver.url("bad"))
    desk = announcer(store, clock, site, pace=AlertPace(tries=1))
    await opened(store, *(stopped(f"R-{number}", sku=f"P{number}") for number in range(3)))
    clock.forward(seconds=6)
    await desk.collect()
    await desk.send_due()
    assert receiver.tries["bad"] == 1
    await desk.send_due()
    [told] = receiver.bodies("good")
    assert "channel merchandising 1" in told
    alerts = {record.alert.rule: record for record in await made(store)}
    assert [send.channel for send in alerts[RuleId.NOT_DELIVERED].sends] == ["integration 2"]


async def test_a_channel_that_came_back_gets_what_waited(store: Store, clock: Clock, receiver: Receiver) -> None:
    receiver.broken = {"f"}
    desk = announcer(store, clock, routes(finance=receiver.url("f")))
    await opened(store, refused(1))
    clock.forward(seconds=6)
    await desk.collect()
    await desk.send_due()
    receiver.broken = set()
    clock.forward(seconds=30)
    await desk.send_due()
    assert (len(receiver.bodies("f")), (await made(store))[0].state) == (1, AlertState.SENT)


async def test_a_channel_that_hangs_holds_up_no_other_one(store: Store, clock: Clock, receiver: Receiver) -> None:
    receiver.slow = {"hangs"}
    site = routes(finance=receiver.url("hangs"), merchandising=receiver.url("m"))
    desk = announcer(store, clock, site, notifier=AppriseNotifier(seconds=1))
    await opened(store, refused(1), unknown_sku(1))
    clock.forward(seconds=6)
    await desk.collect()
    sending = asyncio.create_task(desk.send_due())
    async with asyncio.timeout(PATIENCE):
        while not receiver.bodies("m"):
            await asyncio.sleep(0.02)
        assert not sending.done()
        assert await sending == 1
    hung = next(record for record in await made(store) if record.alert.owner.value == "finance")
    assert (hung.sends[0].state, hung.sends[0].attempts) == (AlertState.WAITING, 1)


async def test_what_was_decided_before_it_went_out_is_not_sent(store: Store, clock: Clock, receiver: Receiver) -> None:
    receiver.broken = {"f"}
    desk = announcer(store, clock, routes(finance=receiver.url("f")))
    await opened(store, refused(1))
    clock.forward(seconds=6)
    await desk.collect()
    await desk.send_due()
    receiver.broken = set()
    await resolved(store, refused(1), clock.forward(seconds=30))
    assert await desk.send_due() == 0
    [alert] = await made(store)
    assert (alert.state, alert.note, receiver.messages) == (AlertState.QUIET, "it was over before it was sent", [])


async def test_two_announcers_at_once_send_one_message(store: Store, clock: Clock, receiver: Receiver) -> None:
    both = [announcer(store, clock, routes(finance=receiver.url("f"))) for _ in range(2)]
    await opened(store, refused(1), refused(2))
    clock.forward(seconds=6)
    await asyncio.gather(*(desk.collect() for desk in both))
    await asyncio.gather(*(desk.send_due() for desk in both))
    assert len(receiver.messages) == 1
    assert len(await made(store)) == 1


async def test_what_a_process_claimed_and_lost_another_one_sends(
    store: Store, clock: Clock, receiver: Receiver
) -> None:
    desk = announcer(store, clock, routes(finance=receiver.url("f")))
    await opened(store, refused(1))
    clock.forward(seconds=6)
    await desk.collect()
    async with store.begin() as unit:  # a process that ends right after its claim
        assert len(await unit.alerts.claim(clock.now, clock.now + timedelta(minutes=3), 10, 5)) == 1
    assert await desk.send_due() == 0
    clock.forward(minutes=3)
    assert await desk.send_due() == 1


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that a process of ours logs, at its most talkative."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    configure_logs(level="DEBUG", stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


async def test_no_address_of_a_channel_and_nobody_is_in_logs_or_store(
    store: Store, clock: Clock, receiver: Receiver, logged: io.StringIO
) -> None:
    receiver.broken = {SECRET}
    url = f"json://user:{SECRET}@127.0.0.1:{receiver.port}/{SECRET}?+X-Key={SECRET}"
    desk = announcer(store, clock, routes(finance=url), pace=AlertPace(tries=2))
    item = refused(1).model_copy(update={"reason": "the ERP refuses jo.bloggs@example.com"})
    await opened(store, item)
    for _ in range(3):
        clock.forward(minutes=5)
        await desk.collect()
        await desk.send_due()

    assert receiver.tries[SECRET] == 2
    assert "an alert was not delivered" in logged.getvalue()
    kept = repr(await made(store))
    assert "***@***" in kept
    for text in (logged.getvalue(), kept, repr(routes(finance=url))):
        assert SECRET not in text
        assert "jo.bloggs" not in text


async def test_the_loop_tells_by_itself_and_no_failure_ends_it(store: Store, receiver: Receiver) -> None:
    fast = AlertPace(look=timedelta(milliseconds=20), settle=timedelta(), watch=timedelta())
    desk = announcer(store, Clock(), routes(finance=receiver.url("f")), pace=fast)
    await _break(store, "ALTER TABLE exceptions RENAME TO gone")
    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(desk.run())
        async with asyncio.timeout(PATIENCE):
            while not logs:
                await asyncio.sleep(0.02)
            await _break(store, "ALTER TABLE gone RENAME TO exceptions")
            await opened(store, refused(1))
            while not receiver.messages:
                await asyncio.sleep(0.02)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    assert len(receiver.messages) == 1


async def _break(store: Store, statement: str) -> None:
    from sqlalchemy import text

    async with store.begin() as unit:
        await unit.alerts._scope.session.exec(text(statement))  # type: ignore[call-overload]
