"""Sends what is in the outbox, over each channel by itself: one that does not work holds up no other one."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from desk.alert_making import undelivered_alert
from desk.alert_pace import AlertPace
from desk.alert_post import AlertPost
from desk.clock import Clock
from domain.alert_rules import RuleId
from domain.alert_text import render
from domain.alerts import Alert
from runtime.notify import Message, Notifier
from store import Store, Unit
from store.alert_records import AlertState, DueSend

_OVER = "it was over before it was sent"
_GONE = "the channel is not configured any more"
#: A channel that does not work is told of again after so long.
_REMIND = timedelta(hours=24)

log = structlog.get_logger("desk.alerts")


class SendingDesk:
    """Sends alerts. Several may run: what one of them has claimed, no other one sends."""

    def __init__(
        self, store: Store, notifier: Notifier, post: AlertPost, clock: Clock, console_url: str, pace: AlertPace
    ) -> None:
        self._store = store
        self._notifier = notifier
        self._post = post
        self._clock = clock
        self._console_url = console_url
        self._pace = pace

    async def send_due(self) -> int:
        """Send what is due now; how many messages went out. Ends within the time that one channel is given for each."""
        now = self._clock()
        async with self._store.reading() as unit:
            if not await unit.alerts.has_due(now):
                return 0
        async with self._store.begin() as unit:
            due = await unit.alerts.claim(now, now + self._pace.lease, self._pace.batch, self._pace.per_channel)
        by_channel: dict[str, list[DueSend]] = {}
        for one in due:
            by_channel.setdefault(one.channel, []).append(one)
        return sum(await asyncio.gather(*(self._channel(*both) for both in by_channel.items())))

    async def _channel(self, channel: str, due: Sequence[DueSend]) -> int:
        """Send over one channel, one after the other; the first failure puts the rest off."""
        sent = 0
        for position, one in enumerate(due):
            if await self._over(one.alert):
                continue
            reason = await self._try(channel, one.alert)
            async with self._store.begin() as unit:
                if not reason:
                    await unit.alerts.settle(one.alert.key, channel, AlertState.SENT, self._clock())
                    sent += 1
                    continue
                later = await self._failed(unit, one, reason)
                for other in due[position + 1 :]:
                    await unit.alerts.put_off(other.alert.key, channel, later)
            break
        return sent

    async def _over(self, alert: Alert) -> bool:
        """Whether everything that it tells of has ended; then nobody needs to hear it."""
        async with self._store.begin() as unit:
            if not (await unit.alert_news.over(alert.key) or await unit.alert_late.over(alert.key)):
                return False
            await unit.alerts.hush(alert.key, _OVER, self._clock())
        return True

    async def _try(self, channel: str, alert: Alert) -> str:
        """Empty when the channel took it, else why not."""
        url = self._post.routes.url(channel)
        if url is None:
            return _GONE
        text = render(alert, self._console_url)
        message = Message(subject=text.subject, text=text.text, markdown=text.markdown)
        return (await self._notifier.send({channel: url}, message)).get(channel, "")

    async def _failed(self, unit: Unit, one: DueSend, reason: str) -> datetime:
        """Write a failure down; when the channel is tried again."""
        now, key, channel = self._clock(), one.alert.key, one.channel
        later = now + self._pace.retry(one.attempts)
        known = log.bind(alert=key, channel=channel, reason=reason, tries=one.attempts + 1)
        if one.attempts + 1 < self._pace.tries and reason != _GONE:
            known.warning("an alert could not be sent; it will be tried again")
            await unit.alerts.again(key, channel, later, reason)
            return later
        known.error("an alert was not delivered; it is only shown in the console")
        await unit.alerts.settle(key, channel, AlertState.FAILED, now, reason)
        if one.alert.rule is not RuleId.NOT_DELIVERED:
            await self._tell(unit, channel, reason, now)
        return now

    async def _tell(self, unit: Unit, channel: str, reason: str, now: datetime) -> None:
        """Tell over the other channels that this one does not work, once a day."""
        await unit.alerts.lock()
        topic = f"undelivered:{channel}"
        if not await unit.alerts.made(topic, now - _REMIND):
            alert = undelivered_alert(await self._post.next_key(unit, topic), topic, channel, reason)
            await self._post.put(unit, alert, now, without=channel)
