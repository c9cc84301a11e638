"""The receiving form before anything is sent: every impossible field is named at once (R14, R22, R29)."""

import pytest

from console.forms import Form
from console.inspection_form import USUAL, field_of, inspection_from
from desk.view import LineView
from domain.dispositions import Disposition
from tests.console.browser import VIEWER, WAREHOUSE, Browser, Console, Page
from tests.console.given import EXCEPTION_ID, RMA, TRACKING, fill
from tests.store.given import LINE

PATH = "/receiving/shop/R1"
SELLABLE, DAMAGED, MISSING = (
    field_of(0, word) for word in (Disposition.SELLABLE, Disposition.DAMAGED, Disposition.MISSING)
)


@pytest.fixture(scope="module", autouse=True)
async def _filled(console: Console) -> None:
    await fill(console.store)


async def counted(browser: Browser, **fields: str) -> tuple[int, Page]:
    """The form of R1, with these fields filled in."""
    form = (await browser.page(PATH)).fields()
    named = {name.replace("__", "-"): value for name, value in fields.items()}
    answer = await browser.post(PATH, {**form, "location": "LDN-1", **named}, token=form["csrf"])
    return answer.status_code, Page(answer.text)


@pytest.mark.parametrize("scanned", [RMA, TRACKING, "ORD-1", "R1", EXCEPTION_ID])
async def test_R14_a_scan_of_any_number_on_the_parcel_leads_to_the_expected_lines(
    console: Console, scanned: str
) -> None:
    browser = await console.signed_in(WAREHOUSE)
    answer = await browser.get("/receiving", scan=scanned, at="LDN-2")
    assert answer.url.path == PATH
    page = Page(answer.text)
    assert "1 of 2 units still to come" in page.text
    assert page.all("option", value="LDN-2", selected="")
    assert page.all("input", name=SELLABLE)


async def test_R14_the_scan_field_is_ready_and_an_unknown_number_leads_to_a_parcel_without_a_return(
    console: Console,
) -> None:
    browser = await console.signed_in(WAREHOUSE)
    assert (await browser.page("/receiving")).all("input", name="scan", autofocus="")
    page = await browser.page("/receiving", scan="NOBODY-KNOWS-1")
    assert "Nobody knows NOBODY-KNOWS-1" in page.text
    [link] = [a["href"] for a in page.all("a") if a.get("href", "").startswith("/receiving/unknown")]
    assert (await browser.page(link)).fields()["tracking"] == "NOBODY-KNOWS-1"


async def test_R22_nothing_counted_is_no_inspection(console: Console) -> None:
    status, page = await counted(await console.signed_in(WAREHOUSE))
    assert status == 422
    assert "Nothing is counted yet." in page.text


async def test_R22_R29_a_missing_or_unmapped_location_is_named_and_never_guessed(console: Console) -> None:
    browser = await console.signed_in(WAREHOUSE)
    for place in ("", "LDN-99"):  # R29: only places that the connection maps
        status, page = await counted(browser, **{SELLABLE: "1", "location": place})
        assert status == 422
        assert page.all("a", href="#location")
        assert page.all("select", id="location", **{"aria-invalid": "true"})


@pytest.mark.parametrize("entered", ["-1", "1.5", "two", "10001", "9" * 12])
async def test_R22_a_number_that_cannot_be_is_refused_by_name_and_comes_back(console: Console, entered: str) -> None:
    status, page = await counted(await console.signed_in(WAREHOUSE), **{SELLABLE: entered, DAMAGED: "1"})
    assert status == 422
    assert "SHIRT, Sellable is not a whole number from 0 to 10000." in page.text
    assert page.all("a", href=f"#{SELLABLE}")
    assert page.all("input", id=SELLABLE, value=entered, **{"aria-invalid": "true"})
    assert page.all("input", id=DAMAGED, value="1")


@pytest.mark.parametrize("photo", ["http://x.example/a.jpg", "javascript:alert(1)", "https://", "https://a b"])
async def test_R22_a_photo_is_an_https_address(console: Console, photo: str) -> None:
    status, page = await counted(await console.signed_in(WAREHOUSE), **{DAMAGED: "1", "photo-0": photo})
    assert status == 422
    assert "SHIRT, photo is not an address that begins with https://." in page.text


async def test_R22_an_unexpected_item_needs_sku_and_quantity(console: Console) -> None:
    browser = await console.signed_in(WAREHOUSE)
    _, page = await counted(browser, **{"other-0-sku": "HAT", "other-1-quantity": "2"})
    assert "HAT: the quantity is missing." in page.text
    assert "SKU is missing." in page.text


async def test_E15_a_refused_form_keeps_its_number_and_two_pages_have_two(console: Console) -> None:
    browser = await console.signed_in(WAREHOUSE)
    first = (await browser.page(PATH)).fields()["inspection_id"]
    assert first != (await browser.page(PATH)).fields()["inspection_id"]
    _, page = await counted(browser, inspection_id=first)
    assert page.fields()["inspection_id"] == first


async def test_without_temporal_nothing_is_lost_and_the_person_is_told_to_send_it_again(console: Console) -> None:
    status, page = await counted(await console.signed_in(WAREHOUSE), **{SELLABLE: "1"})
    assert status == 503
    assert "send the same form again" in page.text


async def test_R110_only_the_warehouse_receives(console: Console) -> None:
    browser = await console.signed_in(VIEWER)
    assert (await browser.get("/receiving")).status_code == 403
    assert (await browser.post(PATH, {SELLABLE: "1"})).status_code == 403


def line(sku: str = "SHIRT") -> LineView:
    return LineView(
        line_id=LINE, order_line_id="L1", sku=sku, expected=2, inspected=0, accepted=0, credited=0, reason=""
    )


def read(**fields: str) -> tuple[Form, list[tuple[str, int, str, str, str]]]:
    from starlette.datastructures import FormData

    form = Form(FormData({"inspection_id": "scan-1", "line-0": LINE, "location": "LDN-1", **fields}))
    found = inspection_from(form, [line()], ["LDN-1"], "whs-3")
    return form, [(u.disposition, u.quantity, u.condition, u.photo, u.order_line_id) for u in found.units]


def test_R22_one_form_is_units_by_grade_with_the_photo_at_those_that_are_not_sellable() -> None:
    form, units = read(**{SELLABLE: "1", DAMAGED: "2", "condition-0": "torn", "photo-0": "https://p.example/1"})
    assert form.problems == {}
    assert units == [("SELLABLE", 1, "", "", "L1"), ("DAMAGED", 2, "torn", "https://p.example/1", "L1")]
    _, units = read(**{SELLABLE: "1", "condition-0": "box open"})
    assert units == [("SELLABLE", 1, "box open", "", "L1")]
    _, units = read(**{MISSING: "2"})
    assert units == [("MISSING", 2, "", "", "L1")]


def test_R22_a_form_of_other_lines_than_the_return_has_now_is_refused() -> None:
    form, _ = read(**{SELLABLE: "1", "line-0": "L9/OTHER"})
    assert "The return has changed" in form.problems[""]


def test_every_grade_that_a_warehouse_can_find_is_offered() -> None:
    from console.inspection_form import OTHERS

    assert set(USUAL) | set(OTHERS) == {word for word in Disposition if word.scanned}
