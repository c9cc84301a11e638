"""The read API of the BlueCherry sandbox: its shapes, what it shows when, and what it refuses."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.kit.faults import Fault
from tests.sandbox.bluecherry_wire import BASE, UPC, WORLD, Wire, exchange, memo, name_of, ra, receipt, whole, wire


@pytest.fixture
async def erp(tmp_path: Path) -> AsyncIterator[Wire]:
    async with wire(tmp_path) as running:
        yield running


def footed(order: dict[str, Any]) -> Decimal:
    """What the lines and the freight of an answer come to."""
    goods: Decimal = sum(
        line["qtyOrdered"] * Decimal(line["unitPrice"]) - Decimal(line["discount"]) + Decimal(line["tax"])
        for line in order["lines"]
    )
    return goods + Decimal(order["freight"])


async def test_an_order_tells_every_amount(erp: Wire) -> None:
    order = await erp.get("/orders/2011234", division="10")
    lines = order.pop("lines")
    assert order == {
        "orderNo": "2011234", "division": "10", "status": "SHIPPED", "archived": False, "orderType": "WEB",
        "customerNo": "C001", "currency": "GBP", "orderDate": "20260314",
        "invoices": [{"invoiceNo": "INV2011234", "date": "20260314", "total": "508.95"}],
        "shipTo": {
            "name": "Ada Byron", "addr1": "1 High St", "addr2": "", "city": "Leeds", "state": "", "zip": "LS1 1AA",
            "ctry": "GB", "email": "ada@example.com", "phone": "",
        },
        "freight": "4.95", "taxTotal": "84.00", "total": "508.95",
    }  # fmt: skip
    assert lines[0] == {
        "lineNo": 1, "style": "P1001", "color": "BLK", "dim": "-", "size": "080", "upc": UPC, "qtyOrdered": 2,
        "qtyShipped": 2, "qtyReturned": 0, "unitPrice": "200.00", "discount": "40.00", "tax": "72.00",
        "kitParentLine": None,
    }  # fmt: skip
    kit = [(line["lineNo"], line["style"], line["qtyOrdered"], line["kitParentLine"]) for line in lines[1:4]]
    assert kit == [(2, "GIFT", 1, None), (3, "P4001", 1, 2), (4, "P4003", 2, 2)]


@pytest.mark.parametrize(
    "line",
    [
        {"price": "19.99", "quantity": 3, "discount": "5.71"},
        {"price": "19.99", "quantity": 3},
        {"price": "0.01", "quantity": 7},
        {"price": "100.00", "quantity": 1, "discount": "100.00"},
        {"price": "33.33", "quantity": 2, "vat_rate": "5.5"},
        {"price": "60.00", "quantity": 2, "vat_value": "0"},
    ],
)
@pytest.mark.parametrize(("currency", "inclusive"), [("GBP", True), ("GBP", False), ("KWD", True), ("JPY", True)])
async def test_a_seed_with_tax_in_its_prices_keeps_its_total(
    erp: Wire, line: dict[str, str], currency: str, inclusive: bool
) -> None:
    line = {"sku": "P1001-BLK-080", **line}
    if currency == "JPY":
        line |= {name: str(Decimal(line[name]) * 100) for name in ("price", "discount", "vat_value") if name in line}
    erp.erp.add_order("7", [line], currency=currency, vat_inclusive=inclusive, charges={"RM24": "5"})
    order = await erp.get("/orders/7", division="10")
    (row,) = order["lines"]
    assert footed(order) == Decimal(order["total"])
    assert Decimal(row["discount"]) >= 0
    if inclusive:
        wanted = int(line["quantity"]) * Decimal(line["price"]) - Decimal(line.get("discount", "0")) + 5
        assert Decimal(order["total"]) == wanted


async def test_a_seed_with_another_charge_is_refused(erp: Wire) -> None:
    order = {"number": "7", "lines": [{"sku": "A", "price": "1.00"}], "charges": {"SD1": "1.00"}}
    answer = await erp.http.post("/_sandbox/seed", json={"orders": [order]})
    assert (answer.status_code, "freight only, not SD1" in answer.text) == (422, True)


async def test_items_are_found_by_upc_and_by_their_four_parts(erp: Wire) -> None:
    (by_upc,) = await erp.rows("/items", upc=UPC)
    (by_parts,) = await erp.rows("/items", style="P1001", color="BLK", dim="-", size="080")
    assert by_upc == by_parts
    assert by_upc["active"] is True
    (kit,) = await erp.rows("/items", style="GIFT", color="-", dim="-", size="-")
    assert kit["isPrepack"] is True
    assert [(row["style"], row["qty"]) for row in kit["components"]] == [("P4001", 1), ("P4003", 2)]
    (old,) = await erp.rows("/items", style="P9001", color="OLD", dim="-", size="-")
    assert (old["active"], old["upc"] != "") == (False, True)
    assert await erp.rows("/items", upc="404") == []
    erp.erp.set_item_active("P1001-BLK-080", False)
    assert (await erp.rows("/items", upc=UPC))[0]["active"] is False


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/orders/404", {"division": "10"}, 404, "NOT_FOUND"),
        ("/orders/2011234", {"division": "20"}, 404, "NOT_FOUND"),
        ("/orders/2011234", {}, 400, "BAD_REQUEST"),
        ("/orders", {"division": "10"}, 404, "NOT_FOUND"),
        ("/returns/RA0000001", {}, 404, "NOT_FOUND"),
        ("/returns", {"division": "10"}, 400, "BAD_REQUEST"),
        ("/returns", {"division": "10", "extref": "x"}, 400, "BAD_REQUEST"),
        ("/items", {"style": "P1001"}, 400, "BAD_REQUEST"),
        ("/stock", {"upc": UPC}, 400, "BAD_REQUEST"),
        ("/creditmemos", {"division": "10", "dateFrom": "2026-03-20", "dateTo": "20260320"}, 400, "BAD_REQUEST"),
        ("/creditmemos", {"division": "10", "dateFrom": "1", "dateTo": "2", "page": "0"}, 400, "BAD_REQUEST"),
        ("/nowhere", {}, 404, "NOT_FOUND"),
    ],
)
async def test_errors_have_the_contract_s_body(
    erp: Wire, path: str, query: dict[str, str], status: int, code: str
) -> None:
    answer = await erp.http.get(BASE + path, params=query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert re.fullmatch(r"req-\d{6}", answer.json()["error"]["requestId"])


async def test_nothing_is_read_without_the_key(erp: Wire) -> None:
    answer = await erp.http.get(f"{BASE}/orders/2011234?division=10", headers={"X-Api-Key": "wrong"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "UNAUTHORIZED")


async def test_nothing_is_read_while_a_window_is_open(erp: Wire) -> None:
    erp.erp.open_window()
    answer = await erp.http.get(f"{BASE}/orders/2011234?division=10")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "WINDOW_OPEN")
    erp.erp.close_window()
    assert (await erp.get("/orders/2011234", division="10"))["status"] == "SHIPPED"


async def test_what_happens_between_windows_is_shown_after_the_next(erp: Wire) -> None:
    erp.send(ra(), exchange())
    erp.erp.despatch("SO771201")
    erp.erp.edit_order("2011234", archived=True)
    assert (await erp.get("/orders/SO771201", division="10"))["status"] == "ALLOCATED"
    assert await erp.stock() == (3, 1, 2)
    assert words(erp.send(ra("rt-2"))) == "E203"
    assert (await erp.get("/orders/SO771201", division="10"))["status"] == "SHIPPED"
    assert (await erp.get("/orders/2011234", division="10"))["archived"] is True
    assert await erp.stock() == (2, 0, 2)


def words(answers: list[str]) -> str:
    return answers[0].split("|")[4]


async def test_asOf_is_the_time_of_the_last_window(tmp_path: Path) -> None:
    now = [datetime(2026, 3, 20, 14, 15, tzinfo=UTC)]
    async with wire(tmp_path, clock=lambda: now[0]) as erp:
        now[0] += timedelta(hours=1)
        (row,) = await erp.rows("/stock", warehouse="01", upc=UPC)
        assert row["asOf"] == "20260320141500"
        erp.run()
        assert (await erp.rows("/stock", warehouse="01"))[0]["asOf"] == "20260320151500"


async def test_an_edited_order_foots(erp: Wire) -> None:
    edit = {"lines": [{"line": 1, "price": "99.99"}], "add": [{"sku": "NEW", "price": "9.99"}]}
    answer = await erp.http.post("/_sandbox/orders/2011236/edit", json=edit)
    assert answer.json() == {"order": "2011236", "status": "SHIPPED"}
    erp.erp.edit_order("2011236", delivery={"addr1": "2 High St"}, customer="C003", status="Closed")
    erp.run()
    order = await erp.get("/orders/2011236", division="10")
    assert (footed(order), order["total"], order["status"]) == (Decimal("109.98"), "109.98", "CLOSED")
    assert (order["customerNo"], order["shipTo"]["addr1"]) == ("C003", "2 High St")
    assert (await erp.http.post("/_sandbox/orders/404/edit", json={})).status_code == 404
    assert (await erp.http.post("/_sandbox/orders/2011236/edit", json={"delivery": {"x": "y"}})).status_code == 422


async def test_a_return_is_read_by_reference_and_by_number(erp: Wire) -> None:
    assert await erp.rows("/returns", division="10", extRef="rt-1") == []
    erp.send(ra(), receipt("RA0009121"))
    (row,) = await erp.rows("/returns", division="10", extRef="rt-1")
    assert row == await erp.get("/returns/RA0009121")
    assert row == {
        "raNo": "RA0009121", "extRef": "rt-1", "orderNo": "2011234", "status": "RECEIVED",
        "lines": [{"lineNo": 1, "qty": 1, "qtyReceived": 1}],
    }  # fmt: skip


async def test_credit_memos_come_in_pages_by_their_date(tmp_path: Path) -> None:
    async with wire(tmp_path, page_size=2) as erp:
        erp.send(ra(), receipt("RA0009121"))
        free = ("0.00|0.00|1.00|0.00|1.00", "1|1|1|0.00|0.00")
        erp.send(memo("RA0009121", "c-0"))
        erp.send(*(f"CMH|c-{n}|RA0009121|INV2011234|C001|2026032{n}|GBP|{free[0]}" for n in range(1, 4)))
        erp.send("CMV|v-1|CM0020116|NO")
        days = {"division": "10", "dateFrom": "20260320", "dateTo": "20260322"}
        first = await erp.get("/creditmemos", **days)
        second = await erp.get("/creditmemos", **days, page="2")
        assert (first["page"], first["pageSize"], first["total"], len(second["data"])) == (1, 2, 3, 1)
        assert first["data"][0] == {
            "cmNo": "CM0020116", "extRef": "c-0", "raNo": "RA0009121", "invoiceNo": "INV2011234", "date": "20260320",
            "currency": "GBP", "subtotal": "180.00", "tax": "36.00", "freight": "4.95", "fees": "0.00",
            "total": "220.95", "status": "VOIDED", "voidedBy": "CV0000701",
        }  # fmt: skip
        assert (second["data"][0]["extRef"], second["data"][0]["voidedBy"]) == ("c-2", None)


async def test_faults_of_the_wire_reach_the_read_api(erp: Wire) -> None:
    path = f"{BASE}/orders/2011234?division=10"
    erp.erp.faults.add(Fault(match="GET orders", kind="throttle", seconds=2.5, key="2011234"))
    erp.erp.faults.add(Fault(match="GET orders", kind="unavailable", status=500))
    erp.erp.faults.add(Fault(match="GET orders", kind="lost_answer", status=0))
    slow = await erp.http.get(path)
    assert (slow.status_code, slow.headers["retry-after"], slow.json()["error"]["code"]) == (
        429,
        "3",
        "TOO_MANY_REQUESTS",
    )
    assert (await erp.http.get(path)).status_code == 500
    with pytest.raises(httpx.RemoteProtocolError):
        await erp.http.get(path)
    assert (await erp.http.get(path)).status_code == 200


async def test_a_stale_read_shows_an_earlier_window(erp: Wire) -> None:
    await asyncio.sleep(2.2)
    erp.send(ra())
    erp.erp.faults.add(Fault(match="GET returns", kind="stale_read", seconds=2))
    assert await erp.rows("/returns", division="10", extRef="rt-1") == []
    assert len(await erp.rows("/returns", division="10", extRef="rt-1")) == 1


async def test_R35_R127_windows_open_by_themselves_and_close_the_read_api(tmp_path: Path) -> None:
    async with wire(
        tmp_path,
        every=timedelta(seconds=0.6),
        length=timedelta(seconds=0.25),
        financial_each=2,
        clock=lambda: datetime.now(UTC),
    ) as erp:
        erp.drop(whole("000042", ra()), "000042")
        erp.drop(whole("000043", receipt("RA0009121")), "000043")
        erp.drop(whole("000044", memo("RA0009121")), "000044")
        statuses = set()
        for _ in range(400):
            statuses.add((await erp.http.get(f"{BASE}/orders/2011234?division=10")).status_code)
            if len(erp.files("inbound/archive")) == 3 and statuses == {200, 503}:
                break
            await asyncio.sleep(0.01)
        assert statuses == {200, 503}
        assert erp.files("inbound/archive") == [name_of(f"00004{n}") for n in (2, 3, 4)]
        for row in erp.op("batch"):
            opened = datetime.fromisoformat(row["window"]).timestamp()
            assert row["record_class"] == "operational" or opened % 1.2 < 0.6, "every second window"
    assert (await erp_answers_after_stop(tmp_path)) == 200


async def erp_answers_after_stop(root: Path) -> int:
    """A sandbox that was stopped in a window has none open."""
    options = {"every": timedelta(seconds=0.3), "length": timedelta(seconds=0.2)}
    async with wire(root, WORLD, clock=lambda: datetime.now(UTC), **options) as erp:
        for _ in range(200):
            if erp.erp.state()["window_open"]:
                break
            await asyncio.sleep(0.01)
        await erp.erp.stop()
        return (await erp.http.get(f"{BASE}/orders/2011234?division=10")).status_code
