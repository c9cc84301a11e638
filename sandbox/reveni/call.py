"""One API call as a handler sees it, and the gate it passes first: key, store, media types, rate."""

import hmac
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from starlette.requests import Request

from sandbox.reveni.errors import detail


class Call:
    """A request that passed the gate. `lag` is how many seconds its reads lie in the past."""

    def __init__(self, request: Request, raw: bytes, lag: float) -> None:
        self.request = request
        self.lag = lag
        self._raw = raw

    def path(self, name: str) -> str:
        """A path parameter."""
        value: str = self.request.path_params[name]
        return value

    def query(self, name: str) -> str | None:
        """A query parameter; empty counts as absent."""
        return self.request.query_params.get(name) or None

    def json(self) -> Any:
        """The parsed body. Raises a 400 when it is not JSON."""
        try:
            return json.loads(self._raw)
        except ValueError as error:
            raise detail(400, f"JSON parse error - {error}") from error


class Gate:
    """Lets a request in or raises the refusal: 401, 403, 406, 415 or 429."""

    def __init__(self, store_id: str, api_key: str, rate_limit: int | None) -> None:
        self._store_id = store_id
        self._api_key = api_key
        self._rate = RateLimit(rate_limit) if rate_limit else None

    def check(self, request: Request) -> None:
        """Check in the order of the framework: who, where, how, how often."""
        self._check_key(request)
        if request.path_params["store_id"] != self._store_id:
            raise detail(403, "You do not have permission to perform this action.")
        _check_media(request)
        if self._rate and not self._rate.admits():
            raise detail(429, "Request was throttled.", {"Retry-After": "1"})

    def _check_key(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        challenge = {"WWW-Authenticate": "Bearer"}
        if scheme.lower() != "bearer" or not key:
            raise detail(401, "Authentication credentials were not provided.", challenge)
        if not hmac.compare_digest(key.encode(), self._api_key.encode()):
            raise detail(401, "Invalid token.", challenge)


def _check_media(request: Request) -> None:
    accept = request.headers.get("accept", "*/*")
    wanted = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    if not wanted & {"application/json", "application/*", "*/*"}:
        raise detail(406, "Could not satisfy the request Accept header.")
    sent = request.headers.get("content-type", "")
    if request.method in ("POST", "PATCH") and sent.partition(";")[0].strip().lower() != "application/json":
        raise detail(415, f'Unsupported media type "{sent}" in request.')


class RateLimit:
    """At most `per_second` calls within any second."""

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._admitted: deque[float] = deque()

    def admits(self) -> bool:
        """Count the call if it may pass; a refused call does not count."""
        with self._lock:
            now = self._clock()
            while self._admitted and now - self._admitted[0] >= 1:
                self._admitted.popleft()
            if len(self._admitted) >= self._per_second:
                return False
            self._admitted.append(now)
            return True
