"""The read API over HTTP: `GET /bcapi/v1/…` with `X-Api-Key`, closed while a window is open."""

from collections.abc import Callable
from itertools import count
from math import ceil
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from sandbox.bluecherry.reads import LISTS, SINGLES, Ask, Json, NotServed
from sandbox.bluecherry.state import World
from sandbox.kit.app import under_faults
from sandbox.kit.faults import Fault, FaultPlan

BASE = "/bcapi/v1"
PAGE_SIZE = 200
_requests = count(1)


class ReadApi:
    """Answers from the state after the last window."""

    def __init__(
        self, world: World, faults: FaultPlan, api_key: str, page_size: int, closed: Callable[[], bool]
    ) -> None:
        self._world = world
        self._faults = faults
        self._api_key = api_key
        self._page_size = page_size
        self._closed = closed

    def router(self) -> APIRouter:
        """All of it under one route."""
        router = APIRouter()

        @router.get(f"{BASE}/{{path:path}}")
        async def read(path: str, request: Request) -> Response:
            return await self._serve(path, request)

        return router

    async def _serve(self, path: str, request: Request) -> Response:
        name, _, number = path.partition("/")

        async def handle(lag: float) -> Response:
            try:
                return JSONResponse(self._answer(name, number, request, lag))
            except NotServed as refused:
                return _error(refused.status, refused.code, str(refused))

        return await under_faults(self._faults, f"GET {name}", str(request.url), handle, _refuse)

    def _answer(self, name: str, number: str, request: Request, seconds_ago: float) -> Json:
        if request.headers.get("x-api-key") != self._api_key:
            raise NotServed(401, "UNAUTHORIZED", "X-Api-Key is missing or wrong")
        with self._world.lock:
            if self._closed():
                raise NotServed(503, "WINDOW_OPEN", "a batch window is running")
            with self._world.published(seconds_ago) as (lag, as_of):
                ask = Ask(self._world, dict(request.query_params), lag, as_of)
                if number and name in SINGLES:
                    return SINGLES[name](ask, number)
                if not number and name in LISTS:
                    return self._page(ask, LISTS[name](ask))
        raise NotServed(404, "NOT_FOUND", "no such resource")

    def _page(self, ask: Ask, rows: list[Json]) -> Json:
        text = ask.query.get("page", "1")
        if not text.isdecimal() or int(text) < 1:
            raise NotServed(400, "BAD_REQUEST", "pages start at 1")
        page, size = int(text), self._page_size
        data = rows[(page - 1) * size : page * size]
        return {"data": data, "page": page, "pageSize": size, "total": len(rows)}


def _error(status: int, code: str, text: str, **headers: Any) -> Response:
    body = {"error": {"code": code, "message": text, "requestId": f"req-{next(_requests):06d}"}}
    return JSONResponse(body, status, headers=headers)


def _refuse(fault: Fault) -> Response:
    if fault.kind == "throttle":
        return _error(429, "TOO_MANY_REQUESTS", "slow down", **{"Retry-After": str(ceil(fault.seconds))})
    return _error(fault.status, "UNAVAILABLE", "not available")
