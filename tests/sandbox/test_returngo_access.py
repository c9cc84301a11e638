"""Whom the emulated ReturnGO lets in, how often in a second, and how often in a day."""

from datetime import UTC, datetime

import httpx
import pytest

from sandbox.returngo import ReturnGoSandbox
from sandbox.returngo.call import RateLimit
from tests.sandbox.returngo_wire import HEADERS, client_of, spec


@pytest.mark.parametrize(
    ("headers", "status", "words"),
    [
        ({"x-shop-name": "sandbox.myshopify.com"}, 401, "Missing or incorrect API key"),
        ({**HEADERS, "x-api-key": "another"}, 401, "Missing or incorrect API key"),
        ({"x-api-key": "sandbox-returngo-key"}, 403, "No such shop for this user"),
        ({**HEADERS, "x-shop-name": "other.myshopify.com"}, 403, "No such shop for this user"),
    ],
)
async def test_key_and_shop_are_checked(headers: dict[str, str], status: int, words: str) -> None:
    async with ReturnGoSandbox() as sandbox, client_of(sandbox) as client:
        url = str(client.base_url.join("/rmas?pagesize=1"))
        async with httpx.AsyncClient() as stranger:
            answer = await stranger.get(url, headers=headers)
        assert (answer.status_code, answer.json()) == (status, {"message": words})
        assert "x-amzn-requestid" in answer.headers
        assert (await client.get("/rmas?pagesize=1")).status_code == 200


async def test_the_quota_of_the_day_says_nothing_of_when() -> None:
    now = [datetime(2026, 2, 4, 23, 59, tzinfo=UTC)]
    async with ReturnGoSandbox(daily_quota=2, clock=lambda: now[0]) as sandbox, client_of(sandbox) as client:
        rma_id = sandbox.add_return(spec())
        answers = [await client.get("/webhooks") for _ in range(2)]
        over = [await client.put(f"/rma/{rma_id}/status", json={"status": "Received"}) for _ in range(2)]
        assert [answer.status_code for answer in answers + over] == [200, 200, 429, 429]
        assert all("Retry-After" not in answer.headers for answer in over)
        assert over[0].json() == {"message": "Too Many Requests"}
        assert sandbox.get(rma_id)["rmaSummary"]["status"] == "Approved", "a refused call has no effect"
        assert sandbox.calls_today == 2
        now[0] = datetime(2026, 2, 5, 0, 0, tzinfo=UTC)
        assert (await client.get("/webhooks")).status_code == 200, "a new day"


async def test_the_limit_of_a_second_says_when() -> None:
    async with ReturnGoSandbox(rate_limit=1, daily_quota=None) as sandbox, client_of(sandbox) as client:
        first, second = [await client.get("/webhooks") for _ in range(2)]
        assert (first.status_code, second.status_code) == (200, 429)
        assert second.headers["Retry-After"] == "1"


def test_three_in_any_second() -> None:
    times = iter([0.0, 0.1, 0.9, 0.95, 1.0, 1.05])
    limit = RateLimit(3, lambda: next(times))
    assert [limit.admits() for _ in range(6)] == [True, True, True, False, True, False]


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/rma/0", 404, "An RMA with the given ID could not be found"),
        ("GET", "/rma/10000001x", 400, "Invalid rmaId"),
        ("PUT", "/rma/99/status", 404, "An RMA with the given ID could not be found"),
        ("POST", "/rma/99/comment", 404, "An RMA with the given ID could not be found"),
        ("PUT", "/shipment/99", 404, "A shipment with the given ID could not be found"),
        ("PUT", "/transaction/99", 404, "A transaction with the given ID could not be found"),
        ("DELETE", "/webhook/99", 404, "A webhook with the given ID could not be found"),
        ("GET", "/rma", 404, "Not Found"),
        ("POST", "/transactions", 405, "Method Not Allowed"),
    ],
)
async def test_what_is_not_there(method: str, path: str, status: int, words: str) -> None:
    async with ReturnGoSandbox() as sandbox, client_of(sandbox) as client:
        answer = await client.request(method, path, json={"status": "Done"})
        assert (answer.status_code, answer.json()) == (status, {"message": words})


def test_a_webhook_is_retried_three_times_at_most() -> None:
    with pytest.raises(ValueError, match="3 times"):
        ReturnGoSandbox(retry_seconds=(1, 1, 1, 1))
