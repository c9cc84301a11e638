"""Transfers and adjustments."""

from collections.abc import AsyncIterator

import pytest

from tests.sandbox.prima_wire import SKU, Wire, wire


@pytest.fixture
async def prima() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


def transfer(source: str = "01", target: str = "DM", quantity: int = 2, sku: str = SKU) -> str:
    head = f'<Data TPGUID="t-1" FromDepot="{source}" ToDepot="{target}">'
    return f'{head}<SKU {sku} Quantity="{quantity}"/></Data>'


def adjustment(quantity: int, depot: str = "01", reason: str = "WO", key: str = "a-1") -> str:
    head = f'<Data TPGUID="{key}" Depot="{depot}" ReasonCode="{reason}">'
    return f'{head}<SKU {SKU} Quantity="{quantity}"/></Data>'


async def held(prima: Wire) -> dict[str | None, str | None]:
    rows = (await prima.ask("DepotStock", f"<Data><sku {SKU}/></Data>")).data.findall("SKU")
    return {row.get("Depot"): row.get("PhysicalQuantity") for row in rows if row.get("PhysicalQuantity") != "0"}


async def test_a_transfer_moves_once(prima: Wire) -> None:
    assert (await prima.ask("DepotTransfer", transfer())).data.get("TransferNumber") == "T000301"
    assert (await prima.ask("DepotTransfer", transfer())).code == "DUP"
    assert await held(prima) == {"01": "10", "DM": "2"}
    detail = (await prima.ask("TransferDetail", '<Data TPGUID="t-1"/>')).data
    assert (detail.get("FromDepot"), detail.get("ToDepot")) == ("01", "DM")
    entry = prima.prima.journal.entries("DepotTransfer")[0]
    assert entry["lines"] == [{"sku": "P1001-BLK-080", "quantity": 2}]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (transfer(quantity=13), "QTY"),
        (transfer(quantity=-1), "QTY"),
        (transfer(target="ZZ"), "DEPOT"),
        (transfer(sku='Product="NOPE"'), "SKU"),
        (transfer(target="01"), None),
    ],
)
async def test_a_refused_transfer_moves_nothing(prima: Wire, data: str, code: str | None) -> None:
    assert (await prima.ask("DepotTransfer", data)).code == code
    assert await held(prima) == {"01": "12"}


async def test_an_adjustment_is_signed(prima: Wire) -> None:
    assert (await prima.ask("StockAdjustment", adjustment(-3))).data.get("AdjustmentNumber") == "A000501"
    assert (await prima.ask("StockAdjustment", adjustment(1, depot="QT", key="a-2"))).ok
    assert await held(prima) == {"01": "9", "QT": "1"}
    entry = prima.prima.journal.entries("StockAdjustment")[0]
    assert (entry["depot"], entry["reason"], entry["lines"][0]["quantity"]) == ("01", "WO", -3)
    detail = (await prima.ask("AdjustmentDetail", '<Data TPGUID="a-1"/>')).data.find("SKU")
    assert detail is not None
    assert (detail.get("Quantity"), detail.get("ReasonCode")) == ("-3", "WO")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (adjustment(-13), "QTY"),
        (adjustment(0), "QTY"),
        (adjustment(1, depot="ZZ"), "DEPOT"),
        (adjustment(1, reason=""), None),
    ],
)
async def test_a_refused_adjustment_changes_nothing(prima: Wire, data: str, code: str | None) -> None:
    assert (await prima.ask("StockAdjustment", data)).code == code
    assert await held(prima) == {"01": "12"}
