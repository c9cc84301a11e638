"""A receiver of webhooks that remembers what arrived and answers as told, to look at the wire."""

import json
import threading
from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.reveni.signing import HEADER, signature


@dataclass(frozen=True)
class Delivery:
    """One request as it arrived."""

    signature: str
    content_type: str
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The envelope."""
        envelope: dict[str, Any] = json.loads(self.body)
        return envelope

    @property
    def t(self) -> Decimal:
        """Epoch seconds of the signature."""
        return Decimal(self._parts["t"])

    def signed_with(self, api_key: str) -> bool:
        """True when the signature is right for that key."""
        return self._parts["v1"] == signature(api_key, self._parts["t"], self.body)

    @property
    def _parts(self) -> dict[str, str]:
        return dict(part.split("=", 1) for part in self.signature.split(","))


class Receiver:
    """Serve `app` with sandbox.kit.server. Answers the statuses in `answers` in turn, then 200."""

    def __init__(self, *answers: int) -> None:
        self.answers = deque(answers)
        self._deliveries: list[Delivery] = []
        self._lock = threading.Lock()
        self.app = Starlette(routes=[Route("/{path:path}", self._receive, methods=["POST"])])

    @property
    def deliveries(self) -> list[Delivery]:
        """What arrived so far, in order of arrival."""
        with self._lock:
            return list(self._deliveries)

    async def _receive(self, request: Request) -> Response:
        headers = request.headers
        delivery = Delivery(headers.get(HEADER, ""), headers.get("content-type", ""), await request.body())
        with self._lock:
            self._deliveries.append(delivery)
            return Response(status_code=self.answers.popleft() if self.answers else 200)
