"""Answers that are no pages: is it alive, style and script, the metrics."""

import asyncio
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from console.pages import static_files
from console.parts import ConsoleParts, parts_of
from console.trouble import not_found
from desk.metrics import metrics_text

router = APIRouter()
#: Metrics are read from the store no more often, however many ask.
_KEPT_FOR = timedelta(seconds=15)
_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@router.get("/healthz")
async def healthz() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok\n")


@dataclass
class KeptMetrics:
    """The text of the metrics, shared by all who ask within a short while."""

    text: str = ""
    read_at: datetime | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def current(self, parts: ConsoleParts) -> str:
        """The text, read anew when it is old."""
        async with self._turn:
            now = parts.clock()
            if self.read_at is None or now - self.read_at >= _KEPT_FOR:
                self.text = await metrics_text(parts.store, list(parts.connections.values()), now)
                self.read_at = now
            return self.text


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """For Prometheus, with the bearer token of BACKHAUL_METRICS_TOKEN; closed without one."""
    parts = parts_of(request)
    if parts.metrics_token is None:
        raise not_found("page")
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    wanted = parts.metrics_token.get_secret_value().encode()
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), wanted):
        return PlainTextResponse("Send Authorization: Bearer and the token.\n", 401, {"WWW-Authenticate": "Bearer"})
    kept: KeptMetrics = request.app.state.metrics
    return PlainTextResponse(await kept.current(parts), media_type="text/plain; version=0.0.4")


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """Style or script; its address changes with its content, so it may be kept for ever."""
    content = static_files().get(name)
    if content is None:
        raise not_found("file")
    kind = _KINDS[name.rpartition(".")[2]]
    return Response(content, media_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})


@router.get("/")
async def first(_: Request) -> RedirectResponse:
    """The first page."""
    return RedirectResponse("/returns", 303)
