"""The queue and the page of an exception: everything that is needed to decide is there (R67, R73, R74, N4)."""

from datetime import timedelta

import pytest

from domain.accounts import AccountRole
from domain.exceptions import ExceptionCode, Track
from store.records import OpenException
from tests.console.browser import ADMIN, CX, FINANCE, VIEWER, WAREHOUSE, Browser, Console, Page
from tests.console.given import EXCEPTION_ID, RMA, fill
from tests.console.waiting import GROUP, HYPOTHESES, MISMATCH, REJECTED, mismatch, opened
from tests.store.given import NOW


@pytest.fixture(scope="module", autouse=True)
async def _filled(console: Console) -> None:
    await fill(console.store)
    console.time.passes(hours=30)


async def put(console: Console, *items: OpenException) -> None:
    async with console.store.begin() as unit:
        for item in items:
            await unit.exceptions.open(item)


def listed(page: Page) -> list[str]:
    """Ids of the exceptions on the page, in their order."""
    links = [a.get("href", "") for a in page.all("a")]
    return [
        link.removeprefix("/exceptions/")
        for link in links
        if link.startswith("/exceptions/") and link != "/exceptions/groups"
    ]


# --- the queue


async def test_R67_a_row_says_what_why_which_return_how_old_what_is_at_stake_and_whose_it_is(console: Console) -> None:
    page = await (await console.signed_in(FINANCE)).page("/exceptions")
    for words in (
        "ERP refused the credit note The ERP refused the credit note: period closed. R1 30 h 20.00 EUR 2 units Finance",
        "ERP refused the credit note Escalated The account of the customer is on hold. R52 4 days 45.00 EUR",
        "Refund and order do not agree Waits for a second person",
    ):
        assert words in page.text
    assert page.all("a", href="/returns/shop/R52")
    assert listed(page) == [REJECTED, EXCEPTION_ID, MISMATCH], "the oldest first"


@pytest.mark.parametrize(
    ("role", "shown"),
    [(WAREHOUSE, {"X-location-0", "X-location-1", "X-location-2"}), (FINANCE, {REJECTED, EXCEPTION_ID, MISMATCH})],
    ids=["warehouse", "finance"],
)
async def test_R68_people_begin_with_what_is_theirs(console: Console, role: AccountRole, shown: set[str]) -> None:
    assert set(listed(await (await console.signed_in(role)).page("/exceptions"))) == shown


async def test_R68_who_has_no_team_begins_with_everything_and_may_see_any_team(console: Console) -> None:
    viewer = await console.signed_in(VIEWER)
    assert {REJECTED, "X-location-0"} <= set(listed(await viewer.page("/exceptions")))
    assert set(listed(await viewer.page("/exceptions", owner="warehouse"))) == {f"X-location-{n}" for n in range(3)}
    page = await (await console.signed_in(CX)).page("/exceptions")
    assert "Nothing of cx waits here" in page.text
    assert page.all("a", href="/exceptions?owner=all")


async def test_R74_the_top_counts_each_teams_open_ones_escalated_ones_and_money(console: Console) -> None:
    page = await (await console.signed_in(VIEWER)).page("/exceptions")
    assert "Finance: 3 the oldest 4 days 1 escalated 1 for a second person 84.99 EUR" in page.text
    assert "Warehouse: 3 the oldest 32 h" in page.text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"level": "1"}, [REJECTED]),
        ({"age": "3d"}, [REJECTED]),
        ({"code": "REFUND_MISMATCH"}, [MISMATCH]),
        ({"second": "yes"}, [MISMATCH]),
        ({"id": RMA}, [EXCEPTION_ID]),
        ({"id": MISMATCH}, [MISMATCH]),
        ({"group": GROUP}, ["X-location-2", "X-location-1", "X-location-0"]),
        ({"connection": "nowhere"}, []),
        ({"state": "resolved"}, []),
    ],
    ids=str,
)
async def test_R67_the_queue_is_narrowed(console: Console, query: dict[str, str], shown: list[str]) -> None:
    page = Page((await (await console.signed_in(FINANCE)).get("/exceptions", **query)).text)
    assert listed(page) == shown


@pytest.mark.parametrize("name", ["owner", "age", "state", "after", "code", "level"])
async def test_an_address_that_somebody_changed_is_answered_with_a_page(console: Console, name: str) -> None:
    page = await (await console.signed_in(FINANCE)).page(f"/exceptions?{name}=nothing", status=400)
    assert "This address leads nowhere." in page.text


async def test_R67_every_exception_is_on_exactly_one_page_of_the_queue(console: Console) -> None:
    names = [f"P-{number:03}" for number in range(55)]
    at = NOW - timedelta(days=9)
    await put(
        console,
        *(
            opened(name, ExceptionCode.REASON_UNMAPPED, now=at, connection="pages", return_id=name)
            for name in reversed(names)
        ),
    )
    viewer, seen = await console.signed_in(VIEWER), []
    address = "/exceptions?connection=pages&owner=all"
    while address:
        page = await viewer.page(address)
        seen += listed(page)
        address = next((a["href"] for a in page.all("a", rel="next")), "")
    assert seen == names


# --- one exception


async def one(console: Console, name: str, *roles: AccountRole) -> Page:
    return await (await console.signed_in(*(roles or (FINANCE,)))).page(f"/exceptions/{name}")


async def test_R67_the_page_has_reason_meaning_steps_figures_in_words_and_history(console: Console) -> None:
    page = await one(console, EXCEPTION_ID)
    for words in (
        "Open Finance, since 1 Mar 2026, 09:30 (30 h), 20.00 EUR",
        "The ERP refused the credit note: period closed.",
        "The ERP refused the credit note for good",
        "Read the ERP's message and correct the cause",
        "system: Opened.",
    ):
        assert words in page.text
    figures = await one(console, MISMATCH)
    assert "Refund rf-X-mismatch id of the refund on the platform" in figures.text
    assert "Platform amount 19.99 EUR what the platform paid" in figures.text


async def test_R67_the_page_leads_to_return_order_erp_documents_runbook_and_workflow(console: Console) -> None:
    page = await one(console, EXCEPTION_ID)
    for address in (
        "/returns/shop/R1",
        "/returns?q=ORD-1",
        "/runbooks/CREDIT_REJECTED",
        "http://127.0.0.1:8080/namespaces/default/workflows/return%2Fshop%2FR1",
    ):
        assert page.all("a", href=address), address
    for number in (RMA, "CN-77", "GRN-5"):
        assert number in page.text


async def test_R73_a_refused_note_shows_the_erps_code_and_words_its_class_and_the_runbooks_step(
    console: Console,
) -> None:
    page = await one(console, REJECTED)
    said = "Its code SOP-117 Its words The account of the customer is on hold. Kind of refusal Rule of the ERP"
    assert said in page.text
    assert page.all("a", href="/runbooks/CREDIT_REJECTED#what-to-do")
    runbook = await (await console.signed_in(FINANCE)).page("/runbooks/CREDIT_REJECTED")
    assert runbook.all("h2", id="what-to-do")


async def test_N4_the_hypotheses_of_a_mismatch_are_ranked_beside_both_amounts(console: Console) -> None:
    page = await one(console, MISMATCH)
    first, second = HYPOTHESES.split("; ")
    assert "The platform paid 19.99 EUR , the order gives 18.09 EUR . The difference is 1.90 EUR" in page.text
    assert f"O{first[1:]} Most likely E{second[1:]}" in page.text
    assert "Hypotheses" not in page.text, "they are not among the figures again"


async def test_R67_trouble_of_a_whole_connection_has_a_page_and_closes_by_itself(console: Console) -> None:
    async with console.store.begin() as unit:
        item = await unit.exceptions.open_for_connection("shop", ExceptionCode.CONNECTION_DOWN, "No answer.", NOW)
    admin = await console.signed_in(ADMIN)
    listing = await admin.page("/exceptions?code=CONNECTION_DOWN")
    [link] = [a["href"] for a in listing.all("a") if a.get("href", "").startswith("/exceptions/shop%2F")]
    page = await admin.page(link)
    assert item.id in page.text
    assert "closes by itself when its cause is gone" in page.text
    assert page.all("form", action=link) == []


async def test_R67_what_the_vendor_wrote_is_shown_as_text(console: Console) -> None:
    await put(console, mismatch("X-evil", track=Track.FINANCE, reason="<script>alert(1)</script>", return_id="R60"))
    page = await one(console, "X-evil")
    assert "<script>alert" not in page.html
    assert "&lt;script&gt;alert(1)" in page.html
    async with console.store.begin() as unit:
        await unit.exceptions.clear("X-evil", NOW)
    past = await one(console, "X-evil")
    assert "Nothing had to be decided: it was over by itself" in past.text


async def test_an_exception_that_does_not_exist_is_a_page_that_says_so(console: Console) -> None:
    finance: Browser = await console.signed_in(FINANCE)
    for path in ("/exceptions/nothing", "/exceptions/groups/g-nothing", "/runbooks/NOTHING", "/guides/no/page"):
        assert "There is no such" in (await finance.page(path, status=404)).text
    assert (await finance.post("/exceptions/nothing", {"kind": "RETRY"})).status_code == 404


# --- runbooks


async def test_N16_every_link_of_the_guides_leads_to_a_page(console: Console) -> None:
    browser = await console.signed_in(VIEWER)
    first = await browser.page("/runbooks")
    pages = {a["href"] for a in first.all("a") if a["href"].startswith(("/runbooks/", "/guides/"))}
    assert len(pages) > 70
    for address in ("/runbooks/LOCATION_UNMAPPED", "/guides/alerts/TREND", "/guides/stages/SETTLING"):
        assert address in pages
        found = await browser.page(address)
        inside = {a["href"] for a in found.all("a") if a["href"].startswith(("/runbooks/", "/guides/"))}
        assert inside <= pages
    assert "LDN-2" in (await browser.page("/runbooks/LOCATION_UNMAPPED")).text, "the site's own mapping"
