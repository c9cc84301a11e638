"""Webhooks at the door of the bridge. Temporal is down in all of them: keeping a delivery needs only the store."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from domain.exceptions import ExceptionCode, Owner
from domain.ports import UnreadableDelivery
from domain.returns import Delivery
from starter.bridge import BridgeLimits
from store import Store
from tests.starter.given import Desk, bridge, connections, event, signed


async def test_R1_R2_a_signed_webhook_is_kept_while_temporal_is_down(desk: Desk) -> None:
    answer = await desk.deliver(event("d-1", "r-1"))

    assert answer.status_code == 202
    assert answer.json() == {"accepted": True, "duplicate": False}
    [poke] = await desk.due()
    assert (poke.connection, poke.return_id, poke.delivery_ids) == ("uk", "r-1", ["d-1"])


async def test_R9_the_same_delivery_three_times_is_kept_once(desk: Desk) -> None:
    answers = [await desk.deliver(event("d-1")) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert [answer.json()["duplicate"] for answer in answers] == [False, True, True]
    assert (await desk.backlog()).count == 1
    assert await desk.exceptions() == []


async def test_R9_one_id_with_another_content_keeps_the_first_and_opens_one_exception(desk: Desk) -> None:
    await desk.deliver(event("d-1", status="in_progress"))
    answers = [await desk.deliver(event("d-1", status="cancelled")) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    [exception] = await desk.exceptions()
    assert exception.code is ExceptionCode.EVENT_CONFLICT
    assert exception.owner is Owner.INTEGRATION
    assert (exception.connection, exception.return_id) == ("uk", "r-1")
    assert exception.payload["delivery_id"] == "d-1"
    assert (await desk.backlog()).count == 1


async def test_R8_an_unknown_event_is_kept_and_ignored(desk: Desk) -> None:
    answer = await desk.deliver(event("d-1", name="label.printed"))

    assert answer.status_code == 202
    assert await desk.due() == []
    repeated = await desk.deliver(event("d-1", name="label.printed"))
    assert repeated.json()["duplicate"] is True


def _headers(body: bytes, **changes: str) -> dict[str, str]:
    return {**signed(body), **changes}


def _bad_signatures(body: bytes) -> Mapping[str, dict[str, str]]:
    now = datetime.now(UTC)
    missing = signed(body)
    del missing["X-REVENI-SIGNATURE"]
    return {
        "missing": missing,
        "empty": _headers(body, **{"X-REVENI-SIGNATURE": ""}),
        "malformed": _headers(body, **{"X-REVENI-SIGNATURE": "v1=zz"}),
        "other key": signed(body, key="another-key"),
        "other body": signed(body + b" "),
        "replayed": signed(body, now - timedelta(minutes=6)),
        "future": signed(body, now + timedelta(minutes=6)),
    }


@pytest.mark.parametrize("case", list(_bad_signatures(b"")))
async def test_R110_a_bad_signature_is_401_and_leaves_nothing(desk: Desk, case: str) -> None:
    body = json.dumps(event()).encode()
    answer = await desk.deliver(body, headers=_bad_signatures(body)[case])

    assert answer.status_code == 401
    assert answer.json()["error"] == "not_authenticated"
    assert (await desk.backlog()).count == 0
    assert await desk.exceptions() == []
    assert (await desk.deliver(body)).json()["duplicate"] is False


@pytest.mark.parametrize("connection", ["nobody", "UK", "uk%00", "x" * 300])
async def test_R110_an_unknown_connection_looks_like_a_bad_signature(desk: Desk, connection: str) -> None:
    body = json.dumps(event()).encode()
    bad = await desk.deliver(body, headers=signed(body, key="another-key"))
    unknown = await desk.deliver(body, connection)

    assert _visible(unknown) == _visible(bad)
    assert (await desk.backlog()).count == 0


def _visible(answer: httpx.Response) -> tuple[int, bytes, list[str]]:
    return answer.status_code, answer.content, sorted(answer.headers)


async def test_R110_refused_webhooks_are_logged_by_digest_only(
    desk: Desk, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    body = json.dumps({**event(), "customer": "jane@example.com"}).encode()
    await desk.deliver(body, headers=signed(body, key="another-key"))

    written = caplog.text + "".join(capsys.readouterr())
    assert "webhook refused" in written
    assert "digest" in written
    assert "jane" not in written


@pytest.fixture
async def small(store: Store) -> AsyncIterator[Desk]:
    async with bridge(store, limits=BridgeLimits(body_cap=1000)) as running:
        yield running


async def test_a_body_over_the_cap_is_413_and_not_kept(small: Desk) -> None:
    body = json.dumps(event(note="x" * 1000)).encode()
    answer = await small.deliver(body)

    assert answer.status_code == 413
    assert "1000 bytes" in answer.json()["message"]
    assert (await small.backlog()).count == 0


async def test_a_body_without_length_is_cut_at_the_cap(small: Desk) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100_000):
            yield b"x" * 1000

    headers = {"Content-Type": "application/json"}
    try:
        answer = await small.http.post(f"{small.url}/webhooks/uk", content=endless(), headers=headers)
    except httpx.TransportError:
        return  # the connection was closed on us while we were still sending: that is a refusal too
    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["", "text/plain", "application/xml", "application/x-www-form-urlencoded"])
async def test_anything_but_json_is_415(desk: Desk, kind: str) -> None:
    body = json.dumps(event()).encode()
    answer = await desk.deliver(body, headers={**signed(body), "Content-Type": kind})

    assert answer.status_code == 415
    assert (await desk.backlog()).count == 0


async def test_json_with_a_charset_is_json(desk: Desk) -> None:
    body = json.dumps(event()).encode()
    headers = {**signed(body), "Content-Type": "application/json; charset=UTF-8"}
    assert (await desk.deliver(body, headers=headers)).status_code == 202


class _SignedNonsense:
    """A receiver whose platform signed something that cannot be read."""

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime, token: str = "") -> Delivery:
        raise UnreadableDelivery("signed, but not JSON")


async def test_R8_a_signed_body_that_cannot_be_read_is_400_and_one_exception(store: Store) -> None:
    ready = [replace(connections()[0], webhooks=_SignedNonsense())]
    async with bridge(store, ready=ready) as desk:
        answers = [await desk.deliver(b"{not json") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [400, 400]
        assert answers[0].json()["error"] == "event_invalid"
        [exception] = await desk.exceptions()
        assert exception.code is ExceptionCode.EVENT_INVALID
        assert "not JSON" in exception.reason
        assert (await desk.backlog()).count == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"id": 1}', b"\xff\xfe", b"[" * 100_000])
async def test_R8_bodies_that_reveni_would_never_send_are_refused_without_effect(desk: Desk, body: bytes) -> None:
    answer = await desk.deliver(body)

    assert answer.status_code in (400, 401)
    assert (await desk.backlog()).count == 0


async def test_a_webhook_is_503_with_retry_after_when_the_database_refuses(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise OperationalError("SELECT", {}, Exception("no database"))

    monkeypatch.setattr(desk.store, "begin", down)
    answer = await desk.deliver(event())

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "SELECT" not in answer.text
