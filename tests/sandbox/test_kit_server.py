"""Each fault as a real httpx client meets it, on a real socket."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from sandbox.kit.app import under_faults
from sandbox.kit.control import control_router
from sandbox.kit.faults import Fault, FaultPlan
from sandbox.kit.journal import Journal
from sandbox.kit.server import RunningServer, serve
from tests.patience import PATIENCE

ANSWER = {"stored": "yes", "padding": "x" * 200}


class Toy:
    """The smallest vendor: one write, journalled, under a fault plan."""

    def __init__(self) -> None:
        self.journal = Journal("toy")
        self.faults = FaultPlan()
        self.lags: list[float] = []
        self.applied = threading.Event()
        self.app = FastAPI()
        self.app.include_router(control_router(self.journal, self.faults, lambda: {"writes": self.writes}))
        self.app.add_api_route("/write", self.write, methods=["POST"])

    @property
    def writes(self) -> int:
        return len(self.journal.entries("Write"))

    async def write(self, request: Request) -> Response:
        text = (await request.body()).decode()
        return await under_faults(self.faults, "Write", text, self._apply)

    async def _apply(self, lag: float) -> Response:
        self.lags.append(lag)
        self.journal.append("Write")
        self.applied.set()
        return JSONResponse(ANSWER)


@pytest.fixture
def toy() -> Toy:
    return Toy()


@pytest.fixture
async def client(toy: Toy) -> AsyncIterator[httpx.AsyncClient]:
    async with serve(toy.app) as server, httpx.AsyncClient(base_url=server.url, trust_env=False) as client:
        yield client


async def test_healthy(toy: Toy, client: httpx.AsyncClient) -> None:
    answer = await client.post("/write")
    assert answer.json() == ANSWER
    assert (toy.writes, toy.lags) == (1, [0.0])


async def test_throttle_refuses_and_names_the_delay(toy: Toy, client: httpx.AsyncClient) -> None:
    toy.faults.add(Fault(kind="throttle", seconds=1.2))
    answer = await client.post("/write")
    assert (answer.status_code, answer.headers["Retry-After"], toy.writes) == (429, "2", 0)
    assert (await client.post("/write")).status_code == 200


async def test_unavailable_refuses(toy: Toy, client: httpx.AsyncClient) -> None:
    toy.faults.add(Fault(kind="unavailable", status=502))
    assert (await client.post("/write")).status_code == 502
    assert toy.writes == 0


async def test_lost_answer_applies_and_cuts_the_connection(toy: Toy, client: httpx.AsyncClient) -> None:
    toy.faults.add(Fault(kind="lost_answer", status=0))
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post("/write")
    assert toy.writes == 1
    assert (await client.post("/write")).status_code == 200


async def test_lost_answer_applies_and_answers_a_status(toy: Toy, client: httpx.AsyncClient) -> None:
    toy.faults.add(Fault(kind="lost_answer", status=504))
    assert (await client.post("/write")).status_code == 504
    assert toy.writes == 1


async def test_cut_body_applies_and_sends_half(toy: Toy, client: httpx.AsyncClient) -> None:
    toy.faults.add(Fault(kind="cut_body"))
    got = bytearray()
    with pytest.raises(httpx.RemoteProtocolError):
        await read_into(client, got)
    assert toy.writes == 1
    assert 0 < len(got) < len(JSONResponse(ANSWER).body)


async def read_into(client: httpx.AsyncClient, got: bytearray) -> None:
    async with client.stream("POST", "/write") as answer:
        assert answer.status_code == 200
        async for part in answer.aiter_bytes():
            got.extend(part)


async def test_malformed_body_applies_and_answers_garbage(toy: Toy, client: httpx.AsyncClient) -> None:
    toy.faults.add(Fault(kind="malformed_body"))
    answer = await client.post("/write")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert toy.writes == 1


async def test_latency_outlasts_an_impatient_client_and_still_applies(toy: Toy, client: httpx.AsyncClient) -> None:
    toy.faults.add(Fault(kind="latency", seconds=1.5))
    with pytest.raises(httpx.ReadTimeout):
        await client.post("/write", timeout=0.1)
    assert toy.writes == 0
    assert await asyncio.to_thread(toy.applied.wait, PATIENCE)
    assert toy.writes == 1


async def test_stale_read_hands_its_lag_to_the_handler(toy: Toy, client: httpx.AsyncClient) -> None:
    toy.faults.add(Fault(kind="stale_read", seconds=30))
    await client.post("/write")
    assert toy.lags == [30.0]


async def test_control_endpoints(toy: Toy, client: httpx.AsyncClient) -> None:
    fault = {"kind": "unavailable", "match": "Wri*", "key": "r-7", "times": None}
    assert (await client.post("/_sandbox/faults", json=fault)).status_code == 201
    assert (await client.post("/write", content="r-7")).status_code == 503
    assert (await client.post("/write", content="r-8")).status_code == 200
    assert (await client.delete("/_sandbox/faults")).status_code == 204
    assert (await client.post("/write", content="r-7")).status_code == 200
    assert (await client.get("/_sandbox/state")).json() == {"writes": 2}
    assert [entry["seq"] for entry in (await client.get("/_sandbox/journal")).json()] == [1, 2]
    assert (await client.post("/_sandbox/faults", json={"kind": "gremlin"})).status_code == 422


def test_a_plain_thread_can_serve_too(toy: Toy) -> None:
    with RunningServer.start(toy.app) as server:
        assert httpx.post(server.url + "/write", trust_env=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url, trust_env=False)


def test_a_taken_port_is_an_error(toy: Toy) -> None:
    with RunningServer.start(toy.app) as server, pytest.raises(OSError, match="in use"):
        RunningServer.start(toy.app, port=server.port)
