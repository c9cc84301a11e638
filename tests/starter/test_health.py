"""What an orchestrator asks the bridge."""

import pytest
from sqlalchemy.exc import OperationalError

from desk.link import TemporalLink
from store import Store
from tests.starter.given import Desk, bridge, event


async def test_healthz_answers_without_temporal(desk: Desk) -> None:
    answer = await desk.http.get(f"{desk.url}/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_readyz_tells_each_part_apart(store: Store, link: TemporalLink) -> None:
    async with bridge(store, link) as desk:
        answer = await desk.http.get(f"{desk.url}/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": "ok",
        "temporal": "ok",
        "backlog": 0,
        "backlog_seconds": 0.0,
    }


async def test_readyz_is_200_without_temporal_and_shows_the_backlog(desk: Desk) -> None:
    await desk.deliver(event("d-1", "r-1"))
    await desk.deliver(event("d-2", "r-2"))
    answer = await desk.http.get(f"{desk.url}/readyz")

    assert answer.status_code == 200
    assert (answer.json()["temporal"], answer.json()["backlog"]) == ("down", 2)
    assert answer.json()["backlog_seconds"] >= 0


async def test_readyz_is_503_without_the_database(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> None:
        raise OperationalError("SELECT", {}, Exception("no database"))

    monkeypatch.setattr(desk.store, "reading", down)
    answer = await desk.http.get(f"{desk.url}/readyz")

    assert answer.status_code == 503
    assert (answer.json()["database"], answer.json()["ready"]) == ("down", False)
