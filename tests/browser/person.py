"""A person at a browser: clicks, keys and labels, and nothing that a person does not have."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response, expect

from tests.console.browser import PASSWORD
from tests.patience import PATIENCE

PHONE, SCANNER, DESK = (390, 844), (320, 640), (1280, 800)
_MOST_TABS = 120
_PATIENCE_MS = PATIENCE * 1000
_BETWEEN_TAPS = 0.03
#: What a focused element looks like; it may be drawn by the element or by what is around it.
_RING = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""


@dataclass
class Person:
    """One browser window of one person. `troubles`: what the browser complained about meanwhile."""

    context: BrowserContext
    page: Page
    url: str
    troubles: list[str] = field(default_factory=list)
    _refused: set[str] = field(default_factory=set)

    def watch(self) -> None:
        """Note every error in the browser, every broken rule of the page's policy, every request to elsewhere."""
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    async def open(self, path: str) -> None:
        """Type an address."""
        await self.page.goto(f"{self.url}{path}")

    async def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """By the form, from the keyboard: the field for the account has the focus."""
        await self.open("/sign-in")
        await expect(self.page.get_by_label("Account", exact=True)).to_be_focused()
        await self.keys(name, "Tab", password, "Enter")
        await expect(self.page.get_by_role("navigation", name="Console")).to_be_visible()

    async def keys(self, *words: str) -> None:
        """Type words, and press keys that have names."""
        for word in words:
            if word in ("Tab", "Enter", "Space"):
                await self.page.keyboard.press(word)
            else:
                await self.page.keyboard.type(word)

    async def scan(self, number: str) -> None:
        """Read a number off a parcel; the scanner types it where the focus is, and Enter."""
        await expect(self.page.get_by_label("Scan the parcel: RMA, tracking or order number")).to_be_focused()
        await self.keys(number, "Enter")

    async def tab_to(self, target: Locator) -> None:
        """Press Tab until the element has the focus; wherever it passes, one sees where it is."""
        await expect(target).to_be_visible()
        for _ in range(_MOST_TABS):
            await self.page.keyboard.press("Tab")
            assert await self.page.evaluate(_RING), f"no visible focus on {await self.focused()}"
            if await target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"Tab does not lead to {target}")

    async def focused(self) -> str:
        """The tag and the words of what has the focus."""
        text: str = await self.page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")
        return text

    async def follow(self, name: str, *, exact: bool = True) -> None:
        """Click the link with these words; the first one of several."""
        await self.page.get_by_role("link", name=name, exact=exact).first.click()

    async def press(self, name: str) -> None:
        """Click the button with these words."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def tap_twice(self, button: Locator) -> None:
        """Tap, and tap again before the answer is there."""
        await button.scroll_into_view_if_needed()
        box = await button.bounding_box()
        assert box is not None
        for _ in range(2):
            await self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            await asyncio.sleep(_BETWEEN_TAPS)

    async def fill(self, label: str, value: str) -> None:
        """Type into the field with this label."""
        await self.page.get_by_label(label, exact=True).fill(value)

    async def choose(self, label: str, text: str) -> None:
        """Choose from the list with this label."""
        await self.page.get_by_label(label, exact=True).select_option(label=text)

    async def decision(self, title: str) -> Locator:
        """The form of the decision with this title, opened if it is not."""
        found = self.page.get_by_role("group").filter(has=self.page.locator("summary").get_by_text(title, exact=True))
        if await found.get_attribute("open") is None:
            await found.locator("summary").click()
        return found

    async def reads(self, *texts: str) -> None:
        """Wait until the page says all of this."""
        for text in texts:
            await expect(self.page.get_by_role("main")).to_contain_text(text)

    async def words(self) -> str:
        """All that the page says, with single spaces."""
        return " ".join((await self.page.get_by_role("main").inner_text()).split())

    def _said(self, message: ConsoleMessage) -> None:
        refused = message.text.startswith("Failed to load resource") and message.location["url"] in self._refused
        if message.type in ("error", "warning") and not refused:
            self.troubles.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" != self.url:
            self.troubles.append(f"request to elsewhere: {request.url}")

    def _answered(self, response: Response) -> None:
        """A page that refuses something is a page; Chromium complains of its status all the same."""
        if response.request.is_navigation_request() and 400 <= response.status < 500:
            self._refused.add(response.url)
        elif response.status >= 400:
            self.troubles.append(f"{response.status} for {response.url}")


async def person_at(browser: Browser, url: str, size: tuple[int, int] = DESK, *, scripts: bool = True) -> Person:
    """A person with a browser window of their own, not signed in. `scripts`: whether their browser runs any."""
    width, height = size
    context = await browser.new_context(
        viewport={"width": width, "height": height}, java_script_enabled=scripts, locale="en-GB", timezone_id="UTC"
    )
    context.set_default_timeout(_PATIENCE_MS)
    expect.set_options(timeout=_PATIENCE_MS)
    person = Person(context, await context.new_page(), url)
    person.watch()
    return person
