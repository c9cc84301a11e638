"""Tells workflows that something happened: inbox → signal-with-start, now or when Temporal is back."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

import structlog
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from desk.clock import Clock
from desk.link import TemporalLink, TemporalUnreachableError, unreachable
from desk.starting import start_or_poke
from domain.connection import Connection
from domain.exceptions import ExceptionCode
from domain.messages import Poke
from domain.outcomes import VendorTrouble
from domain.returns import ReturnRef
from runtime.logs import bound_contextvars
from runtime.telemetry import continued
from starter.bridge.late import LateDesk
from store import Store, Unit
from store.records import PendingPoke, PokeOutcome

log = structlog.get_logger("starter.bridge.dispatch")

#: One exception for the connection, however many of its returns cannot be started (R70).
_REFUSED = ExceptionCode.CONFIG_INVALID


@dataclass(frozen=True)
class Pace:
    """How fast dispatch goes.

    settle: deliveries of a return that was poked before wait this long: a burst becomes one poke (D14)
    poll: the inbox is looked at this often even when nothing new was announced (other bridges, restarts)
    batch: returns per look
    together: pokes under way at once
    first_retry, longest_retry: wait after Temporal did not answer, doubling
    longest_refusal: the same after Temporal, or our configuration, refused this one return
    """

    settle: timedelta = timedelta(seconds=1)
    poll: timedelta = timedelta(seconds=5)
    batch: int = 100
    together: int = 8
    first_retry: timedelta = timedelta(seconds=1)
    longest_retry: timedelta = timedelta(seconds=15)
    longest_refusal: timedelta = timedelta(minutes=5)

    def retry(self, attempts: int, *, down: bool = True) -> timedelta:
        """How long to wait after so many failures before this one."""
        doubled: timedelta = self.first_retry * (1 << min(attempts, 10))
        return min(doubled, self.longest_retry if down else self.longest_refusal)


@dataclass(frozen=True)
class Failed:
    """A poke that did not get through. `down`: no other one would either."""

    reason: str
    down: bool


Result: TypeAlias = PokeOutcome | Failed


class Dispatcher:
    """The background loop of the bridge. Several may run at once: a second poke is harmless."""

    def __init__(
        self,
        store: Store,
        link: TemporalLink,
        connections: Mapping[str, Connection],
        clock: Clock,
        pace: Pace | None = None,
        late: LateDesk | None = None,
    ) -> None:
        self._late = late
        self._store = store
        self._link = link
        self._connections = connections
        self._clock = clock
        self._pace = pace or Pace()
        self._news = asyncio.Event()

    def wake(self) -> None:
        """A delivery was committed: look at the inbox now."""
        self._news.set()

    async def run(self) -> None:
        """Dispatch until cancelled. No failure ends it: what was not told stays in the inbox."""
        failures = 0
        while True:
            self._news.clear()
            try:
                pause = await self.round()
                failures = 0 if pause is not None else failures + 1
            except Exception:  # whatever it is, the next delivery must still go out
                log.exception("dispatch failed; it will try again")
                pause, failures = None, failures + 1
            if pause is None:
                await asyncio.sleep(self._pace.retry(failures - 1).total_seconds())
            else:
                await self._news_or(pause)

    async def round(self) -> timedelta | None:
        """Look at the inbox once and poke what is due.

        How long nothing is due then, or None when Temporal is down.
        """
        async with self._store.reading() as unit:
            due = await unit.inbox.due(self._clock(), self._pace.batch)
        ready = [poke for poke in due if self._unsettled(poke) <= timedelta()]
        for start in range(0, len(ready), self._pace.together):
            if not await self._tell(ready[start : start + self._pace.together]):
                return None
        waits = [self._unsettled(poke) for poke in due if poke not in ready]
        more = timedelta() if ready and len(due) == self._pace.batch else self._pace.poll
        return min([more, *(max(wait, timedelta()) for wait in waits)])

    def _unsettled(self, poke: PendingPoke) -> timedelta:
        """How long its burst may still go on. The first delivery of a return goes at once."""
        if not poke.poked_before:
            return timedelta()
        return poke.first_received_at + self._pace.settle - self._clock()

    async def _tell(self, pokes: Sequence[PendingPoke]) -> bool:
        """Poke some returns side by side and write down what came of each; whether Temporal is up."""
        try:
            client = await self._link.client()
        except TemporalUnreachableError as error:
            log.warning("temporal does not answer; deliveries wait in the inbox", reason=str(error))
            return False
        results = await asyncio.gather(*(self._poke(client, poke) for poke in pokes))
        async with self._store.begin() as unit:
            for poke, result in zip(pokes, results, strict=True):
                await self._write_down(unit, poke, result)
        return not any(isinstance(result, Failed) and result.down for result in results)

    async def _poke(self, client: Client, poke: PendingPoke) -> Result:
        ref = poke.ref
        connection = self._connections.get(ref.connection)
        with bound_contextvars(connection=ref.connection, return_id=ref.return_id):
            if connection is None:
                return _failed(f"connection {ref.connection} is not configured any more", down=False)
            try:
                with continued(poke.traceparent):
                    news = Poke(reason="webhook", occurred_at=poke.occurred_at)
                    await start_or_poke(client, ref, connection, news)
            except WorkflowAlreadyStartedError:
                return await self._review(ref)
            except RPCError as error:
                return _failed(f"{error.status.name.lower()}: {error.message}", down=unreachable(error))
        return "signalled" if poke.poked_before else "started"

    async def _review(self, ref: ReturnRef) -> Result:
        """News about a return that has ended: nothing starts again, and nothing passes in silence."""
        log.info("news after the return was closed")
        if self._late is not None:
            try:
                await self._late.review(ref)
            except VendorTrouble as trouble:
                return _failed(f"the platform cannot be read: {trouble}", down=False)
        return "after_close"

    async def _write_down(self, unit: Unit, poke: PendingPoke, result: Result) -> None:
        now = self._clock()
        if isinstance(result, Failed):
            until = now + self._pace.retry(poke.attempts, down=result.down)
            await unit.inbox.postpone(poke.connection, poke.delivery_ids, until, result.reason)
            if not result.down:
                reason = f"Return {poke.ref} cannot be started: {result.reason}. It is tried again."
                await unit.exceptions.open_for_connection(poke.connection, _REFUSED, reason, now)
            return
        await unit.inbox.settle(poke.connection, poke.delivery_ids, result, now)
        if result == "after_close":
            text = "News of this return came after it was closed. It stays closed."
            key = f"after-close:{poke.delivery_ids[0]}"
            await unit.timeline.add(poke.ref, key, now, "backhaul", "webhook", text)

    async def _news_or(self, pause: timedelta) -> None:
        try:
            async with asyncio.timeout(pause.total_seconds()):
                await self._news.wait()
        except TimeoutError:
            pass


def _failed(reason: str, down: bool) -> Failed:
    log.warning("a return could not be poked; it will be tried again", reason=reason)
    return Failed(reason, down)
