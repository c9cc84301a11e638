"""A Prima sandbox on a real socket, the adapter in front of it, and documents to post."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest

from adapters.kit.http import VendorHttp
from adapters.kit.outside import Outside
from adapters.prima import contract
from adapters.prima.client import PrimaClient
from adapters.prima.codec import Record
from adapters.prima.contract import Message
from adapters.prima.port import PrimaErp, build
from adapters.prima.settings import PrimaSettings
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
    Posting,
    ReceiptRequest,
    ReplacementOrder,
    RmaLine,
    RmaRequest,
    StockUnits,
    TransferRequest,
)
from domain.outcomes import Rejected
from sandbox.kit.faults import FaultPlan
from sandbox.kit.server import serve
from sandbox.prima import PrimaSandbox

TODAY = date(2026, 3, 20)
COAT, SHIRT, LONG_COAT = "P1001-BLK-080", "P2001-WHT-M", "P1001-BLK-090"
EXCHANGE_KEY, TRANSFER_KEY = "bh-rt10234-x-1", "bh-rt10234-t-1"
RMA_KEY, GOODS_KEY, CREDIT_KEY = "bh-rt10234-r-1", "bh-rt10234-g-1", "bh-rt10234-c-1"


@dataclass
class Shop:
    """The emulated Prima and the port under test."""

    prima: PrimaSandbox
    erp: PrimaErp
    client: PrimaClient
    settings: PrimaSettings
    http: httpx.AsyncClient

    def count(self, op: str) -> int:
        return len(self.prima.journal.entries(op))

    async def physical(self, sku: str, depot: str) -> int:
        return next(row.physical for row in await self.erp.depot_stock([sku]) if row.depot == depot)


def settings(url: str, **changes: Any) -> PrimaSettings:
    values = {"url": url, "return_depot": "QT", "shipping_charges": ["RM24", "SD1"], "timeout_seconds": 5}
    return PrimaSettings.model_validate(values | changes)


@asynccontextmanager
async def shop(faults: FaultPlan | None = None, company: str | None = None, **changes: Any) -> AsyncIterator[Shop]:
    prima = PrimaSandbox(faults=faults, company=company, today=lambda: TODAY)
    async with serve(prima.app) as server, httpx.AsyncClient(trust_env=False) as http:
        config = settings(server.url + prima.path, company=company, **changes)
        vendor = VendorHttp(http, "Prima", contract.STATUSES)
        client = PrimaClient(vendor, config.url, company)
        yield Shop(prima, build(config, Outside(http)), client, config, http)


def rma(**changes: Any) -> RmaRequest:
    line = RmaLine(line_no=1, order_line_id="1", sku=COAT, quantity=1, unit_value=22050, reason="TS")
    request = RmaRequest(
        key=RMA_KEY,
        order_number="2011234",
        customer_ref="C001",
        currency="GBP",
        tax_inclusive=True,
        standalone=False,
        lines=[line],
    )
    return request.model_copy(update=changes)


def receipt(number: str, **changes: Any) -> ReceiptRequest:
    request = ReceiptRequest(
        key=GOODS_KEY,
        rma_number=number,
        order_number="2011234",
        depot="01",
        condition="A",
        received_on=TODAY,
        lines=[MovementLine(rma_line_no=1, sku=COAT, quantity=1)],
    )
    return request.model_copy(update=changes)


def adjustment(**changes: Any) -> AdjustmentRequest:
    request = AdjustmentRequest(
        key=GOODS_KEY,
        order_number="2011234",
        depot="DM",
        reason="RET",
        adjusted_on=TODAY,
        lines=[MovementLine(rma_line_no=1, sku=COAT, quantity=1)],
    )
    return request.model_copy(update=changes)


def credit(number: str, **changes: Any) -> CreditRequest:
    line = CreditLine(
        rma_line_no=1,
        order_line_id="1",
        sku=COAT,
        quantity=1,
        unit_primary=22050,
        tax=3675,
        tax_code="20.00",
        tax_rate="20.00",
    )
    request = CreditRequest(
        key=CREDIT_KEY,
        order_number="2011234",
        invoice_number="INV2011234",
        rma_number=number,
        currency="GBP",
        tax_inclusive=True,
        credited_on=TODAY,
        lines=[line],
        charges=[CreditCharge(purpose="fee", code="RETFEE", amount=-495)],
        total=21555,
    )
    return request.model_copy(update=changes)


def transfer(**changes: Any) -> TransferRequest:
    request = TransferRequest(
        key=TRANSFER_KEY,
        order_number="2011234",
        from_depot="01",
        to_depot="DM",
        reason="regrade",
        lines=[StockUnits(sku=COAT, quantity=1)],
    )
    return request.model_copy(update=changes)


def replacement(**changes: Any) -> ReplacementOrder:
    """The long coat for the coat of order 2011234, even."""
    request = ReplacementOrder(
        key=EXCHANGE_KEY,
        original_order="2011234",
        rma_number="R0004711",
        currency="GBP",
        tax_inclusive=True,
        sku=LONG_COAT,
        quantity=1,
    )
    return request.model_copy(update=changes)


def cancel_replacement(number: str = "", key: str = EXCHANGE_KEY) -> CancelReplacement:
    return CancelReplacement(key=key, order_number=number, reason="return cancelled")


def cancel_rma(number: str, key: str = RMA_KEY) -> CancelRma:
    return CancelRma(key="bh-rt10234-r-2", rma_number=number, rma_key=key, reason="cancelled by customer")


def cancel_credit(number: str) -> CancelCredit:
    return CancelCredit(key="bh-rt10234-c-2", credit_number=number, reason="posted in error")


def number(posting: Posting) -> str:
    assert isinstance(posting, Posted)
    return posting.number


async def detail(prima: Shop, message: Message, **data: str) -> Record:
    found = await prima.client.find(message, data, lambda record: record)
    assert found is not None
    return found


async def refused(call: Awaitable[object]) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        await call
    return refusal.value


async def opened(prima: Shop) -> str:
    return number(await prima.erp.open_rma(rma()))
