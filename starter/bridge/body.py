"""Reads a request's body within limits of size, time and kind, before anybody looks at it."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from starter.bridge.answers import Refusal

READ_SECONDS = 10.0


async def json_body(request: Request, cap: int) -> bytes:
    """The raw body of a JSON request, at most `cap` bytes. It is not parsed here.

    Raises Refusal: 415 not JSON, 413 too large (before it is read when its length is given), 408 too slow.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, "not_json", "Send JSON with the header Content-Type: application/json.")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > cap:
        raise _too_large(cap)
    try:
        async with asyncio.timeout(READ_SECONDS):
            return await _read(request, cap)
    except TimeoutError:
        message = f"The body did not arrive within {READ_SECONDS:g} s; send it again."
        raise Refusal(408, "body_too_slow", message, {"Connection": "close"}) from None
    except ClientDisconnect:
        raise Refusal(400, "body_incomplete", "The connection ended before the body did.") from None


async def _read(request: Request, cap: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > cap:
            raise _too_large(cap)
    return bytes(body)


def _too_large(cap: int) -> Refusal:
    message = f"The body is larger than {cap} bytes; nothing of it was read."
    return Refusal(413, "body_too_large", message, {"Connection": "close"})
