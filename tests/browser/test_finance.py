"""The day of finance, in a real Chromium: a refund that differs, much money, and the end of a month."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.async_api import expect

from domain.returns import ReturnRef
from tests.browser.conftest import People
from tests.browser.person import Person
from tests.browser.site import Site
from tests.returns.course import arrive, charges, finish, mismatch, totals
from tests.world import World

pytestmark = pytest.mark.verify

ACCEPT = "Accept the platform's amount"


async def open_mismatch(person: Person, ref: ReturnRef) -> None:
    """From the first page to the exception, by the queue of the own team."""
    await person.follow("Exceptions")
    row = person.page.get_by_role("row").filter(has_text=ref.return_id)
    await row.get_by_role("link").first.click()
    await person.reads("Why the amounts may differ")


async def decide(person: Person, title: str, reason: str) -> None:
    """Open the decision, say why, and press its button."""
    decision = await person.decision(title)
    await decision.get_by_label("Reason").fill(reason)
    await decision.get_by_role("button", name=title).click()


async def test_N4_R42_a_refund_that_differs_is_explained_and_its_note_is_posted_by_decision(
    site: Site, people: People
) -> None:
    world = site.world
    ref, _ = await mismatch(world, "19.99")
    fin = await people("fin-1")
    await open_mismatch(fin, ref)
    await fin.reads("The platform paid 19.99 GBP, the order gives 18.09 GBP. The difference is 1.90 GBP.")
    causes = fin.page.locator("ol.hypotheses li")
    await expect(causes.first).to_contain_text("ine discount ignored")
    await expect(causes.first).to_contain_text("Most likely")
    assert totals(world, ref) == []

    await decide(fin, ACCEPT, "promised on the phone")
    await fin.reads(f"Decided: {ACCEPT}.", f"{ACCEPT} by fin-1")
    await world.closed(ref)
    [note] = world.credits(ref)
    assert (note["total"], charges(note)) == ("19.99", [("GOODW", "1.90")])


async def test_R110_R69_much_money_is_credited_only_when_a_second_person_confirms(site: Site, people: People) -> None:
    world = site.world
    ref = world.returned(world.order(), planned_refund=Decimal("245.00"))
    await arrive(world, ref)
    await world.parked(ref)
    first, second = await people("fin-1"), await people("fin-2")
    await open_mismatch(first, ref)
    await first.reads("Above 100 GBP a second person has to confirm it.")
    await decide(first, ACCEPT, "the discount was not meant for this order")
    await first.reads(f"Proposed: {ACCEPT}.", "That was you. Another person of finance has to confirm it.")
    assert await first.page.get_by_role("button", name="Confirm", exact=False).count() == 0
    assert totals(world, ref) == []

    await open_mismatch(second, ref)
    await second.reads("fin-1 has proposed", "the discount was not meant for this order")
    await second.press(f"Confirm: {ACCEPT}")
    await second.reads(f"Decided: {ACCEPT}.")
    await world.closed(ref)
    assert totals(world, ref) == ["245.00"]


async def test_R84_R80_a_month_is_compared_cleared_of_what_is_in_its_way_and_closed(
    site: Site, people: People, tmp_path: Path
) -> None:
    world = site.world
    done = await finish(world, world.returned(world.order(), connection="eu"))
    last = datetime.now(UTC).replace(day=1) - timedelta(days=5)
    month, days = f"{last:%Y-%m}", str((datetime.now(UTC) - last).days + 40)
    report = tmp_path / "payouts.csv"
    columns = "refund_id,order_number,amount,currency,paid_at"
    report.write_text(f"{columns}\ngw-1,{done.order_number},30.00,GBP,{last.isoformat()}\n", encoding="utf-8")

    fin, cx = await people("fin-1"), await people("cx-1")
    await fin.follow("Finance")
    await fin.follow("Payouts")
    await fin.choose("Connection", "eu")
    await fin.page.get_by_label("Report").set_input_files(report)
    await fin.press("Keep the report")
    await fin.reads("1 lines are kept")
    compare = fin.page.get_by_role("form", name="Compare now")
    await compare.get_by_label("Connection").select_option("eu")
    await compare.get_by_label("Days to look back").fill(days)
    await compare.get_by_role("button", name="Compare").click()
    await fin.reads(f"The last {days} days of eu are compared.")

    await open_month(fin, "eu", month)
    await fin.reads("Not ready", "1 matter in the way, worth 30.00 GBP", "Refunds of the platform, GBP")
    assert await fin.page.get_by_role("button", name="Close the month").count() == 0
    await fin.page.get_by_role("table", name="In the way").get_by_role("link").first.click()
    decision = await fin.decision("Done by hand")
    await decision.get_by_label("Number of the ERP document").fill("CN-BY-HAND")
    await decision.get_by_role("button").click()
    await fin.reads("Decided:", "CN-BY-HAND")

    await open_month(cx, "eu", month)
    await cx.reads("Ready", "Nothing is in the way of closing this month.")
    assert await cx.page.get_by_role("button", name="Close the month").count() == 0
    await open_month(fin, "eu", month)
    await fin.reads("Ready")
    await fin.press("Close the month")
    await fin.reads("Tick the box")
    await fin.page.get_by_label("I looked at the statement").check()
    await fin.press("Close the month")
    await fin.reads(f"{month} of eu is closed.", "Closed by fin-1")

    assert await closed_by(world, "eu", month) == "fin-1"
    await cx.page.reload()
    await cx.reads("Closed by fin-1")
    assert len(world.credits(done.ref)) == 1, "comparing and closing post nothing"


async def open_month(person: Person, connection: str, month: str) -> None:
    """By the menu and the form of the periods."""
    await person.follow("Finance")
    await person.follow("Periods")
    await person.choose("Connection", connection)
    await person.fill("Month", month)
    await person.press("Show")


async def closed_by(world: World, connection: str, month: str) -> str:
    """Who closed it; empty while it is open."""
    async with world.store.reading() as unit:
        found = await unit.periods.get(connection, month)
    return found.closed_by if found else ""
