"""Pictures of every page, for people to look at: `make screenshots` writes them to build/screenshots."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from runtime.devserver import DevServer
from tests.browser.person import DESK, PHONE, Person, person_at
from tests.browser.scene import Scene, scene
from tests.browser.test_pages import SURVEY
from tests.console.samples import pages

pytestmark = [pytest.mark.screenshots, pytest.mark.timeout(900)]

FOLDER = Path(__file__).parents[2] / "build" / "screenshots"
#: Answers that are no pages of their own: they are files, or lead elsewhere.
NOT_PAGES = re.compile(r"/|/finance|/healthz|/metrics|/static/.*|/sign-in/.*|.*\.(csv|svg)")


@pytest.fixture(scope="module")
async def shown(
    browser: Browser, temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    async with scene(temporal_server, tmp_path_factory.mktemp("scene")) as running:
        yield running


async def picture(person: Person, name: str) -> list[str]:
    """Keep what the window shows, down to the end of the page; what is wrong with it."""
    assert person.page.viewport_size is not None
    width = person.page.viewport_size["width"]
    FOLDER.mkdir(parents=True, exist_ok=True)
    await person.page.wait_for_load_state("networkidle")
    await person.page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)
    return [f"{name}, {width} px: {one}" for one in await person.page.evaluate(SURVEY)]


def name_of(template: str) -> str:
    """``/finance/reconciliation/{name:path}`` → ``finance-reconciliation-name``."""
    return "-".join(re.findall(r"\w+", template.replace(":path", "")))


async def test_every_page_has_its_picture(browser: Browser, shown: Scene) -> None:
    """At a desk and on a phone, with what a person meets on the way: refusals, counts, and pages of errors."""
    wrong: list[str] = []
    templates = [one for one in pages() if not NOT_PAGES.fullmatch(one)]
    for size in (DESK, PHONE):
        person = await person_at(browser, shown.site.url, size)
        await person.open("/sign-in")
        wrong += await picture(person, "sign-in")
        await person.sign_in("adm-1")
        if size == DESK:
            await carry_out(person, shown.places["/exceptions/groups/{group_id}/run"].removesuffix("/run"))
        wrong += await on_the_way(person, shown)
        for template in (one for one in templates if one != "/sign-in"):
            await person.open(shown.places[template] if "{" in template else template)
            wrong += await picture(person, name_of(template))
        for name, path in others(shown).items():
            await person.open(path)
            wrong += await picture(person, name)
        await person.page.emulate_media(color_scheme="dark")
        for template in ("/overview", "/exceptions", "/returns/{connection}/{return_id}"):
            await person.open(shown.places.get(template, template))
            wrong += await picture(person, f"dark-{name_of(template)}")
        wrong += person.troubles
        await person.context.close()
    assert wrong == [], "\n".join(wrong)


def others(shown: Scene) -> dict[str, str]:
    """Name → address of further states of pages."""
    return {
        "returns-found-nothing": "/returns?q=NOTHING-1",
        "receiving-unknown-number": "/receiving?scan=NOTHING-1",
        "exceptions-all": "/exceptions?owner=all&state=all",
        "exceptions-groups-finance": "/exceptions/groups?owner=finance",
        "finance-differences-all": "/finance/differences?state=all",
        "finance-periods-uk": "/finance/periods?connection=uk",
        "finance-depots-uk": "/finance/depots?connection=uk",
        "overview-90-days": "/overview?days=90",
        "receiving-at": f"{shown.places['/receiving/{connection}/{return_id}']}?at=LDN-1",
        "guides-connection": "/guides/connections/uk",
        "guides-warehouse": "/guides/warehouse",
        "error-not-found": "/nowhere",
    }


async def correct(person: Person, group: str) -> None:
    """Count what a correction of the whole group would do."""
    await person.open(group)
    correction = await person.decision("Correct and retry")
    await correction.get_by_label("Place where the parcel was inspected").select_option("LDN-1")
    await correction.get_by_role("button", name="Count what it would do").click()
    await person.reads("Nothing has been changed yet.")


async def carry_out(person: Person, group: str) -> None:
    """Decide a whole group, and wait for the end."""
    await correct(person, group)
    await person.page.get_by_role("button", name="Correct and retry: 3 exceptions").click()
    await person.reads("Nothing of the group is open")


async def on_the_way(person: Person, shown: Scene) -> list[str]:
    """What comes of forms."""
    places, wrong = shown.places, []
    await person.open(places["/receiving/{connection}/{return_id}"])
    await person.press("Book what I counted")
    wrong += await picture(person, "receiving-refused")
    await correct(person, places["/exceptions/groups/{group_id}"])
    return wrong + await picture(person, "exceptions-group-counted")
