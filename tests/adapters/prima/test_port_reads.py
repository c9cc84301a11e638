"""Reading Prima through its port, against the sandbox over HTTP."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import httpx
import pytest

from adapters.kit.outside import Outside
from adapters.prima.port import CREDIT_STATUSES, build
from domain.documents import CreditCharge, MovementLine, RmaLine
from domain.exceptions import ExceptionCode
from sandbox.kit.faults import Fault
from tests.adapters.prima import shop as desk
from tests.adapters.prima.shop import COAT, SHIRT, TODAY, Shop, number, opened, refused, shop


async def test_read_order(prima: Shop) -> None:
    order = await prima.erp.read_order("2011234")
    coat, shirt = order.lines
    assert (coat.base, shirt.base, shirt.quantity) == (22050, 5426, 3)
    assert order.total == 22050 + 5426 + 495
    assert [charge.code for charge in order.shipping] == ["RM24"]


async def test_read_order_of_other_currencies(prima: Shop) -> None:
    assert [(await prima.erp.read_order(n)).lines[0].base for n in ("2011237", "2011238")] == [2987, 12147]
    exclusive = await prima.erp.read_order("2011236")
    assert exclusive.total == 18000 + 3600 + 3333 + 167 + 1000


async def test_unknown_order(prima: Shop) -> None:
    refusal = await refused(prima.erp.read_order("nope"))
    assert (refusal.code, refusal.vendor_code) == (ExceptionCode.ORDER_NOT_FOUND, "NOTFOUND")


async def test_check_items_and_depot_stock(prima: Shop) -> None:
    asked = ["P9001-OLD", COAT, "NOPE-1", "P4000-GIFT", COAT]
    items = await prima.erp.check_items(asked)
    assert [(item.sku, item.active) for item in items] == list(
        zip(asked, [False, True, False, True, True], strict=True)
    )
    assert items[3].components == {"P4001-RED-S": 1, "P4002-RED-OS": 1, "P4003-OAK": 2}
    rows = await prima.erp.depot_stock([COAT, SHIRT, COAT])
    assert {(row.sku, row.physical) for row in rows if row.depot == "01"} == {(COAT, 12), (SHIRT, 40)}
    assert (await refused(prima.erp.depot_stock(["NOPE"]))).code is ExceptionCode.SKU_NOT_IN_MASTER


async def test_stock_of_skus_that_differ_only_in_the_third_code(prima: Shop) -> None:
    for sku, units in (("P7-A-B-C", 1), ("P7-A-B-D", 2)):
        prima.prima.add_item(sku)
        prima.prima.add_stock(sku, units)
    rows = await prima.erp.depot_stock(["P7-A-B-C", "P7-A-B-D"])
    assert {(row.sku, row.physical) for row in rows if row.depot == "01"} == {
        ("P7-A-B-C", 1),
        ("P7-A-B-D", 2),
    }


async def test_list_credits_reads_every_page(prima: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.prima.mapping.MAX_ROWS", 2)
    rma = await opened(prima)
    for step in range(5):
        charge = CreditCharge(purpose="goodwill", code="GW", amount=step + 1)
        note = desk.credit(rma, key=f"bh-rt-c-{step}", lines=[], charges=[charge], total=step + 1)
        await prima.erp.post_credit(note)
    totals: list[int] = []
    page: int | None = 1
    while page is not None:
        found = await prima.erp.list_credits(TODAY, TODAY, page)
        totals += [record.total for record in found.records]
        page = found.next_page
    assert totals == [1, 2, 3, 4, 5]
    (record, *_) = (await prima.erp.list_credits(TODAY, TODAY)).records
    assert (record.key, record.order_number, record.rma_number, record.reversed) == (
        "bh-rt-c-0",
        "2011234",
        rma,
        False,
    )
    assert (await prima.erp.list_credits(date(2020, 1, 1), TODAY - timedelta(days=1))).records == []


async def test_R33_one_part_of_a_kit_comes_back(prima: Shop) -> None:
    """Only the returned part goes into stock; the kit and the other parts do not move."""
    (kit,) = (await prima.erp.read_order("2011239")).lines
    hat = kit.components[1]
    assert (kit.sku, hat.sku, hat.order_line_id) == ("P4000-GIFT", "P4002-RED-OS", "3")
    line = RmaLine(line_no=1, order_line_id=hat.order_line_id, sku=hat.sku, quantity=1, unit_value=2000)
    rma = number(await prima.erp.open_rma(desk.rma(order_number="2011239", lines=[line])))
    back = [MovementLine(rma_line_no=1, sku=hat.sku, quantity=1)]
    await prima.erp.receive_goods(desk.receipt(rma, order_number="2011239", lines=back))
    skus = [kit.sku, *(part.sku for part in kit.components)]
    assert [await prima.physical(sku, "01") for sku in skus] == [0, 0, 1, 0]


async def test_R33_kit_without_part_lines_takes_the_recipe_of_the_item_master(prima: Shop) -> None:
    prima.prima.add_item("BOX", parts=[{"sku": "P4003-OAK", "per_kit": 3}])
    prima.prima.add_order("7", [{"sku": "BOX", "price": Decimal("30.00")}])
    (line,) = (await prima.erp.read_order("7")).lines
    assert [(part.sku, part.quantity_per_bundle) for part in line.components] == [("P4003-OAK", 3)]


async def test_personal_data_stays_behind(prima: Shop) -> None:
    order = await prima.erp.read_order("2011235")
    text = order.model_dump_json()
    assert not [word for word in ("Jürgen", "Müller", "Łąkowa", "ada@") if word in text]


async def test_probe(prima: Shop) -> None:
    await prima.erp.probe()
    wrong = build(prima.settings.model_copy(update={"company": "99"}), Outside(prima.http))
    assert (await refused(wrong.probe())).code is ExceptionCode.CONFIG_INVALID


async def test_company_is_sent_to_the_other_method() -> None:
    async with shop(company="01") as prima:
        await prima.erp.probe()
        assert (await prima.erp.read_order("2011234")).order_number == "2011234"


async def test_at_most_one_call_at_a_time(prima: Shop) -> None:
    """The sandbox answers LOCKED above two; nothing of that is seen."""
    prima.prima.faults.add(Fault(kind="latency", seconds=0.01, times=None))
    seen = await asyncio.gather(*(prima.physical(COAT, "01") for _ in range(6)))
    assert seen == [12] * 6


def test_credit_statuses_for_the_configuration_check() -> None:
    assert CREDIT_STATUSES == ("Posted", "Reversed")


def test_settings_refuse_what_cannot_work() -> None:
    for url in ("prima:8080", "ftp://prima/wsa", "http://u:p@prima/wsa", "http://prima/wsa?x=1"):
        with pytest.raises(ValueError):
            desk.settings(url)
    assert desk.settings("http://prima:8080/wsa/").url == "http://prima:8080/wsa"
    assert httpx.URL(desk.settings("http://prima:8080/wsa").url).port == 8080
