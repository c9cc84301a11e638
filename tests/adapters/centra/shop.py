"""A Centra sandbox on a real socket, the adapter in front of it, and documents to post."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from adapters.centra.port import CentraErp, build
from adapters.centra.settings import CentraSettings
from adapters.kit.outside import Outside
from domain.documents import (
    AdjustmentRequest,
    CancelCredit,
    CancelReplacement,
    CancelRma,
    CreditCharge,
    CreditLine,
    CreditRequest,
    MovementLine,
    Posted,
    ReceiptRequest,
    ReplacementOrder,
    RmaLine,
    RmaRequest,
    StockUnits,
    TransferRequest,
)
from domain.outcomes import InDoubt, Rejected, RetryLater
from sandbox.centra import CentraSandbox
from sandbox.kit.faults import FaultPlan
from sandbox.kit.server import serve
from tests.adapters.centra import bodies

TODAY = date(2026, 3, 20)
ORDER, COAT, SHIRT, LONG_COAT = "39790", "P1001-BLK-080", "P2001-WHT-M", "P1001-BLK-090"
UNIQUE = "0123456789abcdef0123456789abcdef"
RMA_KEY, GOODS_KEY, CREDIT_KEY = f"bh-{UNIQUE}-r-1", f"bh-{UNIQUE}-g-1", f"bh-{UNIQUE}-c-1"
SECOND_CREDIT, EXCHANGE_KEY, TRANSFER_KEY = f"bh-{UNIQUE}-c-2", f"bh-{UNIQUE}-x-1", f"bh-{UNIQUE}-t-1"
SELLABLE, DAMAGED = "1", "11"

#: Two coats at 200.00 and a shirt at 50.00 with 20 % in the price, 45.00 off the order, shipping 5.95: 410.95 in all.
LINES = [
    {"sku": COAT, "quantity": 2, "price": "200.00"},
    {"sku": SHIRT, "quantity": 1, "price": "50.00"},
]


@dataclass
class Shop:
    """The emulated Centra and the port under test."""

    centra: CentraSandbox
    erp: CentraErp
    settings: CentraSettings
    http: httpx.AsyncClient

    def count(self, op: str) -> int:
        return len(self.entries(op))

    def entries(self, op: str) -> list[dict[str, Any]]:
        return self.centra.journal.entries(op)

    async def physical(self, sku: str, depot: str) -> int:
        return sum(row.physical for row in await self.erp.depot_stock([sku]) if row.depot == depot)

    def live(self) -> dict[str, dict[str, int]]:
        """External id → SKU → units of every return that was not deleted."""
        made = {entry["return_id"]: entry for entry in self.entries("createReturn")}
        for entry in self.entries("deleteReturn"):
            made.pop(entry["return_id"])
        return {
            entry["external_id"]: {line["sku"]: line["quantity"] for line in entry["lines"]} for entry in made.values()
        }

    def completed(self) -> list[str]:
        """Totals of the completed returns, in the order of completion."""
        undone = {entry["return_id"] for entry in self.entries("uncompleteReturn")}
        return [entry["total"] for entry in self.entries("completeReturn") if entry["return_id"] not in undone]


@asynccontextmanager
async def shop(faults: FaultPlan | None = None, **changes: Any) -> AsyncIterator[Shop]:
    centra = CentraSandbox(faults=faults)
    centra.add_order(ORDER, LINES, charges={"RM24": "5.95"}, discounts=[{"amount": "45.00"}])
    centra.add_item(LONG_COAT)
    for sku in (COAT, SHIRT, LONG_COAT):
        centra.add_stock(sku, 12)
    async with serve(centra.app) as server, httpx.AsyncClient(trust_env=False) as http:
        config = bodies.settings(
            base_url=server.url,
            token="sandbox-centra-token",
            order_api_url=server.url + "/order-api/v1",
            order_api_key="sandbox-centra-order-key",
            exchange_warehouses=[1, 2],
            **changes,
        )
        yield Shop(centra, build(config, Outside(http)), config, http)


def rma(**changes: Any) -> RmaRequest:
    line = RmaLine(line_no=1, order_line_id="1", sku=COAT, quantity=1, unit_value=18000, reason="TS")
    request = RmaRequest(
        key=RMA_KEY,
        order_number=ORDER,
        customer_ref="4",
        currency="GBP",
        tax_inclusive=True,
        standalone=False,
        lines=[line],
    )
    return request.model_copy(update=changes)


def both_lines(coats: int = 2) -> list[RmaLine]:
    return [
        RmaLine(line_no=1, order_line_id="1", sku=COAT, quantity=coats, unit_value=18000, reason="TS"),
        RmaLine(line_no=2, order_line_id="2", sku=SHIRT, quantity=1, unit_value=4500, reason="TS"),
    ]


def receipt(number: str, **changes: Any) -> ReceiptRequest:
    request = ReceiptRequest(
        key=GOODS_KEY,
        rma_number=number,
        order_number=ORDER,
        depot=SELLABLE,
        condition="A",
        received_on=TODAY,
        lines=[MovementLine(rma_line_no=1, sku=COAT, quantity=1)],
    )
    return request.model_copy(update=changes)


def adjustment(**changes: Any) -> AdjustmentRequest:
    request = AdjustmentRequest(
        key=GOODS_KEY,
        order_number=ORDER,
        depot=DAMAGED,
        reason="RET",
        adjusted_on=TODAY,
        lines=[MovementLine(rma_line_no=1, sku=COAT, quantity=1)],
    )
    return request.model_copy(update=changes)


def transfer(**changes: Any) -> TransferRequest:
    request = TransferRequest(
        key=TRANSFER_KEY,
        order_number=ORDER,
        from_depot=SELLABLE,
        to_depot=DAMAGED,
        reason="regrade",
        lines=[StockUnits(sku=COAT, quantity=1)],
    )
    return request.model_copy(update=changes)


def coat_line(quantity: int = 1, unit_primary: int = 18000) -> CreditLine:
    return CreditLine(
        rma_line_no=1, order_line_id="1", sku=COAT, quantity=quantity, unit_primary=unit_primary, tax=3000 * quantity
    )


def shirt_line() -> CreditLine:
    return CreditLine(rma_line_no=2, order_line_id="2", sku=SHIRT, quantity=1, unit_primary=4500, tax=750)


def fee(amount: int = -495) -> CreditCharge:
    return CreditCharge(purpose="fee", code="RETFEE", amount=amount)


def credit(number: str, **changes: Any) -> CreditRequest:
    """One coat: 180.00 of the 410.95."""
    request = CreditRequest(
        key=CREDIT_KEY,
        order_number=ORDER,
        invoice_number="",
        rma_number=number,
        currency="GBP",
        tax_inclusive=True,
        credited_on=TODAY,
        lines=[coat_line()],
        total=18000,
    )
    return request.model_copy(update=changes)


def replacement(**changes: Any) -> ReplacementOrder:
    """The long coat for a coat of the order, even."""
    request = ReplacementOrder(
        key=EXCHANGE_KEY,
        original_order=ORDER,
        rma_number="315",
        currency="GBP",
        tax_inclusive=True,
        sku=LONG_COAT,
        quantity=1,
    )
    return request.model_copy(update=changes)


def cancel_replacement(number: str = "", key: str = EXCHANGE_KEY) -> CancelReplacement:
    return CancelReplacement(key=key, order_number=number, reason="return cancelled")


def cancel_rma(number: str, key: str = RMA_KEY) -> CancelRma:
    return CancelRma(key=f"bh-{UNIQUE}-r-2", rma_number=number, rma_key=key, reason="cancelled by customer")


def cancel_credit(number: str) -> CancelCredit:
    return CancelCredit(key=f"bh-{UNIQUE}-c-9", credit_number=number, reason="posted in error")


def today() -> date:
    """The sandbox's own day: it dates what is made now."""
    return datetime.now(UTC).date()


async def refused(call: Awaitable[object]) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        await call
    return refusal.value


async def until_posted(call: Any, most: int = 60) -> tuple[Posted, int]:
    """Repeat like Temporal does, without the waits. The posting, and how many attempts it took."""
    for attempt in range(1, most + 1):
        try:
            return await call(), attempt
        except (InDoubt, RetryLater):
            continue
    raise AssertionError(f"no posting after {most} attempts")
