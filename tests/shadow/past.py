"""The same returns twice: once as history on a platform, once live through a whole Backhaul."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

from sandbox.kit.wanted import ExchangeSpec
from sandbox.prima import PrimaSandbox
from sandbox.reveni import ItemSpec, ReturnSpec, ReveniSandbox
from tests.world import API_KEY, COAT, SHIRT

SHIRT_L = "P2001-WHT-L"
LINE = "1"


@dataclass(frozen=True)
class Case:
    """One return of one order line. accepted, rejected: what the warehouse found; neither: it saw nothing yet."""

    sku: str
    price: str
    quantity: int = 1
    accepted: int = 0
    rejected: int = 0
    reason: str = "changed_mind"
    vat_rate: str = "20"
    sold: bool = True
    new_sku: str = ""
    spec: Mapping[str, Any] = field(default_factory=dict)


CASES = {
    "plain": Case(COAT, "220.50", accepted=1),
    "mismatch": Case(COAT, "220.50", accepted=1, spec={"planned_refund": Decimal("200.00")}),
    "partly": Case(COAT, "220.50", quantity=3, accepted=2, rejected=1),
    "refused": Case(SHIRT, "30.00", rejected=1),
    "odd reason": Case(SHIRT, "30.00", reason="gave_it_away"),
    "odd tax": Case(SHIRT, "30.00", accepted=1, vat_rate="12.5"),
    "no order": Case(SHIRT, "30.00", sold=False),
    "on its way": Case(SHIRT, "30.00", quantity=2),
    "instant": Case(COAT, "220.50", accepted=1, spec={"mode": "instant"}),
    "exchange": Case(SHIRT, "30.00", accepted=1, new_sku=SHIRT_L),
    "sold out": Case(SHIRT, "30.00", accepted=1, new_sku="P2001-WHT-S"),
}


def sell(prima: PrimaSandbox) -> None:
    """The orders of all cases, numbered alike everywhere."""
    for sku, stock in ((SHIRT_L, 5), ("P2001-WHT-S", 0)):
        prima.add_item(sku)
        if stock:
            prima.add_stock(sku, stock)
    for name, case in CASES.items():
        if case.sold:
            line = {"sku": case.sku, "quantity": case.quantity, "price": case.price, "vat_rate": case.vat_rate}
            prima.add_order(order_of(name), [line])


def order_of(name: str) -> str:
    return str(700_001 + list(CASES).index(name))


def ask(reveni: ReveniSandbox, name: str) -> str:
    """The customer's request; its id."""
    case = CASES[name]
    exchange = ExchangeSpec(case.new_sku, case.quantity, Decimal(case.price)) if case.new_sku else None
    item = ItemSpec(
        external_id=LINE,
        sku=case.sku,
        quantity=case.quantity,
        unit_price=Decimal(case.price),
        tax_rate=Decimal("0.20"),
        reason=case.reason,
        exchange=exchange,
    )
    return reveni.add_return(ReturnSpec(order_external_id=order_of(name), items=(item,), currency="GBP", **case.spec))


async def inspect_by_hand(reveni: ReveniSandbox, url: str, http: httpx.AsyncClient, return_id: str, name: str) -> None:
    """Somebody tells the platform what the warehouse found, as it was done before there was a Backhaul."""
    case = CASES[name]
    if not case.accepted + case.rejected:
        return
    [item] = reveni.get(return_id)["return_items"]
    decided = {"accepted": case.accepted, "rejected": case.rejected}
    entries = [
        {"item_id": item["id"], "quantity": units, "status": status, **why}
        for status, units in decided.items()
        if units
        for why in ({"reject_reason": "other", "reject_reason_text": "worn"} if status == "rejected" else {},)
    ]
    answer = await http.post(
        f"{url}{reveni.base_path}/returns/{return_id}/partial_validate",
        json={"items": entries},
        headers={"Authorization": f"Bearer {API_KEY}"},
    )
    answer.raise_for_status()


def scanned(name: str) -> list[tuple[str, int, str]]:
    """What the same warehouse sends to a Backhaul."""
    case = CASES[name]
    found = {"SELLABLE": case.accepted, "RETURN_TO_CUSTOMER": case.rejected}
    return [(case.sku, units, word) for word, units in found.items() if units]


def toml(value: object) -> str:
    """A value in TOML, all of it inline."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(toml(part) for part in value) + "]"
    return json.dumps(value)
