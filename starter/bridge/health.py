"""``/healthz`` for "is the process alive", ``/readyz`` for "can it keep what it is sent"."""

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from sqlalchemy.exc import SQLAlchemyError

from domain.model import Value
from starter.bridge.parts import BridgeParts
from starter.bridge.shared import parts_of
from store.records import Backlog

router = APIRouter()
_DATABASE_SECONDS = 3.0

State = Literal["ok", "down"]


class Readiness(Value):
    """`ready` asks for the database only: without Temporal webhooks are kept, and dispatched later.

    `backlog` counts deliveries that no workflow was told of; `backlog_seconds` is the age of the oldest.
    """

    ready: bool
    database: State
    temporal: State
    backlog: int | None = None
    backlog_seconds: float | None = None


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(response: Response, parts: Annotated[BridgeParts, Depends(parts_of)]) -> Readiness:
    """503 when the database is down."""
    backlog, temporal = await asyncio.gather(_backlog(parts), parts.link.reachable())
    if backlog is None:
        response.status_code = 503
        return Readiness(ready=False, database="down", temporal=_state(temporal))
    oldest = backlog.oldest_received_at
    age = (parts.clock() - oldest).total_seconds() if oldest else 0.0
    return Readiness(
        ready=True,
        database="ok",
        temporal=_state(temporal),
        backlog=backlog.count,
        backlog_seconds=round(age, 1),
    )


async def _backlog(parts: BridgeParts) -> Backlog | None:
    try:
        async with asyncio.timeout(_DATABASE_SECONDS), parts.store.reading() as unit:
            return await unit.inbox.backlog()
    except (SQLAlchemyError, OSError, TimeoutError):
        return None


def _state(up: bool) -> State:
    return "ok" if up else "down"
