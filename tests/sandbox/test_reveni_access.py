"""Whom the emulated Reveni lets in, and how often."""

from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.kit.server import serve
from sandbox.reveni import ReveniSandbox
from sandbox.reveni.call import RateLimit

KEY = "sandbox-reveni-key"


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with ReveniSandbox("store-1", KEY) as reveni, serve(reveni.app) as server:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(base_url=server.url + reveni.base_path, headers=headers) as client:
            yield client


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (None, "Authentication credentials were not provided."),
        (f"Basic {KEY}", "Authentication credentials were not provided."),
        ("Bearer wrong", "Invalid token."),
    ],
)
async def test_no_key_no_entry(client: httpx.AsyncClient, header: str | None, words: str) -> None:
    client.headers.pop("Authorization")
    answer = await client.get("/returns", headers={"Authorization": header} if header else None)
    assert (answer.status_code, answer.json()) == (401, {"detail": words})


async def test_another_store_is_forbidden(client: httpx.AsyncClient) -> None:
    answer = await client.get(str(client.base_url).replace("store-1", "store-2") + "returns")
    assert answer.status_code == 403
    assert answer.json() == {"detail": "You do not have permission to perform this action."}


async def test_media_types(client: httpx.AsyncClient) -> None:
    assert (await client.get("/returns", headers={"Accept": "text/html"})).status_code == 406
    form = await client.post("/webhooks", data={"url": "http://x"})
    assert form.status_code == 415
    assert form.json() == {"detail": 'Unsupported media type "application/x-www-form-urlencoded" in request.'}


async def test_unknown_paths_and_methods(client: httpx.AsyncClient) -> None:
    for path in ("/returns/", "/nothing", f"/returns/{'0' * 32}", f"/orders/{'0' * 32}"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    answer = await client.put("/returns")
    assert (answer.status_code, answer.json()) == (405, {"detail": 'Method "PUT" not allowed.'})


async def test_rate_limit() -> None:
    async with ReveniSandbox("store-1", KEY, rate_limit=1) as reveni, serve(reveni.app) as server:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(base_url=server.url + reveni.base_path, headers=headers) as client:
            first, second = [await client.get("/webhooks") for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["Retry-After"] == "1"
    assert second.json() == {"detail": "Request was throttled."}


def test_five_in_any_second() -> None:
    times = iter([0.0, 0.1, 0.2, 0.3, 0.4, 0.9, 1.0, 1.05, 1.1])
    limit = RateLimit(5, lambda: next(times))
    assert [limit.admits() for _ in range(9)] == [True] * 5 + [False, True, False, True]
