"""The overview: health, times, causes and charts (R88, R90, R95, R96, N10)."""

import asyncio
from typing import Any

import pytest

from desk.measures import latencies
from tests.console.browser import VIEWER, Browser, Console, Page
from tests.console.given import fill
from tests.patience import PATIENCE

CHARTS = ("flow", "latency", "causes")


@pytest.fixture(scope="module", autouse=True)
async def _filled(console: Console) -> None:
    await fill(console.store)
    console.time.passes(hours=1)


async def counted(browser: Browser) -> Page:
    """The overview of a month, once its figures are there."""
    async with asyncio.timeout(PATIENCE):
        while "Being counted" in (page := await browser.page("/overview", days="30")).text:
            await asyncio.sleep(0.02)
    return page


async def test_R95_every_connection_is_listed_with_both_sides_backlog_and_oldest_item(console: Console) -> None:
    page = await (await console.signed_in(VIEWER)).page("/overview")
    assert "reveni Up" in page.text
    assert "prima Up" in page.text
    assert page.all("a", href="/exceptions?owner=all&connection=shop")


async def test_R90_R96_times_effort_and_causes_are_there_as_numbers_too(console: Console) -> None:
    page = await counted(await console.signed_in(VIEWER))
    for words in ("Time of each step", "Closed without a hand", "Exceptions per 100 returns", "Causes"):
        assert words in page.text
    assert {image["src"] for image in page.all("img")} == {f"/charts/{name}.svg?days=30" for name in CHARTS}
    assert all(image["alt"] for image in page.all("img"))


async def test_R90_what_takes_long_to_count_keeps_nobody_from_the_rest_of_the_page(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = asyncio.Event()

    async def slowly(*args: Any) -> Any:
        await go_on.wait()
        return await latencies(*args)

    monkeypatch.setattr("console.report.latencies", slowly)
    console.time.passes(minutes=16)  # what was counted for others is too old to be shown
    viewer = await console.signed_in(VIEWER)
    early = await viewer.get("/overview", days="30")
    page = Page(early.text)
    assert "reveni Up" in page.text
    assert "Being counted" in page.text
    assert page.all("img") == []
    assert early.headers["refresh"] == "1"

    go_on.set()
    assert "Time of each step" in (await counted(viewer)).text
    assert "refresh" not in (await viewer.get("/overview", days="30")).headers


@pytest.mark.parametrize("name", CHARTS)
async def test_charts_are_pictures_that_run_nothing(console: Console, name: str) -> None:
    answer = await (await console.signed_in(VIEWER)).get(f"/charts/{name}.svg", days="90")
    assert answer.headers["content-type"] == "image/svg+xml"
    # style is in the picture itself; without a word about scripts, images and frames nothing is allowed to them
    policy = [part.strip() for part in answer.headers["content-security-policy"].split(";")]
    assert policy == ["default-src 'none'", "style-src 'unsafe-inline'"]
    picture = Page(answer.text)
    tags = {tag for tag, _ in picture.elements}
    assert "svg" in tags
    assert not tags & {"script", "foreignobject", "iframe", "image", "use"}
    named = [(name, value) for _, attributes in picture.elements for name, value in attributes.items()]
    assert [name for name, _ in named if name.startswith("on")] == []
    assert [value for name, value in named if name in ("href", "xlink:href", "src")] == []
    assert "@import" not in answer.text
    assert "url(" not in answer.text


async def test_a_span_or_a_chart_that_is_not_offered_is_refused(console: Console) -> None:
    browser = await console.signed_in(VIEWER)
    assert (await browser.get("/overview", days="8")).status_code == 400
    assert (await browser.get("/charts/secrets.svg")).status_code == 404
