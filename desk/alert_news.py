"""Decides which exceptions are news: one alert for one root cause, however many exceptions it has (R91).

1. Exceptions of a named cause that was told of, and is not over, join its alert quietly.
2. Where each return has a matter of its own, the first is told at once and what follows is gathered.
3. When many causes of one kind come together, they are one alert.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from desk.alert_making import ADDED_UP, exceptions_alert
from desk.alert_pace import AlertPace
from desk.alert_post import AlertPost
from domain.alert_rules import RuleId, rule_of
from domain.alerts import LEVELS
from domain.exceptions import ExceptionCode
from domain.grouping import RootCause
from store import Store, Unit
from store.alert_news import level_mark
from store.alert_records import Untold

_ALL_LEVELS = (0, *LEVELS)


class _Kind(NamedTuple):
    """What is told in one go. `each`: every return is a matter of its own."""

    connection: str
    code: ExceptionCode
    rule: RuleId
    each: bool


class NewsDesk:
    """Makes alerts of what happened since it looked last. Several may run: each thing is told once."""

    def __init__(self, store: Store, post: AlertPost, pace: AlertPace) -> None:
        self._store = store
        self._post = post
        self._pace = pace

    async def exceptions(self, now: datetime) -> int:
        """Tell of exceptions that were opened, and that went up a level; how many alerts that made."""
        async with self._store.reading() as unit:
            if not await unit.alert_news.anything_untold(_ALL_LEVELS):
                return 0
        async with self._store.begin() as unit:
            await unit.alerts.lock()
            return sum([await self._level(unit, level, now) for level in _ALL_LEVELS])

    async def _level(self, unit: Unit, level: int, now: datetime) -> int:
        kinds: dict[_Kind, list[Untold]] = {}
        for group in await unit.alert_news.untold(level):
            kinds.setdefault(_kind(group), []).append(group)
        return sum([await self._tell_kind(unit, kind, groups, level, now) for kind, groups in kinds.items()])

    async def _tell_kind(self, unit: Unit, kind: _Kind, groups: list[Untold], level: int, now: datetime) -> int:
        if not kind.each:
            groups = await self._joined(unit, groups, level, now)
        ripe = [group for group in groups if self._settled(group, now)]
        if not ripe:
            return 0
        topic = f"{level_mark(level)}:{kind.connection}:{kind.code}:{'each' if kind.each else 'cause'}"
        exchange = kind.rule is RuleId.EXCHANGE_FAILED and not level
        gather = self._pace.gather_exchanges if exchange else self._pace.gather
        room = (1 if kind.each else self._pace.most) - await unit.alerts.made(topic, now - gather)
        if room <= 0:
            return 0
        told = [ripe] if kind.each or len(ripe) > room else [[group] for group in ripe]
        for part in told:
            await self._tell(unit, topic, part, level, now)
        return len(told)

    async def _joined(self, unit: Unit, groups: Sequence[Untold], level: int, now: datetime) -> list[Untold]:
        """What is left when those have joined whose cause was told of."""
        known = await unit.alert_news.told_of([group.cause for group in groups], level)
        for group in groups:
            if group.cause in known:
                more = await unit.alert_news.tell(known[group.cause], [group], level, now)
                await unit.alerts.joined(known[group.cause], more)
        return [group for group in groups if group.cause not in known]

    def _settled(self, group: Untold, now: datetime) -> bool:
        """Whether the burst is over, or has been going on for long. Clocks that run ahead do not hold it up."""
        quiet, lasting = now - group.newest_at, now - group.oldest_at
        return (
            not 0 <= quiet.total_seconds() < self._pace.settle.total_seconds() or lasting >= self._pace.longest_settle
        )

    async def _tell(self, unit: Unit, topic: str, groups: Sequence[Untold], level: int, now: datetime) -> None:
        records = await unit.alert_news.first_of(groups, level, ADDED_UP)
        count, causes = sum(group.count for group in groups), len({group.cause for group in groups})
        key = await self._post.next_key(unit, topic)
        await self._post.put(unit, await exceptions_alert(unit, key, topic, records, count, causes, level), now)
        await unit.alert_news.tell(key, groups, level, now)


def _kind(group: Untold) -> _Kind:
    rule = rule_of(group.code, group.track)
    nameless = RootCause(connection=group.connection, code=group.code).id
    each = rule is RuleId.EXCHANGE_FAILED or group.cause == nameless
    return _Kind(group.connection, group.code, rule, each)
