"""What is told because a clock ran out: late documents, stuck returns, used-up quotas (R15, R47, R65, R89)."""

from datetime import timedelta

import pytest

from domain.alert_rules import LATE_RULES, RuleId
from domain.alert_text import render
from domain.lateness import StuckKind
from domain.money import Money
from domain.ports import CallQuota
from store import Store
from store.alert_records import AlertState
from store.sweep_records import StuckFound
from tests.alerts.given import CONSOLE, NOW, Clock, announcer, made, routes

AGREED = timedelta(minutes=30)


def late(return_id: str | None = "R-1", kind: StuckKind = StuckKind.RMA, **more: str) -> StuckFound:
    return StuckFound(
        kind=kind,
        connection="uk",
        return_id=return_id,
        stage="VALIDATING",
        since=NOW - AGREED,
        limit=AGREED,
        blocker="waits for the RMA in the ERP",
        amount=Money(amount=4990, currency="GBP"),
        **more,
    )


async def swept(store: Store, clock: Clock, *found: StuckFound) -> None:
    """What a sweep does: it reports what it finds, and what it finds no more is over."""
    async with store.begin() as unit:
        await unit.sweep.report(found, clock.now)
        await unit.sweep.end_unseen("uk", clock.now, clock.now)


@pytest.mark.parametrize(
    ("kind", "owner"),
    [
        pytest.param(StuckKind.RMA, "warehouse", id="R15"),
        pytest.param(StuckKind.STOCK, "warehouse", id="R30"),
        pytest.param(StuckKind.CREDIT, "finance", id="R47"),
        pytest.param(StuckKind.NOTE_AGE, "finance", id="U34"),
        pytest.param(StuckKind.EXCHANGE, "cx", id="R65"),
        pytest.param(StuckKind.STAGE, "integration", id="R89"),
        pytest.param(StuckKind.UNDELIVERED, "integration", id="R2"),
    ],
)
async def test_R15_R47_R65_R89_what_is_late_is_told_once_with_return_stage_and_blocker(
    store: Store, clock: Clock, kind: StuckKind, owner: str
) -> None:
    desk = announcer(store, clock)
    for _ in range(3):
        await swept(store, clock, late(kind=kind))
        await desk.collect()
        clock.forward(minutes=20)
    [alert] = await made(store)

    assert (alert.alert.rule, alert.alert.owner.value) == (LATE_RULES[kind], owner)
    text = render(alert.alert, CONSOLE).text
    assert "Which return: R-1 (connection uk)" in text
    assert "stage VALIDATING, waits for the RMA in the ERP" in text
    assert "Agreed are 30 minutes; the oldest waits since 2026-03-02 08:30 UTC" in text
    assert "At stake: 49.90 GBP" in text
    assert f"Open: {CONSOLE}/returns/uk/R-1" in text


async def test_R89_many_stuck_returns_are_one_alert(store: Store, clock: Clock) -> None:
    await swept(store, clock, *[late(f"R-{number:03}", StuckKind.STAGE) for number in range(60)])
    await announcer(store, clock).collect()
    [alert] = await made(store)
    assert "R-000, R-001, R-002, R-003, R-004 and 55 more" in render(alert.alert, CONSOLE).text


async def test_R89_what_was_over_and_is_late_again_is_told_again(store: Store, clock: Clock) -> None:
    desk = announcer(store, clock)
    for found in ([late()], [], [late()]):
        await swept(store, clock, *found)
        await desk.collect()
        clock.forward(minutes=20)
    assert len(await made(store)) == 2


async def test_R47_what_an_exception_tells_already_is_not_told_twice(store: Store, clock: Clock) -> None:
    await swept(store, clock, late(kind=StuckKind.CREDIT, told_by="uk/R-1/credit/1"))
    await announcer(store, clock).collect()
    assert await made(store) == []


async def test_what_is_no_longer_late_is_not_sent(store: Store, clock: Clock) -> None:
    desk = announcer(store, clock, routes(warehouse="json://127.0.0.1:1/closed"))
    await swept(store, clock, late())
    await desk.collect()
    clock.forward(minutes=15)
    await swept(store, clock)
    assert await desk.send_due() == 0
    [alert] = await made(store)
    assert (alert.state, alert.note) == (AlertState.QUIET, "it was over before it was sent")


async def test_a_quota_is_told_when_it_is_nearly_and_when_it_is_quite_used_up(store: Store, clock: Clock) -> None:
    desk = announcer(store, clock, quotas=(CallQuota(account="returngo/1f", daily_calls=10),))
    for calls in range(1, 12):
        async with store.begin() as unit:
            await unit.calls.count("returngo/1f", clock.now.date())
        clock.forward(minutes=2)
        await desk.collect()
        assert len(await made(store)) == (calls >= 8) + (calls >= 10)
    first, _ = await made(store)
    assert first.alert.rule is RuleId.QUOTA_NEAR
    assert "8 of the 10 calls that returngo/1f may make today are used" in render(first.alert, CONSOLE).text
