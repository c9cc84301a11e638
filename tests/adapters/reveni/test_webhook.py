"""Webhook signatures and envelopes: what gets in, and every way of being refused (R110)."""

import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from adapters.reveni.webhook import ReveniWebhooks
from domain.ports import BadDelivery

KEY = "sandbox-reveni-key"
T = "1661518366.749773"
NOW = datetime.fromtimestamp(1661518370, UTC)
BODY = (
    b'{"id": "c6927a921708466da5ed2b4ebadf0bdf", "event": "return.updated", "created": 1661518366, '
    b'"data": {"amount": "76.4800", "status": "in_progress", "currency": "EUR", "resource": "return", '
    b'"resource_id": "4e26c9f08f2a468fabc16af12ae0209b", "object": {}}}'
)
VECTOR = "1675fe8e8b8831bb5477cfc0181da5646e1a83b204449df2bde3d76adc0683b9"
RETURN_ID = "4e26c9f08f2a468fabc16af12ae0209b"


@pytest.fixture
def receiver() -> ReveniWebhooks:
    return ReveniWebhooks(SecretStr(KEY), timedelta(seconds=300))


def sign(body: bytes, t: str = T, key: str = KEY) -> str:
    return hmac.new(key.encode(), t.encode() + b"." + body, "sha256").hexdigest()


def signed(body: bytes, t: str = T) -> dict[str, str]:
    return {"x-reveni-signature": f"t={t},v1={sign(body, t)}"}


def envelope(**changes: object) -> bytes:
    return json.dumps(json.loads(BODY) | changes).encode()


def data(**changes: object) -> bytes:
    return envelope(data=json.loads(BODY)["data"] | changes)


def refusal(receiver: ReveniWebhooks, headers: dict[str, str], body: bytes = BODY, now: datetime = NOW) -> str:
    with pytest.raises(BadDelivery) as refused:
        receiver.verify(headers, body, now)
    return str(refused.value)


def test_the_vector_of_the_contract(receiver: ReveniWebhooks) -> None:
    delivery = receiver.verify({"x-reveni-signature": f"t={T},v1={VECTOR}"}, BODY, NOW)
    assert delivery.delivery_id == "c6927a921708466da5ed2b4ebadf0bdf"
    assert delivery.event == "return.updated"
    assert delivery.return_id == RETURN_ID
    assert delivery.occurred_at == datetime(2022, 8, 26, 12, 52, 46, tzinfo=UTC)


@pytest.mark.parametrize(
    "header",
    [
        f"v1={VECTOR},t={T}",
        f"t={T}, v1={VECTOR}",
        f"t={T},v0=abc,v1={VECTOR},v2=def",
        f"t={T},v1={'0' * 64},v1={VECTOR}",
        f"t={T},v1={VECTOR},v1=nonsense",
    ],
    ids=["order", "blank", "other schemes", "two v1, the second fits", "two v1, the second is none"],
)
def test_genuine_headers(receiver: ReveniWebhooks, header: str) -> None:
    assert receiver.verify({"x-reveni-signature": header}, BODY, NOW).return_id == RETURN_ID


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "no X-REVENI-SIGNATURE"),
        (f"t={T}", "without scheme v1"),
        (f"t={T},v0={VECTOR}", "without scheme v1"),
        (f"v1={VECTOR}", "without one time"),
        (f"t={T},t={T},v1={VECTOR}", "without one time"),
        (f"t=-5,v1={VECTOR}", "without one time"),
        (f"t=1e9,v1={VECTOR}", "without one time"),
        (f"t=nan,v1={VECTOR}", "without one time"),
        (f"t=١٦٦,v1={VECTOR}", "without one time"),
        (f"t={T},v1={VECTOR[:-1]}", "64 lower-case hex"),
        (f"t={T},v1={'z' * 64}", "64 lower-case hex"),
        (f"t={T},v1={'é' * 64}", "64 lower-case hex"),
        (f"t={T},v1={VECTOR.upper()}", "64 lower-case hex"),
        (f"t={T},v1={'0' * 64}", "does not fit"),
        (f"t={T},v1={sign(BODY, key='another key')}", "does not fit"),
        (f"t=1661518366.749774,v1={VECTOR}", "does not fit"),
        (f"t=99999999999,v1={VECTOR}", "does not fit"),
        (f"t={T},v1={VECTOR}" + ",v1=0" * 1000, "characters"),
    ],
)
def test_refused_headers(receiver: ReveniWebhooks, header: str, reason: str) -> None:
    text = refusal(receiver, {"x-reveni-signature": header})
    assert reason in text
    assert VECTOR not in text


def test_no_header_at_all(receiver: ReveniWebhooks) -> None:
    assert refusal(receiver, {}) == "no X-REVENI-SIGNATURE header"


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b"return.updated", b"return.created"), b""])
def test_a_tampered_body(receiver: ReveniWebhooks, body: bytes) -> None:
    assert "does not fit" in refusal(receiver, signed(BODY), body)


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_within_tolerance_of_now(receiver: ReveniWebhooks, seconds: int) -> None:
    now = datetime(2022, 8, 26, 12, 52, 46, 749773, tzinfo=UTC) + timedelta(seconds=seconds)
    assert receiver.verify(signed(BODY), BODY, now).return_id == RETURN_ID


@pytest.mark.parametrize(("seconds", "reason"), [(300.000001, "stale"), (86400, "stale"), (-300.000001, "future")])
def test_a_replayed_or_early_delivery(receiver: ReveniWebhooks, seconds: float, reason: str) -> None:
    now = datetime(2022, 8, 26, 12, 52, 46, 749773, tzinfo=UTC) + timedelta(seconds=seconds)
    assert reason in refusal(receiver, signed(BODY), now=now)


def test_a_time_beyond_the_calendar_is_no_crash(receiver: ReveniWebhooks) -> None:
    t = "9" * 12
    assert "without one time" in refusal(receiver, signed(BODY, t))
    t = "9" * 11
    assert "future" in refusal(receiver, signed(BODY, t)) or "calendar" in refusal(receiver, signed(BODY, t))


@pytest.mark.parametrize("t", ["1661518366", "1661518366.7", "1661518366.749773123"])
def test_any_number_of_decimals(receiver: ReveniWebhooks, t: str) -> None:
    assert receiver.verify(signed(BODY, t), BODY, NOW).return_id == RETURN_ID


@pytest.mark.parametrize("body", [envelope(event="refund.paid"), envelope(event="return.deleted", data=None)])
def test_an_unknown_event_names_no_return(receiver: ReveniWebhooks, body: bytes) -> None:
    assert receiver.verify(signed(body), body, NOW).return_id is None


def test_an_unknown_resource_names_no_return(receiver: ReveniWebhooks) -> None:
    body = data(resource="order")
    delivery = receiver.verify(signed(body), body, NOW)
    assert (delivery.event, delivery.return_id) == ("return.updated", None)


def test_a_missing_time_of_the_event_is_no_harm(receiver: ReveniWebhooks) -> None:
    body = envelope(created=None)
    assert receiver.verify(signed(body), body, NOW).occurred_at is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1]", "no object"),
        (b'"text"', "no object"),
        (envelope(id=7), "id is no text"),
        (envelope(id=""), "id is no text"),
        (envelope(id="x" * 101), "id is no text"),
        (envelope(event=None), "event is no text"),
        (envelope(event=["return.updated"]), "event is no text"),
        (envelope(created="1661518366"), "created"),
        (envelope(created=1661518366.5), "created"),
        (envelope(created=True), "created"),
        (envelope(created=10**20), "created"),
        (envelope(data=None), "data is no object"),
        (envelope(data=[]), "data is no object"),
        (data(resource=None), "data.resource is no text"),
        (data(resource_id=42), "data.resource_id is no text"),
        (data(resource_id="../../etc"), "data.resource_id is no identifier"),
        (data(resource_id="x" * 65), "data.resource_id is no identifier"),
    ],
)
def test_signed_but_unusable(receiver: ReveniWebhooks, body: bytes, reason: str) -> None:
    assert reason in refusal(receiver, signed(body), body)


@given(st.binary(max_size=200), st.text(max_size=100))
def test_nothing_unsigned_gets_in(body: bytes, header: str) -> None:
    receiver = ReveniWebhooks(SecretStr(KEY), timedelta(seconds=300))
    with pytest.raises(BadDelivery):
        receiver.verify({"x-reveni-signature": header}, body, NOW)
    with pytest.raises(BadDelivery):
        receiver.verify({"x-reveni-signature": f"t={T},v1={VECTOR}"}, body, NOW)


@given(st.binary(max_size=200))
def test_signed_rubbish_is_refused_not_crashing(body: bytes) -> None:
    with pytest.raises(BadDelivery):
        ReveniWebhooks(SecretStr(KEY), timedelta(seconds=300)).verify(signed(body), body, NOW)


def test_the_key_is_not_in_the_repr(receiver: ReveniWebhooks) -> None:
    assert KEY not in repr(receiver) + repr(vars(receiver))
