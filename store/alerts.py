"""Alerts that were made: once each, what they told of, and their way over each channel."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, tuple_
from sqlmodel import col, func, select, update

from domain.alerts import Alert
from store.alert_records import AlertRecord, AlertState, DueSend, SendRecord
from store.scope import Scope
from store.tables_alerts import AlertRow, AlertSendRow

_LOCK = "alerts"


class Alerts:
    """Alerts of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def lock(self) -> None:
        """Have only one process decide at a time what is news, until this transaction ends."""
        await self._scope.lock(_LOCK)

    async def add(self, alert: Alert, channels: Collection[str], now: datetime, note: str = "") -> bool:
        """Make an alert that goes out over these channels; whether it is new. Without channels it is only shown."""
        state = AlertState.WAITING if channels else AlertState.QUIET
        row: dict[str, Any] = {
            **alert.model_dump(mode="json", include={"key", "topic", "rule", "connection", "owner", "level", "title"}),
            "content": alert.model_dump(mode="json"),
            "count": alert.count,
            "state": state,
            "note": note,
            "made_at": now,
            "settled_at": None if channels else now,
        }
        if not await self._scope.insert_new(AlertRow, row):
            return False
        for channel in channels:
            send = {"alert_key": alert.key, "channel": channel, "state": AlertState.WAITING, "attempts": 0}
            await self._scope.insert_new(AlertSendRow, {**send, "due_at": now, "reason": ""})
        return True

    async def joined(self, key: str, more: int) -> None:
        """Further things of the same cause are told of by this alert, quietly."""
        await self._scope.change(
            update(AlertRow).where(col(AlertRow.key) == key).values(count=col(AlertRow.count) + more)
        )

    async def made(self, topic: str, since: datetime | None = None) -> int:
        """How many alerts a topic has had, since a moment or ever."""
        query = select(func.count()).select_from(AlertRow).where(AlertRow.topic == topic)
        if since is not None:
            query = query.where(col(AlertRow.made_at) > since)
        return await self._scope.first(query) or 0

    async def claim(self, now: datetime, until: datetime, limit: int, per_channel: int) -> list[DueSend]:
        """What is due, claimed for the caller until `until`: the oldest first, so many for each channel."""
        free = or_(col(AlertSendRow.claimed_until).is_(None), col(AlertSendRow.claimed_until) <= now)
        due = (col(AlertSendRow.state) == AlertState.WAITING, col(AlertSendRow.due_at) <= now, free)
        place = func.row_number().over(
            partition_by=col(AlertSendRow.channel), order_by=(col(AlertSendRow.due_at), col(AlertSendRow.alert_key))
        )
        ranked = select(AlertSendRow.alert_key, AlertSendRow.channel, place.label("place")).where(*due).subquery()
        candidates = await self._scope.tuples(
            select(ranked.c.alert_key, ranked.c.channel).where(ranked.c.place <= per_channel).limit(limit)
        )
        claimed: list[DueSend] = []
        for key, channel in candidates:
            taken = update(AlertSendRow).where(*_one(key, channel), *due).values(claimed_until=until)
            if await self._scope.change(taken):
                claimed.append(await self._due(key, channel))
        return claimed

    async def has_due(self, now: datetime) -> bool:
        """Whether anything waits to be sent now."""
        query = select(AlertSendRow.alert_key).where(
            AlertSendRow.state == AlertState.WAITING, col(AlertSendRow.due_at) <= now
        )
        return await self._scope.first(query.limit(1)) is not None

    async def settle(self, key: str, channel: str, state: AlertState, now: datetime, reason: str = "") -> None:
        """The way over one channel has ended: sent, or failed for good."""
        await self._send(key, channel, {"state": state, "reason": reason, "settled_at": now, "claimed_until": None})
        await self._derive(key, now)

    async def again(self, key: str, channel: str, at: datetime, reason: str) -> None:
        """A try failed: the next one is at `at`."""
        tries = {"attempts": col(AlertSendRow.attempts) + 1}
        await self._send(key, channel, {"due_at": at, "reason": reason, "claimed_until": None, **tries})

    async def put_off(self, key: str, channel: str, at: datetime) -> None:
        """It was not tried after all, because its channel does not work: at `at` again."""
        await self._send(key, channel, {"due_at": at, "claimed_until": None})

    async def hush(self, key: str, note: str, now: datetime) -> None:
        """Nobody needs to hear it any more: what has not gone out stays here."""
        await self._scope.change(
            update(AlertSendRow)
            .where(col(AlertSendRow.alert_key) == key, col(AlertSendRow.state) == AlertState.WAITING)
            .values(state=AlertState.QUIET, settled_at=now, claimed_until=None)
        )
        await self._scope.change(update(AlertRow).where(col(AlertRow.key) == key).values(note=note))
        await self._derive(key, now)

    async def get(self, key: str) -> AlertRecord | None:
        """One alert, or None."""
        row = await self._scope.first(select(AlertRow).where(AlertRow.key == key))
        return (await self._records([row]))[0] if row else None

    async def recent(
        self,
        limit: int = 50,
        *,
        state: AlertState | None = None,
        owner: str | None = None,
        before: str | None = None,
    ) -> list[AlertRecord]:
        """Up to `limit` alerts that fit all given filters, the latest first. `before`: key of the last one of a page.

        A key that is not known begins at the beginning.
        """
        place = (col(AlertRow.made_at), col(AlertRow.key))
        query = select(AlertRow).order_by(*(column.desc() for column in place)).limit(limit)
        if state is not None:
            query = query.where(AlertRow.state == state)
        if owner is not None:
            query = query.where(AlertRow.owner == owner)
        anchors = await self._scope.tuples(select(*place).where(AlertRow.key == before)) if before else []
        for anchor in anchors:
            query = query.where(tuple_(*place) < anchor)
        return await self._records(await self._scope.rows(query))

    async def _records(self, rows: Sequence[AlertRow]) -> list[AlertRecord]:
        sends: dict[str, list[SendRecord]] = {}
        query = select(AlertSendRow).where(col(AlertSendRow.alert_key).in_([row.key for row in rows]))
        for send in await self._scope.rows(query.order_by(col(AlertSendRow.channel))):
            record = SendRecord.model_validate(send.model_dump(include=set(SendRecord.model_fields)))
            sends.setdefault(send.alert_key, []).append(record)
        return [
            AlertRecord(
                alert=Alert.model_validate(row.content),
                state=AlertState(row.state),
                count=row.count,
                note=row.note,
                made_at=row.made_at,
                settled_at=row.settled_at,
                sends=sends.get(row.key, []),
            )
            for row in rows
        ]

    async def _due(self, key: str, channel: str) -> DueSend:
        content = await self._scope.first(select(AlertRow.content).where(AlertRow.key == key))
        attempts = await self._scope.first(select(AlertSendRow.attempts).where(*_one(key, channel)))
        return DueSend(alert=Alert.model_validate(content), channel=channel, attempts=attempts or 0)

    async def _send(self, key: str, channel: str, values: Mapping[str, Any]) -> None:
        await self._scope.change(update(AlertSendRow).where(*_one(key, channel)).values(**values))

    async def _derive(self, key: str, now: datetime) -> None:
        """The alert's state from those of its channels: it waits while one waits, and failed when one failed."""
        query = select(AlertSendRow.state).where(AlertSendRow.alert_key == key).distinct()
        found = set(await self._scope.rows(query))
        order = (AlertState.WAITING, AlertState.FAILED, AlertState.SENT)
        state = next((state for state in order if state in found), AlertState.QUIET)
        settled = None if state is AlertState.WAITING else now
        await self._scope.change(
            update(AlertRow).where(col(AlertRow.key) == key).values(state=state, settled_at=settled)
        )


def _one(key: str, channel: str) -> tuple[ColumnElement[bool], ...]:
    return col(AlertSendRow.alert_key) == key, col(AlertSendRow.channel) == channel
