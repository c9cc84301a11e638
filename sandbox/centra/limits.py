"""Requests in ten seconds and mutations in an hour, counted over a window that slides."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from starlette.responses import Response

from sandbox.centra.exact import dumps
from sandbox.kit.app import plain_refusal
from sandbox.kit.faults import Fault

SAMPLE_REQUESTS, SAMPLE_MUTATIONS = 20, 1000
"""Quotas of a fresh instance, shown by `rateLimits` when none are kept here."""


@dataclass
class _Window:
    quota: int | None
    span: timedelta
    used: deque[datetime] = field(default_factory=deque)

    def left(self, now: datetime) -> int:
        while self.used and self.used[0] + self.span <= now:
            self.used.popleft()
        return 1_000_000 if self.quota is None else self.quota - len(self.used)


class Limits:
    """What may be asked now. None is no limit; calls are counted all the same."""

    def __init__(self, requests: int | None, mutations: int | None, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._requests = _Window(requests, timedelta(seconds=10))
        self._mutations = _Window(mutations, timedelta(hours=1))

    def admit(self, mutations: int) -> datetime | None:
        """Count a request with so many mutations; or, refused, when to come again. Refused ones do not count."""
        with self._lock:
            now = self._clock()
            for window, wanted in ((self._requests, 1), (self._mutations, mutations)):
                if wanted > window.left(now):
                    return (window.used[0] if window.used else now) + window.span
            self._requests.used.append(now)
            self._mutations.used.extend([now] * mutations)
            return None

    def shown(self) -> list[dict[str, Any]]:
        """What `rateLimits` answers."""
        with self._lock:
            now = self._clock()
            rows = [
                ("REQUEST_COUNT", "TEN_SECONDS", self._requests, SAMPLE_REQUESTS),
                ("MUTATION_COUNT", "ONE_HOUR", self._mutations, SAMPLE_MUTATIONS),
            ]
            return [_row(kind, interval, window, sample, now) for kind, interval, window, sample in rows]


def _row(kind: str, interval: str, window: _Window, sample: int, now: datetime) -> dict[str, Any]:
    window.left(now)
    quota = sample if window.quota is None else window.quota
    used = len(window.used)
    return {
        "type": kind,
        "intervalSeconds": interval,
        "quota": quota,
        "usedQuota": used,
        "remainingQuota": max(quota - used, 0),
    }


def come_again(at: datetime) -> Response:
    """429. `Retry-After` is a moment in seconds of the epoch, not a number of seconds to wait."""
    body = dumps({"errors": [{"message": "Too many requests", "extensions": {"category": "rateLimit"}}]})
    headers = {"Retry-After": str(ceil(at.timestamp()))}
    return Response(body, 429, headers=headers, media_type="application/json")


def refuser(clock: Callable[[], datetime]) -> Callable[[Fault], Response]:
    """A throttle fault in Centra's words; any other as it comes."""

    def refuse(fault: Fault) -> Response:
        if fault.kind != "throttle":
            return plain_refusal(fault)
        return come_again(clock() + timedelta(seconds=fault.seconds))

    return refuse
