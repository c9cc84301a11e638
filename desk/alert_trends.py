"""Notices causes that keep coming back, also when each exception was decided in between (R93)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from desk.alert_making import ADDED_UP, trend_alert
from desk.alert_pace import AlertPace
from desk.alert_post import AlertPost
from domain.exceptions import ExceptionCode
from domain.limits import Limits
from store import Store, Unit
from store.alert_records import Recurrence


class TrendDesk:
    """Makes alerts of trends: each cause once in its window, many causes of one kind in one alert."""

    def __init__(self, store: Store, post: AlertPost, limits: Mapping[str, Limits], pace: AlertPace) -> None:
        self._store = store
        self._post = post
        self._limits = limits
        self._pace = pace

    async def trends(self, now: datetime) -> int:
        """Tell of causes that keep coming back; how many alerts that made."""
        made = 0
        for connection, limits in self._limits.items():
            async with self._store.reading() as unit:
                if not await _news(unit, connection, limits, now):
                    continue
            async with self._store.begin() as unit:
                await unit.alerts.lock()
                by_code: dict[ExceptionCode, list[Recurrence]] = {}
                for one in await _news(unit, connection, limits, now):
                    by_code.setdefault(one.code, []).append(one)
                made += sum([await self._tell_code(unit, found, limits, now) for found in by_code.values()])
        return made

    async def _tell_code(self, unit: Unit, found: Sequence[Recurrence], limits: Limits, now: datetime) -> int:
        topic = f"trend:{found[0].connection}:{found[0].code}"
        room = self._pace.most - await unit.alerts.made(topic, now - self._pace.gather)
        if room <= 0:
            return 0
        told = [found] if len(found) > room else [[one] for one in found]
        for part in told:
            await self._tell(unit, topic, part, limits, now)
        return len(told)

    async def _tell(self, unit: Unit, topic: str, found: Sequence[Recurrence], limits: Limits, now: datetime) -> None:
        causes = [one.cause for one in found]
        records = await unit.alert_news.latest_of(found[0].connection, causes, ADDED_UP)
        key = await self._post.next_key(unit, topic)
        await self._post.put(unit, await trend_alert(unit, key, topic, found, records, limits.trend_window), now)
        await unit.alert_news.tell_trends(key, causes, now)


async def _news(unit: Unit, connection: str, limits: Limits, now: datetime) -> list[Recurrence]:
    """Trends that were not told in this window. A burst that one alert told of in full is none."""
    since = now - limits.trend_window
    found = await unit.alert_news.recurring(connection, since, limits.trend_count)
    told = await unit.alert_news.trends_told([one.cause for one in found], since)
    return [one for one in found if one.cause not in told and not await _told_in_full(unit, one, limits.trend_count)]


async def _told_in_full(unit: Unit, found: Recurrence, at_least: int) -> bool:
    if found.alerts > 1 or found.alert_key is None:
        return False
    only = await unit.alerts.get(found.alert_key)
    return only is not None and only.alert.count >= at_least
