"""The warehouse's day, in a real Chromium: parcels are received, and what is parked for them is put right."""

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from domain.returns import ReturnRef
from tests.browser.conftest import People
from tests.browser.person import PHONE, Person
from tests.browser.site import Site
from tests.returns.looking import eventually
from tests.world import COAT, HAT, SHIRT, World

pytestmark = pytest.mark.verify

#: Seconds within which two hundred returns have come this far.
ALL_OF_THEM = 400.0


async def two_lines(world: World) -> tuple[ReturnRef, str]:
    """A return of a coat and a shirt whose goods may come, and the RMA on its parcel."""
    ref = world.returned(world.order(), [("1", COAT, 1, "220.50"), ("2", SHIRT, 1, "30.00")])
    record = await world.stage(ref, "AWAITING_GOODS")
    return ref, record.rma_number or ""


def units(person: Person, sku: str, grade: str) -> Locator:
    """The field for units of one line with one grade."""
    return person.page.get_by_role("group", name=sku).get_by_label(grade, exact=True)


async def test_R20_R22_R25_a_parcel_with_a_damaged_unit_is_received_by_keyboard_alone(
    site: Site, people: People
) -> None:
    world = site.world
    ref, rma = await two_lines(world)
    whs = await people("whs-1", PHONE)
    await whs.tab_to(whs.page.get_by_role("link", name="Receiving", exact=True))
    await whs.keys("Enter")
    await whs.scan(rma)

    await expect(whs.page.get_by_role("heading", level=1)).to_have_text(f"Receive return {ref.return_id}")
    await whs.tab_to(whs.page.get_by_label("Location", exact=True))
    await whs.keys("LDN-1")
    await whs.tab_to(units(whs, COAT, "Sellable"))
    await whs.keys("1")
    await whs.tab_to(units(whs, SHIRT, "Damaged"))
    await whs.keys("1")
    await whs.tab_to(whs.page.get_by_role("button", name="Book what I counted"))
    assert world.received(ref) == {}, "nothing moves before it is booked"
    await whs.keys("Enter", "Enter")  # the scanner's trigger bounces

    await whs.reads(f"1 × {COAT} sellable, 1 × {SHIRT} damaged", "It is recorded.", "At LDN-1.")
    await expect(whs.page.get_by_label("Scan the parcel: RMA, tracking or order number")).to_be_focused()
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1, (SHIRT, "DM"): 1}, "each in the depot of its grade"
    assert [len(entry["lines"]) for entry in world.entries("ReturnReceipt", ref)] == [1, 1], "one document each"


async def test_R22_a_double_tap_without_scripts_makes_one_document(site: Site, people: People) -> None:
    world = site.world
    ref, rma = await two_lines(world)
    whs = await people("whs-1", PHONE, scripts=False)
    await whs.open("/receiving")
    await whs.fill("Scan the parcel: RMA, tracking or order number", rma)
    await whs.press("Find")
    await whs.choose("Location", "LDN-2")
    for sku in (COAT, SHIRT):
        await units(whs, sku, "Sellable").fill("1")
    sent: list[str] = []
    whs.page.on("request", lambda request: sent.append(request.method))
    await whs.tap_twice(whs.page.get_by_role("button", name="Book what I counted"))
    await whs.reads("At LDN-2.")
    assert sent.count("POST") == 2, "both taps came through"
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "02"): 1, (SHIRT, "02"): 1}


async def test_R22_impossible_input_is_refused_at_once_and_the_page_names_the_field(site: Site, people: People) -> None:
    world = site.world
    world.prima.add_item(HAT)
    ref, rma = await two_lines(world)
    whs = await people("whs-1", PHONE)
    await whs.follow("Receiving")
    await whs.scan(rma)
    await whs.choose("Location", "LDN-1")

    await whs.press("Book what I counted")
    await whs.reads("This cannot be done yet", "Nothing is counted yet.")
    await expect(whs.page.get_by_role("alert")).to_be_focused()

    await units(whs, COAT, "Sellable").fill("5")
    await whs.press("Book what I counted")
    await whs.reads(f"SKU {COAT} of order line 1: only 1 unit(s) are still to come")
    await expect(units(whs, COAT, "Sellable")).to_have_value("5")

    await units(whs, COAT, "Sellable").fill("")
    await whs.fill("SKU, item 1", HAT)
    await whs.fill("Units, item 1", "1")
    await whs.press("Book what I counted")
    await whs.reads(f"{HAT} is not on this return")
    problem = whs.page.get_by_role("alert").get_by_role("link")
    await expect(problem).to_contain_text("tick that you counted again")
    await problem.click()
    again = whs.page.get_by_label("I counted again: what does not fit is really there")
    await expect(again).to_be_in_viewport()
    await expect(again).to_have_attribute("aria-invalid", "true")
    assert world.entries("ReturnReceipt", ref) == []

    await again.check()
    await units(whs, COAT, "Sellable").fill("1")
    await whs.press("Book what I counted")
    await whs.reads("It is recorded.")
    await eventually(lambda: world.received(ref) == {(COAT, "01"): 1} and len(surplus(world, ref)) == 1)
    assert surplus(world, ref) == [{"sku": HAT, "quantity": 1, "depot": "QT"}], "what nobody expected is apart"


def surplus(world: World, ref: ReturnRef) -> list[dict[str, Any]]:
    """What came for the return and is not of it, as Prima's stock journal has it."""
    return [line for entry in world.entries("StockAdjustment", ref) for line in entry["lines"]]


@pytest.mark.timeout(1200)
async def test_R72_N18_two_hundred_returns_at_an_unmapped_depot_are_corrected_once(site: Site, people: People) -> None:
    world, count, hub = site.world, 200, "NEW-HUB"
    refs = [world.returned(world.order()) for _ in range(count)]
    for ref in refs:
        await world.stage(ref, "AWAITING_GOODS", seconds=ALL_OF_THEM)
        await world.inspect(ref, (COAT, 1, "A"), location=hub)
    for ref in refs:
        await world.parked(ref, seconds=ALL_OF_THEM)

    whs = await people("whs-1")
    await whs.follow("Exceptions")
    await whs.follow("By cause")
    await whs.follow(f"Location has no depot: location {hub}")
    await whs.reads(f"{count} exceptions", f"location {hub}")
    correction = await whs.decision("Correct and retry")
    await correction.get_by_label("Place where the parcel was inspected").select_option("LDN-1")
    await correction.get_by_label("Decisions a second, at most").fill("10")
    await correction.get_by_role("button", name="Count what it would do").click()
    await whs.reads("Nothing has been changed yet.", f"{count} open exceptions")
    assert [world.received(ref) for ref in refs] == [{}] * count

    await whs.press(f"Correct and retry: {count} exceptions")
    await whs.reads("Being carried out", "You may leave this page")
    await expect(whs.page.get_by_role("main")).to_contain_text(
        "Nothing of the group is open", timeout=ALL_OF_THEM * 1000
    )
    for ref in refs:
        await world.closed(ref, seconds=ALL_OF_THEM)
    assert [world.received(ref) for ref in refs] == [{(COAT, "01"): 1}] * count
    assert [len(world.entries("ReturnReceipt", ref)) for ref in refs] == [1] * count, "each once"
