"""Answers of Centra as the contract shows them."""

from decimal import Decimal
from typing import Any

from adapters.centra.settings import CentraSettings
from adapters.centra.wire import Order, Return

SKU = "MUF1042-RED-M"


def money(value: str, currency: str = "GBP") -> dict[str, Any]:
    return {"value": Decimal(value), "currency": {"code": currency}}


def line(**changes: Any) -> dict[str, Any]:
    """Two units at 62.05, 20 % in the price."""
    return {
        "id": 71,
        "quantity": 2,
        "cancelledQuantity": 0,
        "taxPercent": 20,
        "original": {"value": Decimal("70.00")},
        "originalNet": {"value": Decimal("58.33")},
        "lineValue": {"value": Decimal("124.10")},
        "net": {"value": Decimal("103.42")},
        "productSize": {"id": 5, "SKU": SKU, "EAN": "5012345678900"},
    } | changes


def order_body(**changes: Any) -> dict[str, Any]:
    return {
        "id": "0" * 31 + "a",
        "number": 39790,
        "status": "SHIPPED",
        "createdAt": "2026-03-14T09:30:00+01:00",
        "grandTotal": money("119.05"),
        "totals": {
            "shipping": money("4.95"),
            "handling": money("0"),
            "taxIncluded": money("19.84"),
            "taxAdded": money("0"),
            "discounts": money("10.00"),
        },
        "lines": [line()],
        "customer": {"id": 4, "email": "ada@example.com"},
        "shipments": [{"id": 1338, "isShipped": True, "lines": [{"id": 2943, "quantity": 2, "orderLine": {"id": 71}}]}],
    } | changes


def order(**changes: Any) -> Order:
    return Order.model_validate(order_body(**changes))


def totals(**changes: str) -> dict[str, Any]:
    zero = dict.fromkeys(("shipping", "handling", "taxIncluded", "taxAdded", "discounts"), "0")
    return {name: money(value) for name, value in (zero | changes).items()}


def return_body(number: int, lines: dict[int, int], **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "externalId": "bh-rt10234-r-1-s1",
        "returnStatus": "PENDING",
        "createdAt": "2026-03-18T09:30:00+01:00",
        "comment": None,
        "grandTotal": money("62.05"),
        "order": {"number": 39790},
        "shipment": {"id": 1338},
        "lines": [{"id": 555, "quantity": n, "shipmentLine": {"id": one}} for one, n in lines.items()],
    } | changes


def row(number: int, lines: dict[int, int], **changes: Any) -> Return:
    return Return.model_validate(return_body(number, lines, **changes))


def settings(**changes: Any) -> CentraSettings:
    values = {
        "base_url": "http://centra.example",
        "token": "a-token",
        "order_api_url": "http://centra.example/order-api/v1",
        "order_api_key": "a-key",
        "exchange_warehouses": [1],
        "requests_per_ten_seconds": 100_000,
        "mutations_per_hour": 1_000_000,
        "timeout_seconds": 5,
    }
    return CentraSettings.model_validate(values | changes)
