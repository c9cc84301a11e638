"""Events from the warehouse's connector: token, envelope, inspection."""

import json
from typing import Any

import pytest

from adapters.patchworks.inspection import scan_id
from adapters.patchworks.port import build_feed
from domain.inspection import WarehouseEvent
from domain.ports import BadDelivery, UnreadableDelivery
from domain.returns import ReturnRef
from tests.adapters.patchworks.flows import TOKEN, settings

HEADERS = {"authorization": f"Bearer {TOKEN}", "idempotency-key": "wms-555-1"}
SAMPLE = """{"eventId": "wms-555-1", "type": "return.inspected", "occurredAt": "2026-02-09T10:00:00Z",
 "return": {"externalId": "reveni:10000001", "orderId": "7000000000001", "outcome": "refund", "locationId": "WH-01",
   "receivedAt": "2026-02-09T08:00:00Z",
   "returnLineItems": [{"id": "40000001", "orderLineItemId": "17000000000001", "sku": "SKU-0001", "quantityReturned": 1,
     "returnReason": "size_issue", "inspection": {"conditionCategory": "damaged", "dispositionOutcome": "quarantine",
     "warehouseLocationId": "Q-01", "note": "stain", "inspectedAt": "2026-02-09T10:00:00Z"}}]}}"""
DELETED = object()


def body(path: str = "", value: object = DELETED) -> bytes:
    """The sample with one thing changed; `path` as ``return.locationId``."""
    content = json.loads(SAMPLE)
    if path:
        *way, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
        place: Any = content
        for step in way:
            place = place[step]
        if value is DELETED:
            del place[last]
        else:
            place[last] = value
    return json.dumps(content).encode()


def read(content: bytes, **headers: str) -> WarehouseEvent:
    return build_feed(settings()).read(HEADERS | headers, content)


LINE = "return.returnLineItems.0"
FOUND = f"{LINE}.inspection"


def test_the_agreed_sample_is_an_inspection() -> None:
    event = read(SAMPLE.encode())
    assert (event.event_id, event.event, event.return_id) == ("wms-555-1", "return.inspected", "10000001")
    found = event.inspection
    assert found is not None
    assert (found.inspection_id, found.location) == ("wms-555-1", "WH-01")
    assert found.inspected_at is not None
    assert found.inspected_at.isoformat() == "2026-02-09T10:00:00+00:00"
    (units,) = found.units
    assert (units.sku, units.quantity, units.disposition) == ("SKU-0001", 1, "quarantine")
    assert units.order_line_id == "17000000000001"


def test_the_same_event_again_is_the_same_inspection() -> None:
    assert read(SAMPLE.encode()) == read(SAMPLE.encode())


@pytest.mark.parametrize("header", ["", f"Bearer {TOKEN}x", f"bearer {TOKEN}", TOKEN, "Basic eDp5", "Bearer ü"])
def test_N9_without_the_token_nothing_is_read(header: str) -> None:
    with pytest.raises(BadDelivery) as refusal:
        read(b"{", authorization=header)
    assert not isinstance(refusal.value, UnreadableDelivery)
    assert TOKEN not in str(refusal.value)


def test_without_a_configured_token_nothing_is_let_in() -> None:
    feed = build_feed(settings(inbound_token=None))
    with pytest.raises(BadDelivery, match="inbound_token"):
        feed.read({"authorization": "Bearer "}, SAMPLE.encode())


def test_the_place_of_the_lines_counts_when_the_return_names_none() -> None:
    event = read(body("return.locationId"))
    assert event.inspection is not None
    assert event.inspection.location == "Q-01"


def test_without_a_disposition_the_condition_counts() -> None:
    event = read(body(f"{FOUND}.dispositionOutcome", ""))
    assert event.inspection is not None
    assert event.inspection.units[0].disposition == "damaged"


def test_lines_that_were_not_inspected_are_left_out() -> None:
    content = json.loads(SAMPLE)
    lines = content["return"]["returnLineItems"]
    lines += [lines[0] | {"sku": "SKU-0002", "inspection": None}, lines[0] | {"sku": "SKU-3", "quantityReturned": 0}]
    event = read(json.dumps(content).encode())
    assert event.inspection is not None
    assert [units.sku for units in event.inspection.units] == ["SKU-0001"]


@pytest.mark.parametrize(
    "kind", ["return.received", "return.restocked", "credit_note.posted", "exchange_order.shipped"]
)
def test_other_events_say_only_which_return_to_look_at(kind: str) -> None:
    event = read(body("type", kind))
    assert (event.event, event.return_id, event.inspection) == (kind, "10000001", None)


def test_unknown_events_are_not_for_us() -> None:
    assert read(body("type", "stock.counted")).return_id is None


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("eventId", "", "eventId"),
        ("eventId", DELETED, "eventId"),
        ("type", 7, "type"),
        ("return", DELETED, "return"),
        ("return.externalId", "10000001", "return.externalId"),
        ("return.externalId", "reveni:../x", "return.externalId"),
        ("return.externalId", "returngo:10000001", "platform reveni"),
        (f"{LINE}.quantityReturned", -1, "quantityReturned"),
        (f"{LINE}.quantityReturned", 1.5, "quantityReturned"),
        (f"{LINE}.quantityReturned", 20_000, "returnLineItems.0.quantity"),
        (f"{LINE}.sku", "", "sku"),
        (f"{LINE}.sku", "S" * 100, "returnLineItems.0.sku"),
        (FOUND, {}, "dispositionOutcome"),
        (FOUND, DELETED, "returnLineItems"),
        (f"{FOUND}.inspectedAt", "yesterday", "inspectedAt"),
        ("return.returnLineItems", [], "returnLineItems"),
        ("return.locationId", "L" * 70, "location"),
    ],
)
def test_nonsense_with_a_good_token_names_the_field(path: str, value: object, named: str) -> None:
    event_id = json.loads(body(path, value)).get("eventId", "")
    with pytest.raises(UnreadableDelivery) as refusal:
        read(body(path, value), **{"idempotency-key": event_id or "x"})
    assert named in str(refusal.value)
    assert "LLLL" not in str(refusal.value)


def test_two_places_and_no_location_of_the_return_cannot_be_booked() -> None:
    content = json.loads(body("return.locationId"))
    lines = content["return"]["returnLineItems"]
    lines.append(lines[0] | {"inspection": lines[0]["inspection"] | {"warehouseLocationId": "Q-02"}})
    with pytest.raises(UnreadableDelivery, match="locationId"):
        read(json.dumps(content).encode())


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"[" * 100_000, b'{"eventId": NaN}', b'{"n": 1e9999999999999999999}', b"\xff"]
)
def test_hostile_bodies_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadableDelivery):
        read(content)


def test_a_header_for_another_event_is_refused() -> None:
    with pytest.raises(UnreadableDelivery, match="Idempotency-Key"):
        read(SAMPLE.encode(), **{"idempotency-key": "wms-555-2"})


def test_E15_odd_event_ids_stay_unique_scan_ids() -> None:
    ids = ["wms 555/1", "wms 555#1", "€" * 90, "-", "x" * 100]
    cleaned = [scan_id(event_id) for event_id in ids]
    assert len(set(cleaned)) == len(ids)
    assert all(len(text) <= 64 and text[0].isalnum() for text in cleaned)
    assert cleaned == [scan_id(event_id) for event_id in ids]
    for event_id in ids:
        event = read(body("eventId", event_id), **{"idempotency-key": event_id})
        assert event.inspection is not None
        ReturnRef(connection="uk", return_id=event.return_id or "")
