"""Alerts are made once, told once of each thing, and claimed by one process at a time, on both databases."""

import asyncio
from datetime import timedelta

import structlog

from desk.alerts import Announcer
from domain.alert_routes import AlertRoutes
from domain.alert_rules import RuleId
from domain.alerts import Alert
from domain.exceptions import ExceptionCode, Owner
from domain.lateness import StuckKind
from domain.limits import Limits
from runtime.notify import AppriseNotifier
from store import Store
from store.alert_records import AlertState, DueSend
from store.records import OpenException
from store.sweep_records import StuckFound
from tests.store.given import NOW, REF, later


def alert(number: int = 1, topic: str = "topic") -> Alert:
    return Alert(
        key=f"{topic}#{number}",
        topic=topic,
        rule=RuleId.EXCEPTION_OPENED,
        connection="shop",
        owner=Owner.MERCHANDISING,
        title="SKU is not in the item master",
        what="A SKU is unknown.",
        next_step="Create the SKU.",
        path="/exceptions",
    )


def stopped(number: int, sku: str = "P1", minutes: int = 0) -> OpenException:
    return OpenException(
        id=f"shop/{sku}/{number}",
        connection="shop",
        return_id=f"R{number}",
        code=ExceptionCode.SKU_NOT_IN_MASTER,
        step="open_rma",
        reason="unknown",
        payload={"sku": sku},
        now=later(minutes),
    )


async def test_R91_an_alert_is_made_once_and_goes_out_over_each_channel(store: Store) -> None:
    async with store.begin() as unit:
        assert await unit.alerts.add(alert(), ["finance 1", "cx 1"], NOW)
        assert not await unit.alerts.add(alert(), ["finance 1"], NOW)
        assert await unit.alerts.add(alert(2), [], NOW, "nobody")
    async with store.begin() as unit:
        due = await unit.alerts.claim(NOW, later(3), 10, 5)
        assert {one.channel for one in due} == {"finance 1", "cx 1"}
        await unit.alerts.settle("topic#1", "finance 1", AlertState.SENT, NOW)
        await unit.alerts.again("topic#1", "cx 1", later(1), "busy")
    async with store.begin() as unit:
        assert not await unit.alerts.has_due(NOW)
        assert (await unit.alerts.claim(later(1), later(4), 10, 5)) == [
            DueSend(alert=alert(), channel="cx 1", attempts=1)
        ]
        await unit.alerts.settle("topic#1", "cx 1", AlertState.FAILED, later(1), "gone")
    async with store.reading() as unit:
        found = {record.alert.key: record for record in await unit.alerts.recent()}
        assert found["topic#1"].state is AlertState.FAILED
        assert [(send.state, send.reason) for send in found["topic#1"].sends] == [
            (AlertState.FAILED, "gone"),
            (AlertState.SENT, ""),
        ]
        assert (found["topic#2"].state, found["topic#2"].note) == (AlertState.QUIET, "nobody")
        assert await unit.alerts.recent(state=AlertState.FAILED, owner="merchandising") == [found["topic#1"]]
        [first, last] = await unit.alerts.recent()
        assert await unit.alerts.recent(1, before=first.alert.key) == [last]
        assert await unit.alerts.recent(before=last.alert.key) == []
        assert (await unit.alerts.made("topic"), await unit.alerts.made("topic", NOW)) == (2, 0)


async def test_two_processes_claim_apart_and_a_lost_claim_comes_back(store: Store) -> None:
    async with store.begin() as unit:
        for number in range(12):
            await unit.alerts.add(alert(number), ["finance 1", "cx 1"], NOW)

    async def claimed() -> list[DueSend]:
        async with store.begin() as unit:
            return await unit.alerts.claim(NOW, later(3), 50, 4)

    both = [one for part in await asyncio.gather(claimed(), claimed()) for one in part]
    assert len(both) == len({(one.alert.key, one.channel) for one in both})
    assert {len([one for one in both if one.channel == name]) for name in ("finance 1", "cx 1")} <= {4, 8}
    async with store.begin() as unit:
        again = await unit.alerts.claim(later(3), later(6), 50, 12)
        assert len(again) == 24


async def test_R91_news_are_grouped_by_cause_and_told_once(store: Store) -> None:
    async with store.begin() as unit:
        for number in range(3):
            await unit.exceptions.open(stopped(number, minutes=number))
        await unit.exceptions.open(stopped(9, "P2"))
    async with store.begin() as unit:
        first, second = await unit.alert_news.untold()
        assert {(group.count, group.newest_at - group.oldest_at) for group in (first, second)} == {
            (3, timedelta(minutes=2)),
            (1, timedelta()),
        }
        large = max(first, second, key=lambda group: group.count)
        assert [r.id for r in await unit.alert_news.first_of([large], 0, 2)] == ["shop/P1/0", "shop/P1/1"]
        await unit.alerts.add(alert(), ["finance 1"], NOW)
        assert await unit.alert_news.tell("topic#1", [large], 0, NOW) == 3
        assert await unit.alert_news.told_of([first.cause, second.cause], 0) == {large.cause: "topic#1"}
        assert [group.count for group in await unit.alert_news.untold()] == [1]
        assert await unit.alert_news.untold(1) == []
        assert await unit.alert_news.anything_untold([0, 1])
        assert not await unit.alert_news.over("topic#1")
    async with store.begin() as unit:
        for number in range(3):
            await unit.exceptions.clear(f"shop/P1/{number}", later(5))
        assert await unit.alert_news.over("topic#1")
        assert await unit.alert_news.told_of([large.cause], 0) == {}
        [found] = await unit.alert_news.recurring("shop", NOW - timedelta(hours=1), 3)
        assert (found.count, found.open_now, found.alerts, found.alert_key) == (3, 0, 1, "topic#1")
        assert await unit.alert_news.recurring("shop", later(1), 3) == []
        latest = await unit.alert_news.latest_of("shop", [large.cause], 2)
        assert [record.id for record in latest] == ["shop/P1/2", "shop/P1/1"]


async def test_R74_news_of_a_level_are_those_of_that_level(store: Store) -> None:
    async with store.begin() as unit:
        await unit.exceptions.open(stopped(1))
        await unit.exceptions.open(stopped(2))
        await unit.exceptions.escalate("shop/P1/1", 1, "the lead", later(1))
        [group] = await unit.alert_news.untold(1)
        assert group.count == 1
        await unit.alerts.add(alert(), [], NOW)
        assert await unit.alert_news.tell("topic#1", [group], 1, NOW) == 1
        assert await unit.alert_news.untold(1) == []
        assert [one.count for one in await unit.alert_news.untold(0)] == [2]


async def test_R89_late_things_are_told_once_and_again_when_they_are_late_again(store: Store) -> None:
    found = StuckFound(
        kind=StuckKind.RMA, connection="shop", return_id=REF.return_id, since=NOW, limit=timedelta(), blocker="the RMA"
    )
    async with store.begin() as unit:
        await unit.sweep.report([found], NOW)
        [group] = await unit.alert_late.untold()
        assert [record.ref for record in await unit.alert_late.first_of(group, 5)] == [REF]
        await unit.alerts.add(alert(), [], NOW)
        assert await unit.alert_late.tell(alert(), group, NOW) == 1
        assert await unit.alert_late.untold() == []
        assert not await unit.alert_late.over("topic#1")
    async with store.begin() as unit:
        await unit.sweep.end_unseen("shop", later(1), later(1))
        assert await unit.alert_late.over("topic#1")
        await unit.sweep.report([found], later(20))
        [group] = await unit.alert_late.untold()
        await unit.alerts.add(alert(2), [], later(20))
        assert await unit.alert_late.tell(alert(2), group, later(20)) == 1
        assert await unit.alert_late.untold() == []


async def test_two_announcers_that_look_at_once_make_one_alert(store: Store) -> None:
    both = [Announcer(store, AppriseNotifier(), {"shop": Limits()}, AlertRoutes(), clock=later) for _ in range(2)]
    async with store.begin() as unit:
        for number in range(3):
            await unit.exceptions.open(stopped(number))
    with structlog.testing.capture_logs() as logs:
        await asyncio.gather(*(desk.collect() for desk in both))
    async with store.reading() as unit:
        [made] = await unit.alerts.recent()
        assert (made.count, logs) == (3, [])
