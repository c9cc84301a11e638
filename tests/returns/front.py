"""A front before a sandbox: it counts what is asked, and answers for the vendor where a test says so."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Front:
    """An ASGI app before another one, which a test names once it exists.

    `answers`: text that occurs in path or body → body that is answered with 200 instead of asking the vendor.
    `seen`: path and body of every request, in order.
    """

    media_type: str
    app: ASGIApp | None = None
    answers: dict[str, bytes] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def asked(self, word: str, since: int = 0) -> list[str]:
        """Requests that contain this word, from the number `since` on."""
        return [text for text in self.seen[since:] if word in text]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        text = f"{scope['path']} {body.decode()}"
        self.seen.append(text)
        for word, answer in self.answers.items():
            if word in text:
                await _answer(send, answer, self.media_type)
                return
        assert self.app is not None
        await self.app(scope, _replay(body, receive), send)


def request_types(requests: list[str]) -> Counter[str]:
    """How often each Prima message was sent."""
    return Counter(kind for text in requests for kind in re.findall(r'RequestType="(\w+)"', text))


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return parts.pop() if parts else await receive()

    return again


async def _answer(send: Send, body: bytes, media_type: str) -> None:
    headers: list[Any] = [(b"content-type", media_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
