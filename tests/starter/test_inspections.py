"""``POST /inspections``: what a warehouse system may send, and what it hears."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.client import Client

from desk.clock import utc_now
from desk.link import TemporalLink
from desk.starting import start_or_poke
from domain.connection import Connection
from domain.messages import POKE_SIGNAL, Poke
from domain.returns import PlatformPhase, PlatformReturn, ReturnKind, ReturnLine, ReturnRef
from starter.bridge import BridgeLimits
from store import Store
from tests.patience import PATIENCE
from tests.starter.given import TOKEN, Desk, bridge, connections
from tests.starter.recorder import parcel_start, recording, seen


@pytest.fixture
def connection() -> Connection:
    return connections()[0].connection


@pytest.fixture
async def running(store: Store, link: TemporalLink) -> AsyncIterator[Desk]:
    async with bridge(store, link) as desk:
        yield desk


@pytest.fixture
async def ref(store: Store, client: Client, connection: Connection) -> ReturnRef:
    """A return that is saved, and whose workflow was started."""
    ref = ReturnRef(connection="uk", return_id=uuid.uuid4().hex)
    await save(store, ref, rma=f"R-{ref.return_id[:6]}")
    await start_or_poke(client, ref, connection, Poke())
    return ref


async def save(store: Store, ref: ReturnRef, rma: str) -> None:
    line = ReturnLine(line_id="1/P1", order_line_id="1", sku="P1", quantity=2)
    found = PlatformReturn(
        return_id=ref.return_id,
        order_number="2011234",
        kind=ReturnKind.REFUND,
        phase=PlatformPhase.AUTHORISED,
        platform_status="in_progress",
        currency="GBP",
        lines=[line],
    )
    async with store.begin() as unit:
        await unit.returns.save_platform_return(ref, found, utc_now())
        await unit.returns.set_authorised(ref, rma, False, "hash", utc_now(), utc_now())


def envelope(ref: ReturnRef, scan: str = "scan-1", location: str = "LDN-1", **changes: Any) -> dict[str, Any]:
    units = [{"sku": "P1", "quantity": 1, "disposition": "A"}]
    inspection = {"inspection_id": scan, "location": location, "units": units}
    return {"connection": ref.connection, "return_id": ref.return_id, "inspection": inspection, **changes}


async def test_an_inspection_is_confirmed_and_its_repeat_is_known(
    running: Desk, ref: ReturnRef, client: Client, recorder: None
) -> None:
    first = await running.inspect(envelope(ref))
    again = await running.inspect(envelope(ref))

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == {"accepted": True, "confirmed": True, "return": str(ref), "repeated": False}
    assert (await seen(client, ref.workflow_id)).inspections == ["scan-1"]


async def test_the_return_is_found_by_its_rma_number(
    running: Desk, ref: ReturnRef, client: Client, recorder: None
) -> None:
    answer = await running.inspect(envelope(ref, return_id="", rma_number=f"R-{ref.return_id[:6]}"))

    assert answer.status_code == 200
    assert (await seen(client, ref.workflow_id)).inspections == ["scan-1"]


async def test_what_does_not_fit_is_refused_with_the_reason_of_the_workflow(
    running: Desk, ref: ReturnRef, client: Client, recorder: None
) -> None:
    answer = await running.inspect(envelope(ref, location="NOWHERE"))

    assert answer.status_code == 422
    assert answer.json()["message"] == "SKU P9 is not on this return; it has P1"
    assert (await seen(client, ref.workflow_id)).inspections == []


async def test_a_parcel_of_a_closed_return_is_taken_in_beside_it(
    running: Desk, ref: ReturnRef, client: Client, recorder: None
) -> None:
    handle = client.get_workflow_handle(ref.workflow_id)
    await handle.signal(POKE_SIGNAL, Poke(reason="operator"))
    await handle.result()
    first = await running.inspect(envelope(ref))
    again = await running.inspect(envelope(ref))

    assert (first.status_code, again.status_code) == (202, 202)
    kept = {"accepted": True, "confirmed": False, "return": str(ref), "parcel": "scan-1"}
    assert (first.json(), again.json()) == (kept | {"repeated": False}, kept | {"repeated": True})
    start = await parcel_start(client, f"parcel/{ref}/scan-1")
    assert (start.ref, start.blind, start.erp_queue) == (ref, False, "erp/prima-uk")


async def test_U24_a_parcel_without_return_says_so(running: Desk, client: Client, recorder: None) -> None:
    scan = f"blind-{uuid.uuid4().hex[:8]}"
    nobody = ReturnRef(connection="uk", return_id="x")
    box: dict[str, Any] = {"return_id": "", "blind": True, "tracking_number": "T-1", "order_number": "O-1"}
    answer = await running.inspect(envelope(nobody, scan=scan, **box))

    assert answer.status_code == 202, answer.text
    assert answer.json() == {"accepted": True, "confirmed": False, "parcel": scan, "repeated": False}
    start = await parcel_start(client, f"parcel/uk/{scan}")
    assert (start.blind, start.tracking_number, start.order_number) == (True, "T-1", "O-1")
    wrongs: list[dict[str, Any]] = [{"return_id": "r-1", "blind": True}, {"return_id": ""}]
    for wrong in wrongs:
        refused = await running.inspect(envelope(nobody, scan=scan, **wrong))
        assert (refused.status_code, refused.json()["error"]) == (422, "inspection_invalid")
        assert "blind=true" in refused.json()["message"]
    elsewhere = await running.inspect(envelope(nobody, scan=scan, **box, connection="nobody"))
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (404, "return_unknown")


async def test_without_a_worker_it_is_kept_and_applied_once_later(
    running: Desk, ref: ReturnRef, client: Client
) -> None:
    answers = [await running.inspect(envelope(ref)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == {"accepted": True, "confirmed": False, "return": str(ref)}
    async with recording(client):
        async with asyncio.timeout(PATIENCE):
            while not (got := await seen(client, ref.workflow_id)).inspections:
                await asyncio.sleep(0.05)
        assert got.inspections == ["scan-1"]
        unit = {"sku": "P1", "quantity": "1", "disposition": "A", "order_line_id": "", "condition": "", "photo": ""}
        assert got.by_signal[0].units == [unit]
        repeated = await running.inspect(envelope(ref))
    assert (repeated.status_code, repeated.json()["repeated"]) == (200, True)


async def test_without_temporal_it_is_503_with_retry_after(desk: Desk) -> None:
    ref = ReturnRef(connection="uk", return_id="r-1")
    await save(desk.store, ref, "R-1")
    answer = await desk.inspect(envelope(ref))

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "changes",
    [
        {"return_id": "r-unknown"},
        {"return_id": "", "rma_number": "R-unknown"},
        {"connection": "nobody"},
        {"return_id": "not an id"},
        {"rma_number": "R-of-another-return"},
    ],
)
async def test_an_unknown_return_is_404(running: Desk, ref: ReturnRef, recorder: None, changes: dict[str, str]) -> None:
    answer = await running.inspect(envelope(ref, **changes))

    assert answer.status_code == 404
    assert answer.json()["error"] == "return_unknown"


async def test_an_rma_of_several_returns_must_be_named_by_return_id(running: Desk) -> None:
    refs = [ReturnRef(connection="uk", return_id=f"twin-{n}") for n in (1, 2)]
    for ref in refs:
        await save(running.store, ref, "R-TWIN")
    answer = await running.inspect(envelope(refs[0], return_id="", rma_number="R-TWIN"))

    assert answer.status_code == 422
    assert "2 returns" in answer.json()["message"]


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", "ü"])
async def test_R110_inspections_need_the_token(desk: Desk, token: str | None) -> None:
    body = envelope(ReturnRef(connection="uk", return_id="r-1"))
    if token == "ü":
        headers = [(b"Authorization", "Bearer ü".encode()), (b"Content-Type", b"application/json")]
        answer = await desk.http.post(f"{desk.url}/inspections", json=body, headers=headers)
    else:
        answer = await desk.inspect(body, token)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_R110_without_a_configured_token_the_address_is_closed(store: Store) -> None:
    async with bridge(store, limits=BridgeLimits()) as desk:
        answer = await desk.inspect(envelope(ReturnRef(connection="uk", return_id="r-1")))
    assert answer.status_code == 403
    assert "BACKHAUL_INSPECTION_TOKEN" in answer.json()["message"]


async def test_bad_json_is_400(desk: Desk) -> None:
    assert (await desk.inspect(b"{")).status_code == 400


async def test_anything_but_json_is_415(desk: Desk) -> None:
    assert (await desk.inspect(b"<inspection/>", kind="text/xml")).status_code == 415


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"inspection": {"inspection_id": "s", "location": "L", "units": []}}, "inspection.units"),
        ({"inspection": {"inspection_id": "a b", "location": "L"}}, "inspection.inspection_id"),
        (
            {
                "inspection": {
                    "inspection_id": "s",
                    "location": "L",
                    "units": [{"sku": "P", "quantity": 0, "disposition": "A"}],
                }
            },
            "quantity",
        ),
        ({"return_id": "", "rma_number": ""}, "return_id or rma_number"),
        ({"connection": 5}, "connection"),
    ],
)
async def test_an_incomplete_inspection_is_422_and_names_the_field(
    desk: Desk, changes: dict[str, Any], words: str
) -> None:
    answer = await desk.inspect(envelope(ReturnRef(connection="uk", return_id="r-1"), **changes))

    assert answer.status_code == 422
    assert words in answer.json()["message"]


async def test_a_refusal_does_not_repeat_what_was_sent(desk: Desk) -> None:
    body = {"connection": {"name": "Jane Doe"}, "inspection": {"inspection_id": "jane@example.com"}}
    assert "ane" not in (await desk.inspect(body)).text.lower().replace("name", "")
