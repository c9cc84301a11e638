"""The doors of Patchworks: who gets in, what it answers itself, and runs that were started by the API."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from sandbox.kit.faults import Fault
from sandbox.patchworks import PatchworksSandbox
from tests.patience import PATIENCE
from tests.sandbox.patchworks_wire import CORE, HEADERS, KEY, NOW, ORDER, Wire, new_return, wire


@pytest.fixture
async def patchworks() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


ASK = json.dumps({"operation": "get_order", "idempotencyKey": "read-1", "orderId": ORDER})


async def test_the_signature_goes_in_the_header_or_in_the_address(patchworks: Wire) -> None:
    path, json_only = patchworks.sandbox.callback_path, {k: v for k, v in HEADERS.items() if "signature" not in k}
    by_query = f"{path}?patchworks_signature=sandbox-patchworks-signature"
    assert (await patchworks.http.post(path, content=ASK, headers=HEADERS)).status_code == 200
    assert (await patchworks.http.post(by_query, content=ASK, headers=json_only)).status_code == 200
    for path_, headers in ((path, json_only), (path, json_only | {"patchworks_signature": "x"}), (path + "?x=1", {})):
        answer = await patchworks.http.post(path_, content=ASK, headers=headers)
        assert (answer.status_code, answer.json()) == (403, {"message": "Invalid signature."})


async def test_an_unknown_or_disabled_flow_is_not_found(patchworks: Wire) -> None:
    for path in ("/api/v1/acme/cb-2", "/api/v1/other/cb-1"):
        answer = await patchworks.http.post(path, content=ASK, headers=HEADERS)
        assert (answer.status_code, answer.json()) == (404, {"message": "Not found."})
    assert (await patchworks.http.post("/api/v1/acme/cb-1/test", content=ASK, headers=HEADERS)).status_code == 200
    patchworks.sandbox.turn(enabled=False)
    assert (await patchworks.post({"operation": "get_order"})).status_code == 404
    start = await patchworks.http.post(patchworks.sandbox.start_path, content=ASK, headers=CORE)
    assert start.status_code == 422


async def test_what_is_not_a_json_object_is_invalid(patchworks: Wire) -> None:
    for body in (b"", b"[1]", b"{", b'{"a": NaN}'):
        answer = await patchworks.http.post(patchworks.sandbox.callback_path, content=body, headers=HEADERS)
        assert answer.status_code == 422
        assert answer.json()["message"] == "The given data was invalid."
    big = b"{" + b" " * (8 * 1024 * 1024) + b"}"
    answer = await patchworks.http.post(patchworks.sandbox.callback_path, content=big, headers=HEADERS)
    assert (answer.status_code, answer.json()) == (413, {"message": "Payload Too Large"})


async def test_a_reply_to_a_caller_without_json_headers_is_malformed(patchworks: Wire) -> None:
    answer = await patchworks.http.post(
        patchworks.sandbox.callback_path, content=ASK, headers=HEADERS | {"Accept": "*/*"}
    )
    assert answer.status_code == 200
    with pytest.raises(ValueError):
        answer.json()


async def test_the_quota_of_a_minute() -> None:
    moments = [NOW]
    sandbox = PatchworksSandbox(clock=lambda: moments[-1], callbacks_per_minute=2)
    async with wire(sandbox) as patchworks:
        answers = [await patchworks.post({"operation": "get_order", "orderId": ORDER}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json() == {"message": "Too Many Attempts."}
        assert answers[2].headers["Retry-After"] == "60"
        moments.append(NOW + timedelta(seconds=60))
        assert (await patchworks.post({"operation": "get_order", "orderId": ORDER})).status_code == 200


async def test_unavailable_and_throttled(patchworks: Wire) -> None:
    patchworks.sandbox.faults.add(Fault(kind="unavailable", match="create_return", status=503))
    patchworks.sandbox.faults.add(Fault(kind="throttle", match="create_return", seconds=7))
    body = {"operation": "create_return", "idempotencyKey": KEY, **new_return()}
    answers = [await patchworks.post(body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 429]
    assert answers[1].headers["Retry-After"] == "7"
    assert patchworks.made("return_authorization") == 0


async def start(patchworks: Wire, **body: Any) -> int:
    answer = await patchworks.http.post(patchworks.sandbox.start_path, content=json.dumps(body), headers=CORE)
    assert (answer.status_code, answer.json()["message"]) == (200, "Flow initialised.")
    number: int = answer.json()["flow_run_id"]
    return number


async def runs(patchworks: Wire, **query: str) -> dict[int, Any]:
    """Run id → status."""
    answer = await patchworks.http.get("/api/v1/flow-runs", params=query, headers=CORE)
    assert answer.status_code == 200, answer.text
    assert {"data", "meta", "links"} == answer.json().keys()
    return {row["id"]: row.get("attributes", row)["status"] for row in answer.json()["data"]}


async def until(patchworks: Wire, number: int, status: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await runs(patchworks)).get(number) != status:
            await asyncio.sleep(0.02)


async def test_start_and_core_take_the_raw_key_only(patchworks: Wire) -> None:
    for key in ("", "wrong", "Bearer sandbox-patchworks-key"):
        headers = CORE | {"Authorization": key}
        for answer in (
            await patchworks.http.post(patchworks.sandbox.start_path, content=ASK, headers=headers),
            await patchworks.http.get("/api/v1/flow-runs", headers=headers),
        ):
            assert (answer.status_code, answer.json()) == (401, {"message": "Unauthenticated."})
    answer = await patchworks.http.post("/api/v1/flows/13/start/raw", content=ASK, headers=CORE)
    assert answer.status_code == 404


async def test_a_run_queues_works_and_leaves_its_outcome_under_the_key(patchworks: Wire) -> None:
    patchworks.sandbox.turn(queued_seconds=0.3, running_seconds=0.3)
    number = await start(patchworks, operation="create_return", idempotencyKey=KEY, **new_return())
    assert await runs(patchworks) == {}
    assert (await patchworks.known(KEY))["status"] == "not_found"
    await until(patchworks, number, 1)
    assert (await patchworks.known(KEY))["status"] == "in_progress"
    assert (await patchworks.open_return())["status"] == "in_progress"
    await until(patchworks, number, 2)
    known = await patchworks.known(KEY)
    assert (known["status"], known["of"], known["erp"]["documentNumber"]) == ("ok", "create_return", "RA4711")
    assert patchworks.made("return_authorization") == 1


async def test_a_read_that_was_started_is_found_by_its_key(patchworks: Wire) -> None:
    number = await start(patchworks, operation="get_items", idempotencyKey="read-77", skus=["P4000-GIFT"])
    await until(patchworks, number, 2)
    known = await patchworks.known("read-77")
    assert (known["of"], known["items"][0]["sku"]) == ("get_items", "P4000-GIFT")


async def test_the_status_of_a_run_proves_nothing(patchworks: Wire) -> None:
    refused = await start(patchworks, operation="create_return", idempotencyKey="k-1", **new_return(quantity=9))
    await until(patchworks, refused, 2)
    assert (await patchworks.known("k-1"))["error"]["code"] == "QUANTITY_EXCEEDED"
    patchworks.sandbox.turn(run_ends=[{"status": 3}, {"status": 4, "done": True}])
    failed = await start(patchworks, operation="create_return", idempotencyKey="k-2", **new_return())
    await until(patchworks, failed, 3)
    assert (await patchworks.known("k-2"))["status"] == "not_found"
    stopped = await start(patchworks, operation="create_return", idempotencyKey="k-3", **new_return())
    await until(patchworks, stopped, 4)
    assert (await patchworks.known("k-3"))["status"] == "ok"
    patchworks.sandbox.commerce_down()
    partial = await start(patchworks, operation="create_return", idempotencyKey="k-4", **new_return())
    await until(patchworks, partial, 5)
    assert (await patchworks.known("k-4"))["commerce"]["status"] == "failed"


async def test_the_list_of_runs_is_filtered_sorted_and_paged(patchworks: Wire) -> None:
    numbers = [await start(patchworks) for _ in range(3)]
    for number in numbers:
        await until(patchworks, number, 2)
    page = await patchworks.http.get("/api/v1/flow-runs?page=1&per_page=2&sort=-started_at", headers=CORE)
    assert [row["id"] for row in page.json()["data"]] == numbers[:0:-1]
    assert page.json()["meta"] == {"current_page": 1, "per_page": 2, "total": 3, "last_page": 2}
    assert page.json()["links"]["next"]
    assert {"attributes" in row for row in page.json()["data"]} == {True, False}
    assert len(await runs(patchworks, **{"filter[flow_id]": "12", "filter[status]": "2,3"})) == 3
    assert await runs(patchworks, **{"filter[flow_id]": "13"}) == {}
    later = (NOW + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert datetime.fromisoformat(later) > NOW
    assert await runs(patchworks, **{"filter[started_after]": later}) == {}
    bad = await patchworks.http.get("/api/v1/flow-runs?page=x", headers=CORE)
    assert bad.status_code == 422


async def test_a_start_whose_answer_is_lost_runs_all_the_same(patchworks: Wire) -> None:
    patchworks.sandbox.faults.add(Fault(kind="lost_answer", match="create_return", status=0))
    with pytest.raises(httpx.RemoteProtocolError):
        await start(patchworks, operation="create_return", idempotencyKey=KEY, **new_return())
    await asyncio.to_thread(patchworks.sandbox.drain)
    assert (await patchworks.known(KEY))["status"] == "ok"
