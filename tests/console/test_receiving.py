"""A warehouse's day on real parts: Temporal, the vendors' emulators, the console's pages (R14, R20, R21, E15–E26)."""

import pytest
from temporalio.client import Client

from desk.clock import utc_now
from desk.link import TemporalLink
from desk.receiving import Warehouse
from domain.exceptions import ExceptionCode
from domain.parcel import parcel_ref
from domain.progress import Stage
from domain.returns import ReturnRef
from store.records import ExceptionState
from tests.console.browser import WAREHOUSE, Browser, Console, Page, Time, console_on
from tests.world import COAT, SHIRT, World


@pytest.fixture(scope="module")
async def console(world: World) -> Console:
    """A console beside the running Backhaul."""

    async def connect() -> Client:
        return world.client

    connections = {ready.name: ready.connection for ready in world.ready}
    warehouse = Warehouse(world.store, connections.__getitem__)
    parts = {"link": TemporalLink(connect), "warehouse": warehouse, "connections": connections, "wait": 20.0}
    return console_on(world.store, Time(utc_now()), **parts)


async def announced(world: World, *items: tuple[str, str, int, str]) -> ReturnRef:
    """A return of these lines, with its RMA."""
    ref = world.returned(world.order(), list(items))
    await world.stage(ref, Stage.AWAITING_GOODS)
    return ref


async def form_of(browser: Browser, ref: ReturnRef) -> dict[str, str]:
    """The receiving form as it comes, at LDN-1."""
    page = await browser.page(f"/receiving/{ref.connection}/{ref.return_id}")
    return {**page.fields(), "location": "LDN-1"}


async def test_R14_R20_R21_a_two_line_parcel_with_a_damaged_unit_is_booked_once_however_often_it_is_sent(
    world: World, console: Console
) -> None:
    ref = await announced(world, ("1", COAT, 1, "220.50"), ("2", SHIRT, 1, "30.00"))
    browser = await console.signed_in(WAREHOUSE)
    record = await world.record(ref)
    assert record is not None
    assert (await browser.get("/receiving", scan=record.rma_number)).url.path == f"/receiving/uk/{ref.return_id}"
    assert world.received(ref) == {}

    form = await form_of(browser, ref)
    filled = {
        "units-0-SELLABLE": "1",
        "units-1-DAMAGED": "1",
        "photo-1": "https://photos.example/1",
    }
    path = f"/receiving/uk/{ref.return_id}"
    first = await browser.post(path, form | filled, token=form["csrf"])
    again = await browser.post(path, form | filled, token=form["csrf"])  # the second tap
    assert [first.status_code, again.status_code] == [303, 303]
    assert first.headers["location"] == "/receiving?at=LDN-1"
    page = Page((await browser.get("/receiving?at=LDN-1")).text)
    assert f"1 × {COAT} sellable, 1 × {SHIRT} damaged" in page.text
    assert page.text.count("It is recorded.") == 1
    assert page.all("input", name="scan", autofocus="")

    await world.stage(ref, Stage.CLOSED)
    assert world.received(ref) == {(COAT, "01"): 1, (SHIRT, "DM"): 1}
    shown = await browser.page(f"/returns/uk/{ref.return_id}")
    assert "warehouse-account" in shown.text
    assert shown.all("a", href="https://photos.example/1")


async def test_E18_E19_what_cannot_be_is_refused_by_the_return_itself_until_it_is_counted_again(
    world: World, console: Console
) -> None:
    ref = await announced(world, ("1", COAT, 1, "220.50"))
    browser, path = await console.signed_in(WAREHOUSE), f"/receiving/uk/{ref.return_id}"
    form = await form_of(browser, ref)
    many = await browser.post(path, form | {"units-0-SELLABLE": "2"}, token=form["csrf"])
    assert many.status_code == 422
    assert f"SKU {COAT}" in Page(many.text).text
    assert "only 1 unit(s) are still to come" in many.text
    strange = form | {"units-0-SELLABLE": "1", "other-0-sku": SHIRT, "other-0-quantity": "1"}
    refused = await browser.post(path, strange, token=form["csrf"])
    assert refused.status_code == 422
    assert f"SKU {SHIRT} is not on this return" in refused.text
    assert "confirmed=true" not in refused.text
    assert Page(refused.text).all("input", id="again", **{"aria-invalid": "true"})
    assert world.received(ref) == {}

    sure = await browser.post(path, strange | {"again": "yes"}, token=form["csrf"])
    assert sure.status_code == 303
    item = await world.parked(ref)
    assert item.code is ExceptionCode.UNEXPECTED_SKU
    assert world.received(ref)[COAT, "01"] == 1


async def test_E16_another_result_for_the_same_parcel_stands_aside_for_a_person(world: World, console: Console) -> None:
    ref = await announced(world, ("1", COAT, 2, "220.50"))
    browser, path = await console.signed_in(WAREHOUSE), f"/receiving/uk/{ref.return_id}"
    form = await form_of(browser, ref)
    await browser.post(path, form | {"units-0-SELLABLE": "1"}, token=form["csrf"])
    await browser.get("/receiving")
    page = await browser.submit(path, {**form, "units-0-DAMAGED": "1"})
    assert "recorded before with another result" in page.text


async def test_E26_a_parcel_that_nobody_knows_goes_to_quarantine_once(world: World, console: Console) -> None:
    browser = await console.signed_in(WAREHOUSE)
    page = await browser.page("/receiving/unknown", scan="NO-SUCH-TRACKING", at="LDN-1")
    filled = {"place": "uk / LDN-1", "item-0-sku": SHIRT, "item-0-quantity": "1", "item-0-grade": "QUARANTINE"}
    form = page.fields() | filled
    for _ in range(2):
        answer = await browser.post("/receiving/unknown", form, token=form["csrf"])
        assert answer.status_code == 303, answer.text
    ref = parcel_ref("uk", form["inspection_id"])
    item = await world.parked(ref)
    assert (item.code, item.state) == (ExceptionCode.UNMATCHED_RECEIPT, ExceptionState.OPEN)
    told = Page((await browser.get("/receiving")).text)
    assert form["inspection_id"] in told.text
    assert "nothing is counted twice" in told.text


async def test_E24_a_regrade_moves_stock_once_and_no_more_than_is_there(world: World, console: Console) -> None:
    ref = await announced(world, ("1", COAT, 1, "220.50"))
    browser = await console.signed_in(WAREHOUSE)
    form = await form_of(browser, ref)
    await browser.post(f"/receiving/uk/{ref.return_id}", form | {"units-0-QUARANTINE": "1"}, token=form["csrf"])
    await world.closed(ref)
    path = f"/receiving/uk/{ref.return_id}/regrade"
    page = await browser.page(path)
    assert f"1 × {COAT} quarantine" in page.text
    form = page.fields()
    too_many = await browser.post(path, form | {"units-0": "2", "now-0": "SELLABLE"}, token=form["csrf"])
    assert too_many.status_code == 422
    assert "from 0 to 1" in too_many.text
    unsaid = await browser.post(path, form | {"units-0": "1"}, token=form["csrf"])
    assert "choose one of the list" in unsaid.text
    done = await browser.post(path, form | {"units-0": "1", "now-0": "SELLABLE"}, token=form["csrf"])
    assert done.status_code == 303, done.text
    assert "Regraded: 1 ×" in Page((await browser.get(done.headers["location"])).text).text
