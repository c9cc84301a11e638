"""Runs one vendor operation under the fault plan, and really breaks the connection where it says so."""

import asyncio
from collections.abc import Awaitable, Callable
from math import ceil

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox.kit.faults import Fault, FaultPlan

Handler = Callable[[float], Awaitable[Response]]
"""Does the vendor's work and answers. Argument: the lag in seconds a read must show (0.0: the present)."""

Refusal = Callable[[Fault], Response]
"""The vendor's own words for a `throttle` or `unavailable` fault."""

GARBAGE = b"\x00\x1f<<not what you asked for {[&"


async def under_faults(
    plan: FaultPlan, operation: str, text: str, handler: Handler, refuse: Refusal | None = None
) -> Response:
    """Answer one request to `operation` (name as in the vendor's documentation), whose full text is `text`.

    The handler runs at most once. Refusing faults keep it from running; answer faults let it run and then
    spoil the answer, so that the effect is there and the caller cannot know.
    """
    faults = plan.draw(operation, text)
    for fault in faults:
        if fault.kind == "latency":
            await asyncio.sleep(fault.seconds)
    main = next((fault for fault in faults if fault.kind != "latency"), None)
    if main is not None and main.kind in ("throttle", "unavailable"):
        return (refuse or plain_refusal)(main)
    answer = await handler(main.seconds if main is not None and main.kind == "stale_read" else 0.0)
    return answer if main is None else spoil(main, answer)


def plain_refusal(fault: Fault) -> Response:
    """429 with Retry-After (whole seconds, rounded up) for `throttle`, else the fault's status."""
    if fault.kind == "throttle":
        return PlainTextResponse("Too Many Requests", 429, headers={"Retry-After": str(ceil(fault.seconds))})
    return PlainTextResponse("Service Unavailable", fault.status)


def spoil(fault: Fault, answer: Response) -> Response:
    """The answer of a request that was applied, as the fault lets it through."""
    match fault.kind:
        case "lost_answer":
            return CutConnection() if fault.status == 0 else PlainTextResponse("Gateway trouble", fault.status)
        case "cut_body":
            return CutBody(answer)
        case "malformed_body":
            return Response(GARBAGE, 200, media_type=answer.headers.get("content-type"))
        case _:
            return answer


class CutConnection(Response):
    """Closes the connection without sending a byte. httpx raises RemoteProtocolError."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _close(scope, receive)


class CutBody(Response):
    """Sends the head and half the body of another answer, then closes. httpx: RemoteProtocolError."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = str(len(self.body) + 1).encode()
        head = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        headers = [*head, (b"content-length", length)]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
        await _close(scope, receive)

    def __init__(self, answer: Response) -> None:
        super().__init__(bytes(answer.body), answer.status_code)
        self.raw_headers = list(answer.raw_headers)


async def _close(scope: Scope, receive: Receive) -> None:
    """Close the socket under this request and wait until the server knows, so that it adds no answer.

    Needs the protocol of sandbox.kit.server, which puts `close_connection` into the scope's state.
    """
    scope["state"]["close_connection"]()
    while (await receive())["type"] != "http.disconnect":
        pass
