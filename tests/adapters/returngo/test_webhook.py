"""Webhooks that nobody signs: the token in the address, and payloads that only say where to look (R110)."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.returngo.port import build_webhooks
from adapters.returngo.webhook import ReturnGoWebhooks
from domain.ports import BadDelivery, UnreadableDelivery
from tests.adapters.returngo.bodies import SHOP, TOKEN, settings_for

NOW = datetime(2026, 2, 4, 9, 9, tzinfo=UTC)
UPDATED = {
    "eventName": "RMA_STATUS_UPDATED",
    "shopName": SHOP,
    "eventDate": "2026-02-04T09:08:02+00:00",
    "rmaId": "10000001",
    "status": "Approved",
    "orderId": "7000000000001",
    "order_name": "1001",
}


@pytest.fixture
def receiver() -> ReturnGoWebhooks:
    return build_webhooks(settings_for())


def payload(**changes: object) -> bytes:
    return json.dumps({key: value for key, value in (UPDATED | changes).items() if value is not ...}).encode()


@pytest.mark.parametrize(
    "event",
    [
        {"eventName": "RMA_CREATED"},
        {"eventName": "RMA_STATUS_UPDATED"},
        {"eventName": "SHIPMENT_CREATED", "shipmentId": "9000001"},
        {"eventName": "SHIPMENT_STATUS_UPDATED", "shipmentId": "9000001", "status": "Shipped"},
        {"eventName": "SHIPMENT_TRACKER_STATUS_UPDATED", "shipmentId": "9000001"},
        {"eventName": "TRANSACTION_CREATED", "transactionId": "6000001"},
        {"eventName": "REFUND_CREATED", "transactionId": "6000001"},
    ],
)
def test_each_event_of_the_contract(receiver: ReturnGoWebhooks, event: dict[str, object]) -> None:
    body = payload(**event)
    delivery = receiver.verify({}, body, NOW, TOKEN)
    assert (delivery.event, delivery.return_id) == (event["eventName"], "10000001")
    assert delivery.delivery_id == hashlib.sha256(body).hexdigest()
    assert delivery.occurred_at == datetime(2026, 2, 4, 9, 8, 2, tzinfo=UTC)


def test_the_same_body_is_the_same_delivery(receiver: ReturnGoWebhooks) -> None:
    first, again, other = (
        receiver.verify({}, body, NOW, TOKEN) for body in (payload(), payload(), payload(status="Done"))
    )
    assert first == again
    assert first.delivery_id != other.delivery_id


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "é" * 40, "\ud800"])
def test_a_wrong_token(receiver: ReturnGoWebhooks, token: str) -> None:
    with pytest.raises(BadDelivery) as refused:
        receiver.verify({}, payload(), NOW, token)
    assert TOKEN not in str(refused.value)
    assert not isinstance(refused.value, UnreadableDelivery), "who does not know the token is nobody"


@pytest.mark.parametrize(("rma_id", "expected"), [(10000001, "10000001"), ("10000001", "10000001"), ("R-1.a", "R-1.a")])
def test_ids_are_numbers_or_text(receiver: ReturnGoWebhooks, rma_id: object, expected: str) -> None:
    assert receiver.verify({}, payload(rmaId=rma_id), NOW, TOKEN).return_id == expected


@pytest.mark.parametrize("more", [{}, {"rmaId": None}, {"rmaId": ["?"]}])
def test_an_unknown_event_names_no_return(receiver: ReturnGoWebhooks, more: dict[str, object]) -> None:
    delivery = receiver.verify({}, payload(eventName="ITEM_SMELLED", **more), NOW, TOKEN)
    assert (delivery.event, delivery.return_id) == ("ITEM_SMELLED", None)


@pytest.mark.parametrize("shop", [None, ..., SHOP, SHOP.upper()])
def test_our_shop_or_none_named(receiver: ReturnGoWebhooks, shop: object) -> None:
    assert receiver.verify({}, payload(shopName=shop), NOW, TOKEN).return_id == "10000001"


@pytest.mark.parametrize("shop", ["other.myshopify.com", "", 7, [SHOP]])
def test_another_shop(receiver: ReturnGoWebhooks, shop: object) -> None:
    with pytest.raises(BadDelivery, match="another shop"):
        receiver.verify({}, payload(shopName=shop), NOW, TOKEN)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-02-04T11:08:02+02:00", datetime(2026, 2, 4, 9, 8, 2, tzinfo=UTC)),
        ("2026-02-04T09:08:02Z", datetime(2026, 2, 4, 9, 8, 2, tzinfo=UTC)),
        ("2026-02-04T09:08:02", datetime(2026, 2, 4, 9, 8, 2, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
        (None, None),
        (..., None),
        (1770196082, None),
    ],
)
def test_the_hint_is_good_without_its_time(receiver: ReturnGoWebhooks, date: object, expected: datetime | None) -> None:
    delivery = receiver.verify({}, payload(eventDate=date), NOW, TOKEN)
    assert (delivery.return_id, delivery.occurred_at) == ("10000001", expected)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"not json", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"rmaId": ' + b"9" * 5000 + b"}", "not JSON"),
        (b"[1]", "no object"),
        (b"null", "no object"),
        (payload(eventName=...), "eventName"),
        (payload(eventName=7), "eventName"),
        (payload(eventName=""), "eventName"),
        (payload(eventName="X" * 101), "eventName"),
        (payload(rmaId=...), "rmaId is no identifier"),
        (payload(rmaId=None), "rmaId is no identifier"),
        (payload(rmaId=True), "rmaId is no identifier"),
        (payload(rmaId=-1), "rmaId is no identifier"),
        (payload(rmaId=1.5), "rmaId is no identifier"),
        (payload(rmaId="../../etc"), "rmaId is no identifier"),
        (payload(rmaId="1\n"), "rmaId is no identifier"),
        (payload(rmaId="x" * 65), "rmaId is no identifier"),
    ],
)
def test_with_our_token_and_unreadable(receiver: ReturnGoWebhooks, body: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDelivery, match=reason):
        receiver.verify({}, body, NOW, TOKEN)


@given(st.binary(max_size=200))
def test_rubbish_is_refused_never_crashing(body: bytes) -> None:
    with pytest.raises(BadDelivery):
        build_webhooks(settings_for()).verify({}, body, NOW, TOKEN)


@given(st.text(max_size=60))
def test_nobody_gets_in_without_the_token(token: str) -> None:
    with pytest.raises(BadDelivery):
        build_webhooks(settings_for()).verify({}, payload(), NOW, token)


def test_the_token_is_not_in_the_repr(receiver: ReturnGoWebhooks) -> None:
    assert TOKEN not in repr(receiver) + repr(vars(receiver))
