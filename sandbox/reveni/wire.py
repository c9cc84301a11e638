"""The JSON of the contract: names, four-decimal amounts, times in whole seconds with a Z."""

from datetime import UTC, datetime
from typing import Any

from sandbox.kit.money import ZERO
from sandbox.reveni.breakdown import breakdown
from sandbox.reveni.model import ExchangeOrder, Item, Json, Order, Payment, Refund, Return
from sandbox.reveni.money import wire


def return_json(ret: Return) -> Json:
    """A return: header, order, customer, items, breakdown, refunds, payments, exchange orders, shipment."""
    return {
        "id": ret.id,
        "type": ret.type,
        "mode": ret.mode,
        "status": ret.status,
        "amount": wire(breakdown(ret).at_stake),
        "currency": ret.currency,
        "created_at": instant(ret.created_at),
        "updated_at": instant(ret.updated_at),
        "expires_at": instant(ret.expires_at) if ret.expires_at else None,
        "order": order_json(ret.order),
        "customer": customer_json(ret),
        "return_items": [item_json(item) for item in ret.items],
        "breakdown": breakdown_json(ret),
        "refunds": [refund_json(refund) for refund in ret.refunds],
        "payments": [payment_json(payment, ret.currency) for payment in ret.payments],
        "exchange_orders": [exchange_order_json(order) for order in ret.exchange_orders],
        "shipment": shipment_json(ret),
    }


def order_json(order: Order) -> Json:
    """An order as embedded in a return and as answered by `GET orders/{id}`."""
    return {
        "id": order.id,
        "external_id": order.external_id,
        "number": order.number,
        "created_at": instant(order.created_at),
    }


def customer_json(ret: Return) -> Json:
    """The shopper of a return."""
    who = ret.customer
    return {
        "email": who.email,
        "first_name": who.first_name,
        "last_name": who.last_name,
        "country": who.country,
    }


def item_json(item: Item) -> Json:
    """A return item; `unit_price` per unit, `discount` and `tax` for the whole quantity."""
    return {
        "id": item.id,
        "external_id": item.external_id,
        "sku": item.sku,
        "name": item.name,
        "quantity": item.quantity,
        "unit_price": wire(item.unit_price),
        "discount": wire(item.discount),
        "tax": wire(item.tax),
        "tax_rate": wire(item.tax_rate),
        "tax_included": item.tax_included,
        "return_reason": item.return_reason,
        "return_reason_text": item.return_reason_text,
        "status": item.status,
        "reject_reason": item.reject_reason,
        "reject_reason_text": item.reject_reason_text,
        "exchange": exchange_json(item),
        "keep_item": item.keep_item,
    }


def exchange_json(item: Item) -> Json | None:
    """The new item wanted for a returned one."""
    if item.exchange is None:
        return None
    return {
        "sku": item.exchange.sku,
        "variant_external_id": item.exchange.variant_external_id,
        "quantity": item.exchange.quantity,
        "unit_price": wire(item.exchange.unit_price),
    }


def breakdown_json(ret: Return) -> Json:
    """The composition of the refund; it foots to `total`."""
    parts = breakdown(ret)
    return {
        "return_items": wire(parts.return_items),
        "exchange_items": wire(parts.exchange_items),
        "fees": wire(parts.fees),
        "shipping_refund": wire(parts.shipping_refund),
        "bonus": wire(parts.bonus),
        "total": wire(parts.total),
    }


def refund_json(refund: Refund) -> Json:
    """A refund, in a return and in `GET refunds`."""
    return {
        "id": refund.id,
        "return_id": refund.return_id,
        "kind": refund.kind,
        "method": refund.method,
        "status": refund.status,
        "amount": wire(refund.amount),
        "currency": refund.currency,
        "created_at": instant(refund.created_at),
        "paid_at": instant(refund.paid_at) if refund.paid_at else None,
    }


def payment_json(payment: Payment, currency: str) -> Json:
    """A payment of the customer."""
    return {
        "id": payment.id,
        "status": payment.status,
        "amount": wire(payment.amount),
        "currency": currency,
        "paid_at": instant(payment.paid_at) if payment.paid_at else None,
    }


def exchange_order_json(order: ExchangeOrder) -> Json:
    """An exchange order made by Reveni; zero is left to pay."""
    return {
        "external_id": order.external_id,
        "number": order.number,
        "total_payable": wire(ZERO),
        "currency": order.currency,
        "created_at": instant(order.created_at),
    }


def shipment_json(ret: Return) -> Json | None:
    """The label the customer got, once the request is finished."""
    if ret.status == "incomplete":
        return None
    tracking = f"PQ{ret.id[:10].upper()}"
    return {
        "carrier": "Correos",
        "tracking_number": tracking,
        "tracking_url": f"https://example.com/t/{tracking}",
        "label_url": f"https://example.com/l/{tracking}.pdf",
    }


def envelope(event_id: str, name: str, created: datetime, ret: Json) -> dict[str, Any]:
    """The webhook envelope around a return's JSON; `created` becomes whole epoch seconds."""
    return {
        "id": event_id,
        "event": name,
        "created": int(created.timestamp()),
        "data": {
            "amount": ret["amount"],
            "status": ret["status"],
            "currency": ret["currency"],
            "resource": "return",
            "resource_id": ret["id"],
            "object": ret,
        },
    }


def instant(at: datetime) -> str:
    """UTC in whole seconds, `2026-03-02T10:15:30Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
