"""Customer service and administration at work, in a real Chromium."""

import re

from playwright.async_api import expect

from domain.accounts import AccountRole
from domain.catalogue import CATALOGUE
from domain.exceptions import ExceptionCode
from tests.browser.conftest import People
from tests.browser.person import PHONE
from tests.browser.site import Site
from tests.returns.course import finish
from tests.returns.exchanging import replacements, shirts, swapped

TITLE = CATALOGUE[ExceptionCode.EXCHANGE_DATA].title


async def test_R67_R87_N16_customer_service_finds_a_return_what_it_waits_for_and_what_to_do(
    site: Site, people: People
) -> None:
    world = site.world
    order = shirts(world)
    world.prima.edit_order(order, delivery={"PostCode": ""})
    ref = swapped(world, order)
    item = await world.parked(ref)
    await world.stage(ref, "AWAITING_GOODS")

    cx = await people("cx-1")
    await cx.keys("/")  # goes to the search
    await expect(cx.page.get_by_label("Search by any id")).to_be_focused()
    await cx.keys(order, "Enter")
    await expect(cx.page).to_have_url(f"{site.url}/returns/uk/{ref.return_id}")
    assert re.search(r"Waiting for the warehouse to inspect 1 unit\S* since .+ until \d+ \w+ \d{4}", await cx.words())
    assert item.code is ExceptionCode.EXCHANGE_DATA
    await cx.page.get_by_role("region", name="1 open exception").get_by_role("link").click()
    await cx.reads("PostCode", "What to do", "Retry")
    await cx.page.get_by_label("Where it belongs").get_by_role("link", name=TITLE).click()
    await expect(cx.page).to_have_url(f"{site.url}/runbooks/EXCHANGE_DATA")
    assert replacements(world, ref) == []

    world.prima.edit_order(order, delivery={"PostCode": "LS1 1AA"})
    await cx.page.go_back()
    retry = await cx.decision("Retry")
    await retry.get_by_role("button", name="Retry").click()
    await cx.reads("Decided: Retry.", "What was decided")
    await world.stage(ref, "AWAITING_GOODS")


async def test_R95_R96_R90_the_overview_shows_every_connection_up_and_its_charts_as_pictures(
    site: Site, people: People
) -> None:
    await finish(site.world, site.world.returned(site.world.order()))
    adm = await people("adm-1")
    await adm.follow("Overview")
    connections = adm.page.get_by_role("region", name="Connections")
    for name in ("uk", "eu"):
        await expect(connections.get_by_role("row", name=name)).to_contain_text(
            re.compile(r"reveni\s+Up.*prima\s+Up", re.DOTALL)
        )
    charts = adm.page.get_by_role("img")
    await expect(charts).to_have_count(3)
    for chart in await charts.all():
        await chart.scroll_into_view_if_needed()
        drawn = "picture => picture.decode().then(() => picture.naturalWidth)"
        assert await chart.evaluate(drawn) > 0, await chart.get_attribute("alt")


async def test_R110_an_administrator_adds_an_account_that_can_sign_in_at_once(site: Site, people: People) -> None:
    adm = await people("adm-1")
    await adm.follow("Administration")
    await adm.follow("Accounts")
    await adm.fill("Name", "Anne@example.com")
    await adm.page.get_by_label("Warehouse").check()
    await adm.press("Add the account")
    await adm.reads("A name has 2 to 40 small letters")
    await adm.fill("Name", "whs-9")
    await adm.press("Add the account")
    await adm.reads("Account whs-9 is there.")
    password = await adm.page.get_by_role("status").locator("strong").inner_text()
    async with site.world.store.reading() as unit:
        made = await unit.accounts.get("whs-9")
    assert made is not None and made.roles == {AccountRole.WAREHOUSE}

    new = await people("", PHONE)
    await new.sign_in("whs-9", password)
    await new.follow("Receiving")
    menu = new.page.get_by_role("navigation", name="Console")
    assert await menu.get_by_role("link", name="Administration").count() == 0
    await new.open("/administration/accounts")
    await new.reads("Your account may not do this.")
