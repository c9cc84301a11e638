"""What can still come back is what the ERP says, less what our own returns hold; in each ERP's own words (R10)."""

from collections.abc import AsyncIterator, Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters import registry
from domain.connection import Connection
from domain.returns import ReturnRef
from starter.order_lookup import OrderDesk
from store import Store
from tests.conformance.case import COAT, SHIRT
from tests.conformance.desk import ErpDesk, running_erp
from tests.conformance.erps import ERPS

BOOKS, REF = "books", ReturnRef(connection="uk", return_id="R1")
KIT, BAG, BELT = "K9001-SET", "P9001-BAG", "P9002-BELT"


@pytest.fixture(scope="module", params=[name for name in registry.ERPS if name in ERPS])
async def erp(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ErpDesk]:
    async with running_erp(request.param, tmp_path_factory.mktemp(request.param)) as desk:
        yield desk


@pytest.fixture(scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    made = Store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'store.db'}")
    await made.migrate()
    yield made
    await made.close()


async def returnable(erp: ErpDesk, store: Store, number: str) -> dict[str, int]:
    """SKU → units that the look-up says can come back."""
    connections = cast(Mapping[str, Connection], {"uk": SimpleNamespace(books=BOOKS)})
    view = await OrderDesk(store, connections, {"uk": erp.erp}).find("uk", number)
    for line in view.lines:
        assert line.returnable_quantity == sum(unit.returnable for unit in line.units)
    return {line.sku: line.returnable_quantity for line in view.lines}


async def claim(store: Store, number: str, line_id: str, units: int) -> None:
    """A return of ours holds so many units."""
    async with store.begin() as unit:
        await unit.slots.reserve(BOOKS, number, REF, {line_id: units}, {line_id: units})


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({}, 3),
        ({"despatched": 0}, 0),
        ({"despatched": 1}, 1),
        ({"returned": 1}, 2),
        ({"returned": 3}, 0),
        ({"despatched": 2, "returned": 1}, 1),
    ],
    ids=str,
)
async def test_R10_what_did_not_leave_or_is_back_already_cannot_come_back(
    erp: ErpDesk, store: Store, said: dict[str, int], left: int
) -> None:
    lines: list[dict[str, Any]] = [
        {"sku": COAT, "quantity": 3, "price": "120.00", **said},
        {"sku": SHIRT, "price": "30.00"},
    ]
    assert await returnable(erp, store, erp.sell(lines)) == {COAT: left, SHIRT: 1}


async def test_R10_our_own_returns_count_once_whether_the_erp_has_seen_the_goods_or_not(
    erp: ErpDesk, store: Store
) -> None:
    """Two of three left, one of them is on a return of ours: not back yet, and then back."""
    number = erp.sell([{"sku": COAT, "quantity": 3, "price": "120.00", "despatched": 2}])
    back = erp.sell([{"sku": COAT, "quantity": 3, "price": "120.00", "despatched": 2, "returned": 1}])
    for order in (number, back):
        line = (await erp.erp.read_order(order)).lines[0]
        await claim(store, order, f"{line.line_id}/{COAT}", 1)
        assert await returnable(erp, store, order) == {COAT: 1}


async def test_R10_R33_a_kit_that_left_in_part_gives_back_parts_of_it(erp: ErpDesk, store: Store) -> None:
    parts = [{"sku": BAG}, {"sku": BELT, "per_kit": 2}]
    erp.stage.sandbox.seed_more({"items": [{"sku": BAG}, {"sku": BELT}]})
    number = erp.sell([{"sku": KIT, "quantity": 2, "price": "90.00", "parts": parts, "despatched": 1}])
    assert await returnable(erp, store, number) == {BAG: 1, BELT: 2}
