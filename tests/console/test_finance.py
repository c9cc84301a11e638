"""Finance's day: runs, differences, exposure, the depot report, and closing a month (R78, R82, R84, R85, N6)."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.periods import close_period
from domain.reconciliation.classes import DifferenceClass
from domain.resolution import Role
from store import Store
from tests.console.browser import FINANCE, VIEWER, Console, Time, console_on
from tests.desk.defects import clean, seeded
from tests.desk.reconciled import ANY_STATE, NAME, NOW, Shop, shop_with

AFTER = datetime(2026, 12, 2, 5, 0, tzinfo=UTC)
IN_NOVEMBER: dict[str, Any] = {"since": date(2026, 11, 1), "until": date(2026, 12, 1)}


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    """Every kind of defect, reconciled once."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('finance') / 'store.db'}")
    await store.migrate()
    shop = shop_with(store)
    await seeded(shop)
    await shop.reconcile()
    yield shop
    await store.close()


@pytest.fixture(scope="module")
async def console(shop: Shop) -> Console:
    return console_on(shop.store, Time(NOW), connections={NAME: shop.connection})


async def test_R78_N6_each_class_of_difference_is_on_the_page_with_its_value_and_age(console: Console) -> None:
    page = await (await console.signed_in(FINANCE)).page("/finance/reconciliation")
    for kind in (one for one in DifferenceClass if one.serious):
        assert kind.words.capitalize() in page.text
    assert "59.00 GBP" in page.text  # refunded outside the platform
    run = next(link["href"] for link in page.all("a") if link.get("href", "").startswith("/finance/reconciliation/"))
    summary = await (await console.signed_in(FINANCE)).page(run)
    assert "Adds up" in summary.text
    assert "Does not add up" not in summary.text


async def test_R78_a_difference_leads_to_its_return_and_to_its_exception(console: Console, shop: Shop) -> None:
    page = await (await console.signed_in(FINANCE)).page("/finance/differences?class=amount_mismatch")
    assert page.all("a", href=f"/returns/{NAME}/amount")
    [exception] = [f"/exceptions/{one.exception_id}" for one in await shop.differences() if one.subject == "amount-1"]
    assert page.all("a", href=exception)
    shown = await (await console.signed_in(FINANCE)).page(exception)
    assert shown.all("a", href=f"/returns/{NAME}/amount")
    assert shown.all("a", href="/runbooks/REFUND_MISMATCH")


async def test_R85_the_file_holds_every_difference_and_nothing_that_a_spreadsheet_would_run(
    console: Console, shop: Shop
) -> None:
    browser = await console.signed_in(VIEWER)
    answer = await browser.get("/finance/differences.csv", state="all")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == len(await shop.differences(ANY_STATE))
    cells = [cell for row in rows for name, cell in row.items() if name != "value"]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


async def test_R82_the_depot_report_shows_inspected_against_posted_units(console: Console) -> None:
    browser = await console.signed_in(FINANCE)
    page = await browser.page("/finance/depots", connection=NAME, day="2026-11-21")
    assert "SHIRT" in page.text
    assert "Agrees All that was inspected is in the stock of the ERP." in page.text
    answer = await browser.get("/finance/depots.csv", connection=NAME, day="2026-11-21")
    assert answer.text.startswith("day,depot,sku")


async def test_R84_a_month_with_differences_lists_them_and_cannot_be_closed(console: Console) -> None:
    browser = await console.signed_in(FINANCE)
    page = await browser.page("/finance/periods", connection=NAME, month="2026-11")
    assert "Not ready" in page.text
    assert not page.all("form", action="/finance/periods", method="post")
    said = await browser.submit("/finance/periods", {"connection": NAME, "month": "2026-11", "sure": "yes"})
    assert "2026-11 stays open" in said.text
    assert "closed for good" not in said.text


async def test_R84_a_ready_month_is_closed_by_finance_once(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    await store.migrate()
    shop = shop_with(store)
    await clean(shop, "ok")
    await shop.reconcile(AFTER, **IN_NOVEMBER)
    console = console_on(store, Time(AFTER), connections={NAME: shop.connection})
    viewer = await console.signed_in(VIEWER)
    assert (await viewer.post("/finance/periods", {"connection": NAME, "month": "2026-11"})).status_code == 403
    browser = await console.signed_in(FINANCE)
    page = await browser.page("/finance/periods", connection=NAME, month="2026-11")
    assert "Ready" in page.text
    unsure = await browser.submit("/finance/periods", {"connection": NAME, "month": "2026-11"})
    assert "Tick the box" in unsure.text
    closed = await browser.submit("/finance/periods", {"connection": NAME, "month": "2026-11", "sure": "yes"})
    assert "2026-11 of uk is closed" in closed.text
    await browser.submit("/finance/periods", {"connection": NAME, "month": "2026-11", "sure": "yes"})
    async with store.reading() as unit:
        done = [entry.actor for entry in await unit.audit.list(limit=500) if entry.action == "period.closed"]
    assert done == ["finance-account"]
    await store.close()


async def test_R84_N15_a_closed_month_shows_its_statement_and_apart_from_it_what_was_found_since(
    tmp_path: Path,
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    await store.migrate()
    shop = shop_with(store)
    await clean(shop, "ok")
    await shop.reconcile(AFTER, **IN_NOVEMBER)
    await close_period(store, NAME, "2026-11", actor="jo", role=Role.FINANCE, clock=lambda: AFTER)
    browser = await console_on(store, Time(AFTER), connections={NAME: shop.connection}).signed_in(FINANCE)
    page = await browser.page("/finance/periods", connection=NAME, month="2026-11")
    assert "Closed by jo, 2 Dec 2026" in page.text
    assert "Nothing was found in its days since." in page.text
    kept = page.text.partition("What both systems listed")[2].partition("Since the close")[0]
    await shop.returned("late", "30.00")
    await shop.reconcile(AFTER + timedelta(days=1), **IN_NOVEMBER)
    page = await browser.page("/finance/periods", connection=NAME, month="2026-11")
    assert "1 matter was found in its days since, worth 30.00 GBP" in page.text
    assert page.all("a", href=f"/returns/{NAME}/late")
    assert "In the way" not in page.text
    assert page.text.partition("What both systems listed")[2].partition("Since the close")[0] == kept
    await store.close()


async def test_R80_a_payout_report_is_kept_once_and_a_bad_one_names_its_lines(console: Console) -> None:
    browser = await console.signed_in(FINANCE)
    head = "refund_id,order_number,amount,currency,paid_at\n"
    good = head + "pay-1,ORD-1,12.00,GBP,2026-11-20T10:00:00Z\n"

    async def send(content: str) -> str:
        files = {"report": ("payouts.csv", content.encode(), "text/csv")}
        answer = await browser.post("/finance/payouts", {"connection": NAME}, files=files, follow_redirects=True)
        return answer.text

    assert "1 lines are kept, 1 of them new" in await send(good)
    assert "very report was kept before" in await send(good)
    refused = await send(head + "pay-2,ORD-1,twelve,GBP,2026-11-20T10:00:00Z\n")
    assert "Nothing of this report was kept" in refused
    assert "Lines with a problem" in refused


@pytest.mark.parametrize(
    "address",
    ["periods?month=9999-12", "periods?month=2026-13", "depots?day=9999-12-31", "depots.csv?day=9999-12-31"],
)
async def test_R84_R82_a_month_or_day_that_nothing_comes_after_is_refused_with_words(
    console: Console, address: str
) -> None:
    browser = await console.signed_in(FINANCE)
    answer = await browser.get(f"/finance/{address}")
    assert answer.status_code == 400
    assert "This address leads nowhere." in answer.text


async def test_R84_a_month_that_is_none_is_not_closed(console: Console) -> None:
    browser = await console.signed_in(FINANCE)
    answer = await browser.post("/finance/periods", {"connection": NAME, "month": "9999-12", "sure": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/finance/periods")


@pytest.mark.parametrize("path", ["reconciliation", "differences"])
@pytest.mark.parametrize("after", ["x", "WyJhIl0", "WyIxIiwiMiJd"])
async def test_an_address_that_somebody_changed_is_refused_with_words(console: Console, path: str, after: str) -> None:
    answer = await (await console.signed_in(FINANCE)).get(f"/finance/{path}?after={after}")
    assert answer.status_code == 400
    assert "This address leads nowhere." in answer.text
