"""The operations of docs/patchworks-integration-guide.md: their requests and replies, and the calls that send them."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.patchworks.port import PatchworksErp
from tests.adapters.patchworks import requests as desk

GUIDE = Path(__file__).parents[3] / "docs" / "patchworks-integration-guide.md"
_SECTION = re.compile(r"^### `(\w+)`\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)

CALLS: dict[str, Callable[[PatchworksErp], Awaitable[object]]] = {
    "create_return": lambda erp: erp.open_rma(desk.rma()),
    "cancel_return": lambda erp: erp.cancel_rma(desk.cancel_rma("RA1001")),
    "receive_return": lambda erp: erp.receive_goods(desk.receipt("RA1001")),
    "adjust_stock": lambda erp: erp.adjust_stock(desk.adjustment()),
    "transfer_stock": lambda erp: erp.transfer_stock(desk.transfer()),
    "create_credit_note": lambda erp: erp.post_credit(desk.credit("RA1001")),
    "apply_credit_note": lambda erp: erp.post_credit(desk.credit("RA1001")),
    "void_credit_note": lambda erp: erp.cancel_credit(desk.cancel_credit("CM1001")),
    "create_exchange_order": lambda erp: erp.order_replacement(desk.replacement(due=690)),
    "cancel_exchange_order": lambda erp: erp.cancel_replacement(desk.cancel_replacement(desk.EXCHANGE_KEY)),
    "tell_commerce": lambda erp: erp.receive_goods(desk.receipt("RA1001")),
    "get_order": lambda erp: erp.read_order(desk.ORDER),
    "get_return": lambda erp: erp.read_rma("RA1001"),
    "get_stock": lambda erp: erp.depot_stock([desk.COAT]),
    "get_items": lambda erp: erp.check_items([desk.COAT, "SET-1"]),
    "get_credit_notes": lambda erp: erp.list_credits(desk.TODAY.replace(day=1), desk.TODAY.replace(day=31)),
    "get_operation": lambda erp: erp.receive_goods(desk.receipt("RA1001")),
}


@dataclass(frozen=True)
class Section:
    """One operation as the guide has it: the first JSON block is the request, the others are replies."""

    operation: str
    request: dict[str, Any]
    replies: list[Any]


def sections() -> dict[str, Section]:
    found = {}
    for operation, text in _SECTION.findall(GUIDE.read_text(encoding="utf-8")):
        request, *replies = [json.loads(block, parse_float=Decimal) for block in _BLOCK.findall(text)]
        found[operation] = Section(operation, request, replies)
    return found
