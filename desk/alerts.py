"""Tells the teams what they must know, without being asked: the background loop of alerts (R63, R74, R91, R93)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from desk.alert_news import NewsDesk
from desk.alert_pace import AlertPace
from desk.alert_post import AlertPost
from desk.alert_sending import SendingDesk
from desk.alert_trends import TrendDesk
from desk.alert_watch import WatchDesk
from desk.clock import Clock, utc_now
from desk.escalation import escalate
from domain.alert_routes import AlertRoutes
from domain.limits import Limits
from domain.ports import CallQuota
from runtime.notify import Notifier
from store import Store

log = structlog.get_logger("desk.alerts")


class Announcer:
    """Looks for news, writes each down once, and sends it. Several may run at once: everything is told once.

    limits: by connection; routes: who hears of what; console_url: what links begin with; quotas: daily limits
    """

    def __init__(
        self,
        store: Store,
        notifier: Notifier,
        limits: Mapping[str, Limits],
        routes: AlertRoutes,
        *,
        clock: Clock = utc_now,
        console_url: str = "",
        quotas: Sequence[CallQuota] = (),
        pace: AlertPace | None = None,
    ) -> None:
        self._store = store
        self._limits = limits
        self._clock = clock
        self._pace = pace or AlertPace()
        post = AlertPost(routes)
        self._news = NewsDesk(store, post, self._pace)
        self._trends = TrendDesk(store, post, limits, self._pace)
        self._watch = WatchDesk(store, post, quotas, self._pace)
        self._sending = SendingDesk(store, notifier, post, clock, console_url, self._pace)

    async def run(self) -> None:
        """Tell until cancelled. No failure ends it: what was not told stays in the store.

        Its parts go on beside each other: neither a slow channel nor a long look at the clocks delays news.
        """
        jobs = ((self.look, self._pace.look), (self.watch, self._pace.watch), (self.send_due, self._pace.look))
        async with asyncio.TaskGroup() as parts:
            for job, pause in jobs:
                parts.create_task(_again_and_again(job, pause), name=f"alerts: {job.__name__}")

    async def collect(self) -> int:
        """Make an alert of everything that is news now; how many were made."""
        return await self.look() + await self.watch()

    async def look(self) -> int:
        """Tell of exceptions that were opened, or went up a level; how many alerts that made."""
        return await self._news.exceptions(self._clock())

    async def watch(self) -> int:
        """Tell of what a clock or a count has brought about; how many alerts that made.

        What it escalates is told by the next look, which reads it from the store as it reads all else (R74).
        """
        now, made = self._clock(), 0
        for job in (self._trends.trends, self._watch.late, self._watch.quotas, self._escalate):
            try:
                made += await job(now)
            except Exception:  # one kind of news must not hold up the others
                log.exception("alerts of one kind could not be made; they will be tried again")
        return made

    async def send_due(self) -> int:
        """Send what is in the outbox and due; how many messages went out."""
        return await self._sending.send_due()

    async def _escalate(self, now: datetime) -> int:
        """Lift what nobody handled."""
        await escalate(self._store, self._limits, now)
        return 0


async def _again_and_again(job: Callable[[], Awaitable[int]], pause: timedelta) -> None:
    while True:
        try:
            await job()
        except Exception:  # whatever it is, the next alert must still go out
            log.exception("alerts stumbled; they go on")
        await asyncio.sleep(pause.total_seconds())
