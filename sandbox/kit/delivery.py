"""Webhook delivery: at least once, unordered, in the ways a policy asks for."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from sandbox.kit.background import Background
from sandbox.kit.journal import Journal
from sandbox.kit.wanted import DeliveryPolicy

TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Event:
    """One webhook event. `body` is the envelope sent at every try; `urls` are its receivers at emission."""

    id: str
    name: str
    return_id: str
    body: bytes
    urls: tuple[str, ...]


@dataclass
class _Group:
    """Events held back until `due`, to be sent newest first."""

    events: list[Event] = field(default_factory=list)
    due: asyncio.Event = field(default_factory=asyncio.Event)


class Deliverer:
    """Sends events from a thread of its own; `send` never blocks.

    A try that is not answered 2xx within 10 s is repeated after each of `retry_seconds` in turn, then given
    up. Every try is journaled: `webhook_delivered` (2xx, with `status_code`), `webhook_refused` (another
    status), `webhook_unanswered` (no answer), at the end `webhook_given_up`. `headers` are made afresh at each try.
    """

    def __init__(
        self,
        vendor: str,
        retry_seconds: Sequence[float],
        journal: Journal,
        headers: Callable[[Event], Mapping[str, str]] = lambda event: {},
    ) -> None:
        self._headers = headers
        self._retry_seconds = tuple(retry_seconds)
        self._journal = journal
        self._background = Background(f"{vendor}-webhooks")
        self._lock = threading.Lock()
        self._groups: dict[str, _Group] = {}
        self._client: httpx.AsyncClient | None = None

    def send(self, event: Event, policy: DeliveryPolicy) -> None:
        """Deliver the event as the policy of its return says."""
        if policy.lost or not event.urls:
            return
        if policy.hold > 1:
            self._hold(event, policy)
        else:
            self._background.spawn(self._send_in_order([event], policy))

    async def drain(self, timeout: float | None = None) -> None:
        """Wait until nothing is under way: late, held (released now) and retried deliveries included.

        Raises TimeoutError after `timeout` seconds.
        """
        self.release()
        await asyncio.wait_for(self._background.idle(), timeout)

    async def stop(self) -> None:
        """Cancel what is under way. A later `send` starts anew."""
        with self._lock:
            self._groups.clear()
        await self._background.stop(self._close())

    def release(self) -> None:
        """Send all held events now."""
        with self._lock:
            groups, self._groups = list(self._groups.values()), {}
        for group in groups:
            self._background.spawn(_set(group.due))

    def _hold(self, event: Event, policy: DeliveryPolicy) -> None:
        with self._lock:
            if event.return_id not in self._groups:
                self._groups[event.return_id] = _Group()
                self._background.spawn(self._send_group(self._groups[event.return_id], policy))
            group = self._groups[event.return_id]
            group.events.append(event)
            if len(group.events) >= policy.hold:
                del self._groups[event.return_id]
                self._background.spawn(_set(group.due))

    async def _send_group(self, group: _Group, policy: DeliveryPolicy) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(group.due.wait(), policy.hold_seconds)
        with self._lock:
            self._groups = {key: other for key, other in self._groups.items() if other is not group}
        await self._send_in_order(list(reversed(group.events)), policy)

    async def _send_in_order(self, events: list[Event], policy: DeliveryPolicy) -> None:
        """First tries (and second copies) one after the other; retries run beside them."""
        await asyncio.sleep(policy.late_seconds)
        for event in events:
            for url in event.urls:
                for _ in range(2 if policy.duplicate else 1):
                    if not await self._try(event, url):
                        self._background.spawn(self._retry(event, url))

    async def _retry(self, event: Event, url: str) -> None:
        for seconds in self._retry_seconds:
            await asyncio.sleep(seconds)
            if await self._try(event, url):
                return
        self._journal.append("webhook_given_up", return_id=event.return_id, event_id=event.id, event=event.name)

    async def _try(self, event: Event, url: str) -> bool:
        headers = {"Content-Type": "application/json", **self._headers(event)}
        facts = {"return_id": event.return_id, "event_id": event.id, "event": event.name}
        try:
            answer = await self._http().post(url, content=event.body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as trouble:  # nobody checks a URL when it is registered
            self._journal.append("webhook_unanswered", **facts, error=type(trouble).__name__)
            return False
        op = "webhook_delivered" if answer.is_success else "webhook_refused"
        self._journal.append(op, **facts, status_code=answer.status_code)
        return answer.is_success

    def _http(self) -> httpx.AsyncClient:
        """One client for all, made in the background loop; a fresh connection for each delivery."""
        if self._client is None:
            timeout = httpx.Timeout(TIMEOUT_SECONDS, pool=None)
            limits = httpx.Limits(max_connections=20, max_keepalive_connections=0)
            self._client = httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)
        return self._client

    async def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


async def _set(due: asyncio.Event) -> None:
    due.set()
