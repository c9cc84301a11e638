"""Looks at what takes longer than agreed, and at daily limits of vendors (R15, R47, R65, R89)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from desk.alert_making import ADDED_UP, late_alert, quota_alert
from desk.alert_pace import AlertPace
from desk.alert_post import AlertPost
from domain.alert_rules import ALERT_RULES, LATE_RULES
from domain.ports import CallQuota
from store import Store, Unit
from store.alert_records import UntoldLate

#: A daily limit is told of when so many percent of it are used, and once more when all of it is.
_NEAR = (80, 100)


class WatchDesk:
    """Makes alerts of what took too long. What an exception tells of already needs none."""

    def __init__(self, store: Store, post: AlertPost, quotas: Sequence[CallQuota], pace: AlertPace) -> None:
        self._store = store
        self._post = post
        self._quotas = {quota.account: quota for quota in quotas}
        self._pace = pace

    async def late(self, now: datetime) -> int:
        """Tell of what takes longer than agreed; how many alerts that made."""
        async with self._store.reading() as unit:
            if not await unit.alert_late.untold():
                return 0
        async with self._store.begin() as unit:
            await unit.alerts.lock()
            return sum([await self._tell(unit, group, now) for group in await unit.alert_late.untold()])

    async def quotas(self, now: datetime) -> int:
        """Tell of daily limits that are nearly used up; how many alerts that made."""
        if not self._quotas:
            return 0
        today = now.astimezone(UTC).date()
        async with self._store.reading() as unit:
            used = await unit.calls.of_day(today)
        made = 0
        for account, quota in self._quotas.items():
            calls = used.get(account, 0)
            for percent in [near for near in _NEAR if calls * 100 >= quota.daily_calls * near][-1:]:
                topic = f"quota:{account}:{today}"
                async with self._store.begin() as unit:
                    alert = quota_alert(f"{topic}#{percent}", topic, account, calls, quota.daily_calls)
                    made += await self._post.put(unit, alert, now)
        return made

    async def _tell(self, unit: Unit, group: UntoldLate, now: datetime) -> int:
        topic = f"late:{group.connection}:{group.kind}"
        if await unit.alerts.made(topic, now - self._pace.gather):
            return 0
        records = await unit.alert_late.first_of(group, ADDED_UP)
        path = ALERT_RULES[LATE_RULES[group.kind]].screen
        alert = await late_alert(unit, await self._post.next_key(unit, topic), topic, records, group.count, path)
        await self._post.put(unit, alert, now)
        await unit.alert_late.tell(alert, group, now)
        return 1
