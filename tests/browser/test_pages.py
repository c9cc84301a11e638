"""Every page as it is really drawn: on a phone, in light and dark, and from the keyboard."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.gallery import Gallery, gallery_in, page_addresses
from tests.browser.person import DESK, SCANNER, Person, person_at

pytestmark = pytest.mark.verify

_HERE = Path(__file__).parent
SURVEY = (_HERE / "survey.js").read_text(encoding="utf-8")
TABBABLE = (_HERE / "tabbable.js").read_text(encoding="utf-8")
#: The number of what has the focus; nothing at the end of the page. It throws when one does not see where one is.
#: The parts of a field for days have no rings of ours: the browser draws them.
WHERE = """() => {
  const focused = document.activeElement;
  const style = getComputedStyle(focused);
  if (focused.matches(":focus") && (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2)) {
    throw new Error(`no visible focus on ${focused.outerHTML.slice(0, 200)}`);
  }
  return focused === document.body ? null : Number(focused.dataset.tab);
}"""


@pytest.fixture(scope="module")
async def gallery(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Gallery]:
    async with gallery_in(tmp_path_factory.mktemp("gallery")) as running:
        yield running


@pytest.fixture(scope="module")
async def admin(browser: Browser, gallery: Gallery) -> AsyncIterator[Person]:
    """An administrator, who may see every page."""
    person = await person_at(browser, gallery.url)
    await person.sign_in("adm-1")
    yield person
    await person.context.close()


@pytest.mark.parametrize("size", [SCANNER, DESK], ids=["320 px", "desk"])
async def test_every_page_fits_its_window_and_can_be_read_in_light_and_dark(
    admin: Person, gallery: Gallery, size: tuple[int, int]
) -> None:
    await admin.page.set_viewport_size({"width": size[0], "height": size[1]})
    wrong: list[str] = []
    seen = await page_addresses(admin.context, gallery.url)
    for path in seen:
        await admin.open(path)
        for scheme in ("light", "dark"):
            await admin.page.emulate_media(color_scheme=scheme)
            wrong += [f"{path}, {scheme}: {one}" for one in await admin.page.evaluate(SURVEY)]
    assert wrong == [], "\n".join(wrong)
    assert len(seen) > 25
    assert admin.troubles == []


async def test_the_sign_in_fits_a_phone_too(browser: Browser, gallery: Gallery) -> None:
    stranger = await person_at(browser, gallery.url, SCANNER)
    await stranger.open("/returns")
    assert await stranger.page.evaluate(SURVEY) == []
    await stranger.keys("nobody", "Tab", "wrong", "Enter")
    await stranger.reads("The name or the password is wrong.")
    assert await stranger.page.evaluate(SURVEY) == []
    assert stranger.troubles == []
    await stranger.context.close()


async def test_the_skip_link_leads_past_the_menu(admin: Person) -> None:
    await admin.open("/exceptions")
    await admin.keys("Tab")
    skip = admin.page.get_by_role("link", name="Skip to the page")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    await admin.keys("Enter")
    await expect(admin.page.get_by_role("main")).to_be_focused()
    await admin.keys("Tab")
    assert await admin.page.evaluate("() => !!document.activeElement.closest('main')")


async def test_tab_reaches_everything_on_every_page(admin: Person, gallery: Gallery) -> None:
    for path in await page_addresses(admin.context, gallery.url):
        await reached_by_tab(admin, path)


async def reached_by_tab(person: Person, path: str) -> None:
    """Press Tab through the whole page, from its top."""
    await person.page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    await person.open(path)
    left = set(range(await person.page.evaluate(TABBABLE)))
    await person.page.evaluate("() => document.activeElement.blur()")
    for _ in range(2 * len(left)):  # fields for days have a stop for each of their parts
        await person.keys("Tab")
        number = await person.page.evaluate(WHERE)
        if number is None:
            break
        left.discard(number)
    missed = [await person.page.locator(f"[data-tab='{number}']").evaluate("e => e.outerHTML") for number in left]
    assert missed == [], path
