"""Bodies of the contract for the tests of what is pure."""

import copy
from typing import Any

RETURN_ID = "4e26c9f08f2a468fabc16af12ae0209b"

CONTRACT_RETURN: dict[str, Any] = {
    "id": RETURN_ID,
    "type": "mixed",
    "mode": "instant",
    "status": "in_progress",
    "amount": "76.4800",
    "currency": "EUR",
    "created_at": "2026-03-02T10:15:30Z",
    "updated_at": "2026-03-02T10:16:02Z",
    "expires_at": "2026-04-01T10:15:30Z",
    "order": {
        "id": "cf6401afba5a4eaa99871e2a94a81f51",
        "external_id": "5551234567890",
        "number": "#1001",
        "created_at": "2026-02-20T09:00:00Z",
    },
    "customer": {
        "email": "shopper@example.com",
        "first_name": "Zoë",
        "last_name": "Müller-Geheim",
        "country": "ES",
    },
    "return_items": [
        {
            "id": "b1f0c8d2a3e94c53a0a7f6a1d2c3b4e5",
            "external_id": "11223344",
            "sku": "TS-BLU-M",
            "name": "T-shirt blue M",
            "quantity": 1,
            "unit_price": "29.9500",
            "discount": "0.0000",
            "tax": "5.1979",
            "tax_rate": "0.2100",
            "tax_included": True,
            "return_reason": "size_too_small",
            "return_reason_text": "call me on 600 123 456",
            "status": "pending",
            "reject_reason": None,
            "reject_reason_text": None,
            "exchange": None,
        },
        {
            "id": "0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f",
            "external_id": "11223345",
            "sku": "TR-BLK-40",
            "name": "Trousers black 40",
            "quantity": 1,
            "unit_price": "49.9500",
            "discount": "0.0000",
            "tax": "8.6690",
            "tax_rate": "0.2100",
            "tax_included": True,
            "return_reason": "changed_mind",
            "return_reason_text": "",
            "status": "pending",
            "reject_reason": None,
            "reject_reason_text": None,
            "exchange": {
                "sku": "TR-BLK-42",
                "variant_external_id": "998877",
                "quantity": 1,
                "unit_price": "49.9500",
            },
        },
    ],
    "breakdown": {
        "return_items": "79.9000",
        "exchange_items": "49.9500",
        "fees": "3.4200",
        "shipping_refund": "0.0000",
        "bonus": "0.0000",
        "total": "26.5300",
    },
    "refunds": [
        {
            "id": "77aa66bb55cc44dd33ee22ff11009988",
            "return_id": RETURN_ID,
            "kind": "default",
            "method": "instant_bank_transfer",
            "status": "paid",
            "amount": "26.5300",
            "currency": "EUR",
            "created_at": "2026-03-02T10:16:00Z",
            "paid_at": "2026-03-02T10:16:02Z",
        }
    ],
    "payments": [
        {
            "id": "5a5b5c5d5e5f4a4b4c4d4e4f3a3b3c3d",
            "status": "paid",
            "amount": "5.0000",
            "currency": "EUR",
            "paid_at": "2026-03-02T10:15:50Z",
        }
    ],
    "exchange_orders": [],
    "shipment": {
        "carrier": "Correos",
        "tracking_number": "PQ123",
        "tracking_url": "https://example.com/t/PQ123",
    },
}


def body(**changes: object) -> dict[str, Any]:
    """The contract's return with some top-level fields replaced."""
    return copy.deepcopy(CONTRACT_RETURN) | changes


def item(item_id: str, quantity: int, status: str = "pending", line: str = "1", sku: str = "TS", **more: object) -> Any:
    """One return item with what we read of it."""
    return {"id": item_id, "external_id": line, "sku": sku, "quantity": quantity, "status": status, **more}
