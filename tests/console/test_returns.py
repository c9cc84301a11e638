"""Returns in the console: anyone finds one by any id, and sees exactly where it is (R86, R87, R88, N15)."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.returns import ReturnRef
from store import Store
from tests.console.browser import VIEWER, WAREHOUSE, Console, Page, Time, console_on
from tests.console.given import CREDIT_NOTE, EXCEPTION_ID, MANY, RMA, TRACKING, fill, fill_many
from tests.store.given import NOW, platform_return

PATH = "/returns/shop/R1"


@pytest.fixture(scope="module", autouse=True)
async def _filled(console: Console) -> None:
    await fill(console.store)
    await fill_many(console.store)


@pytest.mark.parametrize(
    "any_id", ["R1", "shop/R1", RMA, TRACKING, CREDIT_NOTE, "GRN-5", "RF1", "SCAN-1", EXCEPTION_ID, "bh-r1-c-1"]
)
async def test_R86_any_id_leads_to_the_return_in_one_search(console: Console, any_id: str) -> None:
    browser = await console.signed_in(VIEWER)
    answer = await browser.get("/returns", q=f" {any_id} ")
    assert answer.url.path == PATH


async def test_N15_a_return_of_400_days_ago_is_found_by_all_its_ids(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('old') / 'store.db'}")
    await store.migrate()
    await fill(store)
    later = console_on(store, Time(NOW + timedelta(days=400)))
    browser = await later.signed_in(VIEWER)
    for any_id in ("R1", RMA, TRACKING, CREDIT_NOTE, "RF1", EXCEPTION_ID):
        assert (await browser.get("/returns", q=any_id)).url.path == PATH
    page = await browser.page(PATH)
    assert "RMA RMA-1 is open in the ERP." in page.text
    assert "1 Mar 2026, 09:30" in page.text
    await store.close()


async def test_R86_one_order_with_many_returns_lists_them_and_nothing_is_said_to_be_nothing(console: Console) -> None:
    browser = await console.signed_in(VIEWER)
    several = await browser.page("/returns", q="ORD-1")
    assert len([a for a in several.all("a") if a.get("href", "").startswith("/returns/many/M")]) > 1
    nothing = await browser.page("/returns", q="<b>no-such</b>")
    assert "No return has this id" in nothing.text
    assert "<b>no-such" not in nothing.html


async def test_R87_the_page_shows_each_track_what_it_waits_for_and_since_when(console: Console) -> None:
    page = await (await console.signed_in(VIEWER)).page(PATH)
    for words in (
        "Waiting for the warehouse to inspect 1 of 2 units since 1 Mar 2026, 09:30 until 31 Mar 2026, 09:30",
        "Parked Waiting for finance to decide CREDIT_REJECTED",
        "RMA Created",
        "Exchange",
        "Platform says Open",
        "20.00 EUR",
        "SCAN-1",
        "Money out while its goods are not in",
        "1 × SHIRT sellable",
    ):
        assert words in page.text, words
    assert page.all("a", href="http://127.0.0.1:8080/namespaces/default/workflows/return%2Fshop%2FR1")
    assert page.all("a", href=f"/exceptions/{EXCEPTION_ID}")
    assert page.all("time", datetime="2026-03-01T09:30:00+00:00")


async def test_R88_a_return_that_stopped_never_looks_complete(console: Console) -> None:
    browser = await console.signed_in(VIEWER)
    page = await browser.page(PATH)
    assert "1 open exception" in page.text
    assert page.all("li", **{"class": "card bad"})
    row = await browser.page("/returns", stage="PARTLY_RECEIVED")
    assert "Partly received 1 exception" in row.text


async def test_times_are_in_the_zone_of_the_site(console: Console) -> None:
    there = console_on(console.store, console.time, zone=ZoneInfo("America/New_York"))
    browser = there.stranger()
    browser.http.cookies = (await console.signed_in(VIEWER)).http.cookies
    page = await browser.page(PATH)
    assert "1 Mar 2026, 04:30" in page.text
    assert "America/New_York" in page.text


async def test_only_who_receives_is_offered_to(console: Console) -> None:
    offers = {"href": "/receiving/shop/R1"}
    assert not (await (await console.signed_in(VIEWER)).page(PATH)).all("a", **offers)
    assert (await (await console.signed_in(WAREHOUSE)).page(PATH)).all("a", **offers)


def listed(page: Page) -> list[str]:
    return [
        a["href"].rpartition("/")[2]
        for a in page.all("a", **{"class": "id"})
        if a.get("href", "").startswith("/returns/many/")
    ]


async def test_the_list_goes_through_all_returns_once_page_by_page(console: Console) -> None:
    browser = await console.signed_in(VIEWER)
    page, seen = await browser.page("/returns?connection=many"), []
    while True:
        seen += listed(page)
        following = page.all("a", rel="next")
        if not following:
            break
        # what comes meanwhile moves nobody to another page
        async with console.store.begin() as unit:
            ref = ReturnRef(connection="many", return_id=f"N{len(seen)}")
            await unit.returns.save_platform_return(ref, platform_return(return_id=ref.return_id), console.time())
        page = await browser.page(following[0]["href"])
    assert sorted(seen) == sorted(f"M{number}" for number in range(1, MANY))


async def test_the_list_is_filtered_by_stage_and_connection(console: Console) -> None:
    browser = await console.signed_in(VIEWER)
    assert "/returns/shop/R1" in (await browser.page("/returns", stage="PARTLY_RECEIVED")).html
    assert "/returns/shop/R1" not in (await browser.page("/returns", stage="PARTLY_RECEIVED", connection="many")).html
    assert listed(await browser.page("/returns", stage="CLOSED", connection="many")) == []
    page = await browser.page("/returns", stage="open", connection="many")
    assert len(listed(page)) == 50
    [following] = page.all("a", rel="next")
    assert "stage=open" in following["href"]
    assert "connection=many" in following["href"]


@pytest.mark.parametrize("query", ["after=x", "after=WyJhIl0", "stage=WRONG", "after=W251bGxd"])
async def test_an_address_that_somebody_changed_is_refused_with_words(console: Console, query: str) -> None:
    answer = await (await console.signed_in(VIEWER)).get(f"/returns?{query}")
    assert answer.status_code == 400
    assert "first page" in answer.text


@pytest.mark.parametrize("path", ["/returns/shop/none", "/returns/SHOP/R1", "/returns/shop/a%20b", "/returns/x/R1"])
async def test_a_return_that_is_not_there_is_a_page_too(console: Console, path: str) -> None:
    answer = await (await console.signed_in(VIEWER)).get(path)
    assert answer.status_code == 404
    assert "There is no such return." in answer.text
