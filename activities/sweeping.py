"""Sweeping the two systems of a connection: changes whose webhook never came, and whether each side answers (R2, R83).

What is found goes into the inbox, and from there the way of every webhook. Trouble ends a sweep and not the next one:
it is the connection's, never a return's (E63).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError
from temporalio import activity

from activities.edge import Edge, Link, foreseen
from activities.sweep_sides import note_answer, note_trouble
from activities.sweep_signatures import PlatformSwept, Probed, ProbeOrder, SweepOrder
from domain.connection import Connection
from domain.outcomes import Rejected, RetryLater, VendorTrouble
from domain.returns import ChangedReturn, Delivery, ReturnRef
from store.sweep_records import HeardOf, Side
from store.unit import Unit

#: The watermark of the platform's list of returns, and the event of what is found in it.
RETURNS_MARK = "returns"
SWEEP_EVENT = "sweep"
#: Returns that are looked at in one transaction, and those of them that a doubt makes us read.
_PAGE, _LOOK_UPS = 500, 50
#: A read so long after a change shows it, whatever the platform's clock leaves out and however ours differs a little.
_SAME_SECOND = timedelta(seconds=2)


class PlatformSweep:
    """Implements `SweepPlatformSteps` for one connection."""

    def __init__(self, edge: Edge, link: Link) -> None:
        self._edge = edge
        self._link = link

    @activity.defn
    async def sweep_platform(self, request: SweepOrder) -> PlatformSwept:
        """Take in every return that changed since the last sweep, and some time before, and that we did not hear of."""
        async with foreseen():
            connection, now = self._link.connection, self._edge.clock()
            since = request.since or await self._since(now)
            try:
                changed = await self._link.platform.list_returns(since, now)
            except VendorTrouble as trouble:
                return PlatformSwept(trouble=await self._note(trouble))
            await note_answer(self._edge, connection, Side.PLATFORM, Side.LISTING)
            picked_up = 0
            for page in _pages(changed):
                picked_up += await self._take_in(page, since, now)
            async with self._edge.store.begin() as unit:
                await unit.sweep.looked_until(connection.name, RETURNS_MARK, now)
            return PlatformSwept(listed=len(changed), picked_up=picked_up)

    async def _since(self, now: datetime) -> datetime:
        connection = self._link.connection
        async with self._edge.store.reading() as unit:
            last = await unit.sweep.watermark(connection.name, RETURNS_MARK)
        return (last or now) - connection.limits.sweep_back

    async def _note(self, trouble: VendorTrouble) -> str:
        """Whether the platform is silent, or only gives no list: a used quota closes the list and nothing else."""
        connection = self._link.connection
        if not _closed_for_long(trouble, connection):
            try:
                await self._link.platform.probe()
            except VendorTrouble:
                return await note_trouble(self._edge, connection, Side.PLATFORM, trouble)
            await note_answer(self._edge, connection, Side.PLATFORM)
        return await note_trouble(self._edge, connection, Side.LISTING, trouble)

    async def _take_in(self, changed: Sequence[ChangedReturn], since: datetime, now: datetime) -> int:
        """Put the unheard ones of a page into the inbox; how many there were."""
        name = self._link.connection.name
        usable = [one for one in changed if _usable(name, one)]
        async with self._edge.store.reading() as unit:
            heard = await unit.sweep.heard_of(name, [one.return_id for one in usable])
            news = [_News(one, heard[one.return_id], now) for one in usable]
            known = await unit.sweep.deliveries(name, [one.delivery.delivery_id for one in news])
        news = [one for one in news if one.delivery.delivery_id not in known]
        doubtful = [one for one in news if one.in_doubt]
        unheard = [one for one in news if not one.in_doubt and one.is_unheard(since)]
        unheard += await self._looked_up(doubtful[:_LOOK_UPS])
        if unheard:
            async with self._edge.store.begin() as unit:
                for one in unheard:
                    await _accept(unit, name, one.delivery, now)
            activity.logger.info("%d returns changed on the platform without a webhook", len(unheard))
        return len(unheard)

    async def _looked_up(self, doubtful: Sequence["_News"]) -> list["_News"]:
        """Those that really are another than we have read. The others are never looked up for this change again."""
        name = self._link.connection.name
        changed: list[_News] = []
        for one in doubtful:
            return_id = one.change.return_id
            try:
                fresh = await self._link.platform.read_return(return_id)
            except VendorTrouble:
                return changed  # the next sweep lists the rest again
            async with self._edge.store.begin() as unit:
                if not await unit.sweep.shows(ReturnRef(connection=name, return_id=return_id), fresh):
                    changed.append(one)
                    continue
                await _accept(unit, name, one.delivery, one.now)
                await unit.inbox.settle(name, [one.delivery.delivery_id], "ignored", one.now)
        return changed


@dataclass(frozen=True)
class _News:
    """One listed return, and what we had heard of it by `now`."""

    change: ChangedReturn
    heard: HeardOf
    now: datetime

    @property
    def in_doubt(self) -> bool:
        """Whether it may have changed once more in the second of the change that we have read, after we read it.

        The platforms' clocks have whole seconds, and a webhook brings us there in less.
        """
        at, heard = self.change.changed_at, self.heard
        if heard.undelivered or at is None or heard.seen != at:
            return False
        return heard.read_at is None or heard.read_at < at + _SAME_SECOND

    def is_unheard(self, since: datetime) -> bool:
        """Whether it must be read: unknown, or changed after what we read, and nobody is about to read it."""
        at, heard = self.change.changed_at, self.heard
        if heard.undelivered:
            return False
        if not heard.known:
            return heard.told_at is None or at is None or heard.told_at < at
        if at is None:
            return heard.told_at is None or heard.told_at < since
        return heard.seen is None or heard.seen < at

    @property
    def delivery(self) -> Delivery:
        """As a webhook of this very change: found by a second sweep, it is the same one.

        In doubt it is a second change of the same time, after our read.
        """
        at = self.heard.read_at if self.in_doubt else self.change.changed_at
        moment = (at or self.now).strftime("%Y%m%dT%H%M%S.%f")
        return Delivery(
            delivery_id=f"sweep-{self.change.return_id}-{moment}",
            event=SWEEP_EVENT,
            return_id=self.change.return_id,
            occurred_at=self.change.changed_at,
        )


class ErpProbe:
    """Implements `SweepErpSteps` for one ERP. `links` has every connection of these books by name."""

    def __init__(self, edge: Edge, links: Mapping[str, Link]) -> None:
        self._edge = edge
        self._links = links

    @activity.defn
    async def probe_erp(self, request: ProbeOrder) -> Probed:
        """Prove that the ERP answers. A batch ERP is not asked while a window is open: it may be busy then (E64)."""
        async with foreseen():
            link = self._links[request.connection]
            if link.closed is not None and link.closed.open_at(self._edge.clock()):
                return Probed()
            try:
                await link.erp.probe()
            except VendorTrouble as trouble:
                return Probed(trouble=await note_trouble(self._edge, link.connection, Side.ERP, trouble))
            await note_answer(self._edge, link.connection, Side.ERP)
            return Probed()


def _closed_for_long(trouble: VendorTrouble, connection: Connection) -> bool:
    """Whether the vendor itself said when to come again, and that this is no matter of a moment: a quota."""
    delay = trouble.delay if isinstance(trouble, RetryLater) else None
    return isinstance(trouble, Rejected) or (delay is not None and delay >= connection.policy.outage_limit)


async def _accept(unit: Unit, connection: str, delivery: Delivery, now: datetime) -> None:
    digest = hashlib.sha256(delivery.delivery_id.encode()).hexdigest()
    await unit.inbox.accept(connection, delivery, digest, "", now)


def _usable(connection: str, one: ChangedReturn) -> bool:
    try:
        ReturnRef(connection=connection, return_id=one.return_id)
    except ValidationError:
        activity.logger.warning("the platform lists a return whose id cannot be used")
        return False
    return True


def _pages(changed: Sequence[ChangedReturn]) -> Iterator[Sequence[ChangedReturn]]:
    for start in range(0, len(changed), _PAGE):
        yield changed[start : start + _PAGE]
