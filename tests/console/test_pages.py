"""Every page, as an administrator sees it: readable by programs that read aloud, and nothing from elsewhere."""

from urllib.parse import urlsplit

import pytest
from httpx import Response

from tests.console.browser import ADMIN, Console, Page
from tests.console.given import fill
from tests.console.samples import address, pages

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}
SIGNED_OUT = ("/sign-in",)
#: Addresses that are no page: where they lead, what file they give, and what is not set up here. All others are pages.
LEADS_TO = {"/": "/returns", "/finance": "/finance/reconciliation"}
FILES = {
    "/charts/{name}.svg": "image/svg+xml",
    "/finance/depots.csv": "text/csv",
    "/finance/differences.csv": "text/csv",
    "/finance/exposure.csv": "text/csv",
    "/healthz": "text/plain",
    "/static/{name}": "text/css",
}
CLOSED = ("/metrics", "/sign-in/provider", "/sign-in/back")
PAGES = [template for template in pages() if template not in {*LEADS_TO, *FILES, *CLOSED}]
SEEN: dict[str, Page] = {}


@pytest.fixture(scope="module", autouse=True)
async def _filled(console: Console) -> None:
    await fill(console.store)


async def opened(console: Console, template: str) -> Response:
    """The answer as it comes; every one has the headers."""
    browser = console.stranger() if template in SIGNED_OUT else await console.signed_in(ADMIN)
    answer = await browser.http.get(address(template))
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe" not in policy or answer.headers["content-type"].startswith("image/svg")
    return answer


async def look(console: Console, template: str) -> Page:
    """The page, made once for all tests of this file."""
    if template not in SEEN:
        answer = await opened(console, template)
        assert answer.status_code == 200, "give the address a sample, or say above that it is no page"
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["cache-control"] == "no-store"
        SEEN[template] = Page(answer.text)
    return SEEN[template]


@pytest.mark.parametrize("template", pages())
async def test_whoever_is_signed_in_reaches_what_an_address_is_for(console: Console, template: str) -> None:
    answer = await opened(console, template)
    kind = answer.headers.get("content-type", "").partition(";")[0]
    assert (answer.status_code, answer.headers.get("location"), kind) == expected(template)


def expected(template: str) -> tuple[int, str | None, str]:
    """Status, where it leads, and the kind of its content."""
    if template in LEADS_TO:
        return 303, LEADS_TO[template], ""
    return 404 if template in CLOSED else 200, None, FILES.get(template, "text/html")


@pytest.mark.parametrize("template", PAGES)
async def test_every_page_has_language_title_one_heading_and_landmarks(console: Console, template: str) -> None:
    page = await look(console, template)
    assert page.all("html", lang="en-GB")
    assert len(page.all("title")) == 1
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert page.all("a", href="#main")
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("template", PAGES)
async def test_every_input_has_a_label_and_every_table_a_caption_and_heads(console: Console, template: str) -> None:
    page = await look(console, template)
    labels = {attributes.get("for") for attributes in page.all("label")}
    inputs = [
        attributes
        for tag in ("input", "select", "textarea")
        for attributes in page.all(tag)
        if attributes.get("type") != "hidden"
    ]
    assert [a for a in inputs if a.get("id") not in labels and "aria-label" not in a] == []
    assert len(page.all("table")) == len(page.all("caption"))
    assert all("scope" in attributes for attributes in page.all("th"))
    assert all("alt" in attributes for attributes in page.all("img"))
    described = {word for _, a in page.elements for word in a.get("aria-describedby", "").split()}
    assert described <= {attributes.get("id") for _, attributes in page.elements}


@pytest.mark.parametrize("template", PAGES)
async def test_no_page_has_script_or_style_in_it_or_anything_from_elsewhere(console: Console, template: str) -> None:
    page = await look(console, template)
    assert [a for a in page.all("script") if not a.get("src")] == []
    assert page.all("style") == []
    assert [n for _, a in page.elements for n in a if n == "style" or n.startswith("on")] == []
    loaded = [a.get("src", "") for _, a in page.elements if "src" in a]
    loaded += [a.get("href", "") for a in page.all("link")]
    loaded += [a.get("action", "") for a in page.all("form")]
    assert [address for address in loaded if not address.startswith("/") or urlsplit(address).netloc] == []


@pytest.mark.parametrize("template", PAGES)
async def test_every_form_that_changes_something_carries_the_token(console: Console, template: str) -> None:
    page = await look(console, template)
    posting = [a for a in page.all("form") if a.get("method", "get").lower() == "post"]
    assert len(posting) == len(page.all("input", name="csrf"))
    assert all(attributes.get("value") for attributes in page.all("input", name="csrf"))
