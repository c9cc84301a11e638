"""What is told, once, of which exceptions (R63, R74, R85, R91, R93, N11)."""

from datetime import timedelta

import pytest

from desk.escalation import TOP_LEVEL
from domain.alert_rules import RuleId
from domain.alert_text import render
from domain.alerts import LEVELS
from domain.exceptions import ExceptionCode, Track
from domain.limits import Limits
from domain.money import Money
from store import Store
from store.alert_records import AlertRecord, AlertState
from store.records import OpenException
from tests.alerts.given import CONSOLE, NOW, Clock, announcer, made, opened, resolved, routes, stopped

GBP = Money(amount=1050, currency="GBP")


def unknown_sku(number: int, sku: str = "P1001-BLK", **more: int) -> OpenException:
    return stopped(f"R-{number:03}", sku=sku, at=NOW + timedelta(**more), amount=GBP, quantity="2")


def mismatch(number: int, **more: int) -> OpenException:
    code, at = ExceptionCode.REFUND_MISMATCH, NOW + timedelta(**more)
    return stopped(f"R-{number:03}", code, at, track=Track.FINANCE, reason=f"paid 20.00, not {number}.00", amount=GBP)


def told(record: AlertRecord) -> str:
    text = render(record.alert, CONSOLE)
    return f"{text.subject}\n{text.text}"


async def collected(store: Store, clock: Clock, *items: OpenException, **span: float) -> list[AlertRecord]:
    """Open exceptions, let time pass, and give every alert that there is."""
    await opened(store, *items)
    clock.forward(**(span or {"seconds": 6}))
    await announcer(store, clock).collect()
    return await made(store)


async def test_R91_many_exceptions_of_one_cause_are_one_alert_that_says_everything(store: Store, clock: Clock) -> None:
    [alert] = await collected(store, clock, *[unknown_sku(number) for number in range(50)])

    text = told(alert)
    assert "SKU is not in the item master: SKU P1001-BLK" in text
    assert "A SKU of this return is unknown or inactive in the ERP" in text
    assert "R-000, R-001, R-002, R-003, R-004 and 45 more (connection uk)" in text
    assert "At stake: 525.00 GBP, 100 units" in text
    assert "Who: Merchandising" in text
    assert "Next step: Create or activate the SKU in the ERP" in text
    assert f"Open: {CONSOLE}/exceptions?group=g-" in text
    assert "SKU_NOT_IN_MASTER" not in text


async def test_R91_a_single_exception_names_its_return_and_its_reason(store: Store, clock: Clock) -> None:
    [alert] = await collected(store, clock, mismatch(7))
    text = told(alert)
    assert "[uk] Refund and order do not agree (return R-007)" in text
    assert "Which return: R-007 (connection uk)" in text
    assert "Reason: paid 20.00, not 7.00" in text
    assert "At stake: 10.50 GBP" in text
    assert "Who: Finance" in text
    assert f"{CONSOLE}/exceptions/uk%2FR-007%2FREFUND_MISMATCH%2F1" in text


async def test_R91_trouble_of_a_whole_system_says_what_waits_for_it(store: Store, clock: Clock) -> None:
    async with store.begin() as unit:
        down = ExceptionCode.CONNECTION_DOWN
        await unit.exceptions.open_for_connection("uk", down, "prima has not answered for 15 minutes", NOW)
    [alert] = await collected(store, clock)
    assert (alert.alert.rule, alert.alert.owner.value) == (RuleId.CONNECTION_DOWN, "integration")
    assert "At stake: every return of this connection waits" in told(alert)
    assert "Reason: prima has not answered for 15 minutes" in told(alert)


async def test_R91_more_of_a_cause_joins_quietly_until_the_cause_was_gone_once(store: Store, clock: Clock) -> None:
    first, second, third = (unknown_sku(number) for number in (1, 2, 3))
    await collected(store, clock, first)
    [alert] = await collected(store, clock, second)
    assert (alert.alert.count, alert.count) == (1, 2)

    await resolved(store, first, clock.now)
    assert len(await collected(store, clock, third)) == 1  # the second one still waits for it
    await resolved(store, second, clock.now)
    await resolved(store, third, clock.now)
    assert len(await collected(store, clock, unknown_sku(4))) == 2


async def test_R91_another_cause_is_another_alert(store: Store, clock: Clock) -> None:
    alerts = await collected(store, clock, unknown_sku(1), unknown_sku(2, sku="P2"), mismatch(3))
    assert {record.alert.cause for record in alerts} == {"", "SKU P1001-BLK", "SKU P2"}


async def test_R91_matters_of_their_own_are_told_at_once_and_then_gathered(store: Store, clock: Clock) -> None:
    assert len(await collected(store, clock, mismatch(1))) == 1
    assert len(await collected(store, clock, mismatch(2), mismatch(3), minutes=5)) == 1
    alerts = await collected(store, clock, minutes=10)
    assert [record.alert.count for record in alerts] == [1, 2]
    assert "R-002: paid 20.00, not 2.00" in told(alerts[1])
    assert "R-003: paid 20.00, not 3.00" in told(alerts[1])


async def test_R91_a_flood_of_causes_is_one_alert(store: Store, clock: Clock) -> None:
    [alert] = await collected(store, clock, *[unknown_sku(number, sku=f"P{number:03}") for number in range(40)])
    assert alert.alert.count == 40
    assert "SKU P000, SKU P001, SKU P002, SKU P003, SKU P004 and 35 more" in told(alert)
    assert alert.alert.path == "/exceptions?connection=uk&code=SKU_NOT_IN_MASTER"


async def test_a_burst_is_told_when_it_is_over_or_lasts(store: Store, clock: Clock) -> None:
    desk = announcer(store, clock)
    for second in range(0, 24, 4):
        clock.now = NOW + timedelta(seconds=second)
        await opened(store, unknown_sku(second, seconds=second))
        await desk.collect()
        assert len(await made(store)) == (1 if second >= 20 else 0)


async def test_what_closed_before_it_was_told_is_not_told(store: Store, clock: Clock) -> None:
    await opened(store, unknown_sku(1))
    await resolved(store, unknown_sku(1), clock.forward(seconds=2))
    assert await collected(store, clock) == []


async def test_without_a_channel_an_alert_is_only_shown(store: Store, clock: Clock) -> None:
    [alert] = await collected(store, clock, unknown_sku(1))
    assert (alert.state, alert.sends) == (AlertState.QUIET, [])
    assert "no channel is configured for merchandising" in alert.note


async def test_R63_an_exchange_is_told_within_a_minute_with_return_item_and_reason(store: Store, clock: Clock) -> None:
    def sold_out(number: int, at: int) -> OpenException:
        when = NOW + timedelta(seconds=at)
        reason = "no replacement order was made: P7-RED has no stock"
        code, track = ExceptionCode.EXCHANGE_OOS, Track.EXCHANGE
        return stopped(f"X-{number}", code, when, track=track, reason=reason, sku="P7-RED")

    desk = announcer(store, clock, routes(cx="json://127.0.0.1/x"))
    arrivals = {0: sold_out(1, 0), 9: sold_out(2, 9), 14: sold_out(3, 14), 70: sold_out(4, 70)}
    for second in range(0, 120, 5):
        clock.now = NOW + timedelta(seconds=second)
        await opened(store, *(item for at, item in arrivals.items() if at <= second < at + 5))
        await desk.collect()
    alerts = [record for record in await made(store) if record.alert.rule is RuleId.EXCHANGE_FAILED]

    for item in arrivals.values():
        [alert] = [one for one in alerts if item.return_id in [subject.ref.return_id for subject in _named(one)]]
        assert alert.made_at - item.now < timedelta(minutes=1)
        assert "P7-RED has no stock" in told(alert)
        assert "SKU P7-RED" in told(alert)
        assert alert.alert.owner.value == "cx"


def _named(record: AlertRecord):  # type: ignore[no-untyped-def]
    return [subject for subject in record.alert.subjects if subject.ref]


async def test_R63_cx_is_told_also_when_another_team_has_to_act(store: Store, clock: Clock) -> None:
    await opened(store, stopped("X-1", track=Track.EXCHANGE, sku="P9", reason="the ERP does not know P9"))
    clock.forward(seconds=6)
    site = routes(cx="json://127.0.0.1/cx", merchandising="json://127.0.0.1/m")
    await announcer(store, clock, site).collect()
    [alert] = await made(store)
    assert alert.alert.rule is RuleId.EXCHANGE_FAILED
    assert "Who: Merchandising; also told: Customer experience (CX)" in told(alert)
    assert [send.channel for send in alert.sends] == ["cx 1", "merchandising 1"]


async def test_R74_what_nobody_handles_is_told_once_at_each_level(store: Store, clock: Clock) -> None:
    site = routes(
        merchandising="json://127.0.0.1/m", escalation_1="json://127.0.0.1/lead", escalation_2="json://127.0.0.1/head"
    )
    desk = announcer(store, clock, site)
    await opened(store, *[unknown_sku(number) for number in range(3)])
    for _ in range(10):
        clock.forward(hours=6)
        await desk.collect()
    _, first, second = await made(store)

    assert [record.alert.level for record in (first, second)] == list(LEVELS) == list(range(1, TOP_LEVEL + 1))
    assert [send.channel for send in first.sends] == ["escalation.1 1", "merchandising 1"]
    assert [send.channel for send in second.sends] == ["escalation.2 1", "merchandising 1"]
    assert first.alert.count == second.alert.count == 3
    assert "the lead of merchandising is asked now" in told(first)
    assert "SKU P1001-BLK" in told(first)


async def test_R93_a_cause_that_keeps_coming_back_is_told_once_in_each_window(store: Store, clock: Clock) -> None:
    limits = {"uk": Limits(trend_count=3, trend_window=timedelta(hours=24))}
    desk, trends = announcer(store, clock, limits=limits), list[AlertRecord]()
    told_by_hour = {0: 0, 1: 0, 2: 1, 3: 1, 40: 1, 41: 1, 42: 2}
    for hour, number in told_by_hour.items():
        item = unknown_sku(hour, hours=hour)
        await opened(store, item)
        clock.now = item.now + timedelta(minutes=2)
        await desk.collect()
        if hour != 2:
            await resolved(store, item, clock.now)
        trends = [record for record in await made(store) if record.alert.rule is RuleId.TREND]
        assert len(trends) == number
    trend = trends[0]
    assert "The same cause keeps coming back: SKU is not in the item master: SKU P1001-BLK" in told(trend)
    assert "It has come up 3 times within 24 hours; 1 of them still wait" in told(trend)
    assert (trend.alert.owner.value, trend.alert.count) == ("merchandising", 3)


async def test_R93_what_one_alert_told_of_in_full_is_no_trend(store: Store, clock: Clock) -> None:
    await collected(store, clock, *[unknown_sku(number) for number in range(50)])
    assert len(await collected(store, clock, unknown_sku(50), minutes=2)) == 1


async def test_R93_many_causes_of_one_kind_that_keep_coming_back_are_one_alert(store: Store, clock: Clock) -> None:
    desk = announcer(store, clock, limits={"uk": Limits(trend_count=2)})
    for hour in range(2):
        items = [unknown_sku(hour * 100 + number, sku=f"P{number}", hours=hour) for number in range(8)]
        await opened(store, *items)
        clock.now = items[0].now + timedelta(minutes=1)
        await desk.collect()
        for item in items:
            await resolved(store, item, clock.now)
    clock.forward(minutes=1)
    await desk.collect()
    [trend] = [record for record in await made(store) if record.alert.rule is RuleId.TREND]
    assert "8 causes have come up 16 times within 24 hours; 8 of them still wait" in told(trend)
    assert "SKU P7, SKU P6, SKU P5, SKU P4, SKU P3 and 3 more" in told(trend)


async def test_R93_what_joined_quietly_counts(store: Store, clock: Clock) -> None:
    await collected(store, clock, unknown_sku(0))
    alerts = await collected(store, clock, *[unknown_sku(number) for number in range(1, 5)], minutes=2)
    assert [record.alert.rule for record in alerts] == [RuleId.EXCEPTION_OPENED, RuleId.TREND]


async def test_N11_every_alarm_before_cover_lapses_is_told(store: Store, clock: Clock) -> None:
    def alarm(number: int, day: int) -> OpenException:
        code, at = ExceptionCode.EXPOSURE_DUE, NOW + timedelta(days=day)
        figures = {"missing": "1", "refunds": "49.90 GBP", "units.1": "1"}
        item = stopped("R-1", code, at, track=Track.GOODS, reason="cover ends soon", number=number)
        return item.model_copy(update={"payload": figures})

    await collected(store, clock, alarm(1, 23), days=23, minutes=1)
    alerts = await collected(store, clock, alarm(2, 29), days=6)
    due = [record for record in alerts if record.alert.rule is RuleId.EXPOSURE_DUE]
    assert len(due) == 2
    assert "At stake: 49.90 GBP, 1 unit" in told(due[1])


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        pytest.param(ExceptionCode.ROUNDING_DRIFT, RuleId.ROUNDING_DRIFT, id="R85"),
        pytest.param(ExceptionCode.CREDIT_OVERDUE, RuleId.CREDIT_LATE, id="R47"),
    ],
)
async def test_R85_R47_finance_is_alerted_once(store: Store, clock: Clock, code: ExceptionCode, rule: RuleId) -> None:
    item = stopped("R-1", code, track=Track.FINANCE, reason="it has come to 5.10 GBP", amount=GBP)
    await collected(store, clock, item)
    [alert] = await collected(store, clock, hours=2)
    assert (alert.alert.rule, alert.alert.owner.value) == (rule, "finance")
    assert "it has come to 5.10 GBP" in told(alert)
