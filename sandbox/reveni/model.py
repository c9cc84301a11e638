"""The things a store of Reveni keeps. Amounts are decimals in the return's currency; times are UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.kit.wanted import CustomerSpec, ExchangeSpec, Kind, Mode

Json = dict[str, Any]


@dataclass(frozen=True)
class Order:
    """The shop's order; several returns may share it."""

    id: str
    external_id: str
    number: str
    created_at: datetime


@dataclass
class Item:
    """A returned line, or the part that a split left. `discount` and `tax` cover the whole quantity."""

    id: str
    external_id: str
    sku: str
    name: str
    quantity: int
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    tax_rate: Decimal
    tax_included: bool
    return_reason: str
    return_reason_text: str
    exchange: ExchangeSpec | None
    keep_item: bool = False
    status: str = "pending"
    reject_reason: str | None = None
    reject_reason_text: str | None = None

    @property
    def final(self) -> bool:
        """True once the item is accepted or rejected."""
        return self.status in ("accepted", "rejected")


@dataclass(frozen=True)
class Decision:
    """One entry of an inspection: `quantity` units accepted or rejected."""

    status: str
    quantity: int
    reject_reason: str | None = None
    reject_reason_text: str | None = None


@dataclass
class Refund:
    """Money on its way to the customer."""

    id: str
    return_id: str
    kind: str
    method: str
    status: str
    amount: Decimal
    currency: str
    created_at: datetime
    paid_at: datetime | None = None


@dataclass
class Payment:
    """Money from the customer for dearer new items, in the return's currency."""

    id: str
    status: str
    amount: Decimal
    paid_at: datetime | None = None


@dataclass(frozen=True)
class ExchangeOrder:
    """An exchange order that Reveni itself created in the shop; nothing is left to pay on it."""

    external_id: str
    number: str
    currency: str
    created_at: datetime


@dataclass
class Return:
    """A return.

    `decisions` keeps every entry taken, per item id, so that a repeat is told from a contradiction.
    """

    id: str
    type: Kind
    mode: Mode
    status: str
    currency: str
    order: Order
    customer: CustomerSpec
    items: list[Item]
    fees: Decimal
    shipping_refund: Decimal
    bonus: Decimal
    refund_method: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    planned_refund: Decimal | None = None
    refunds: list[Refund] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    exchange_orders: list[ExchangeOrder] = field(default_factory=list)
    notes: list[Json] = field(default_factory=list)
    decisions: dict[str, list[Decision]] = field(default_factory=dict)
