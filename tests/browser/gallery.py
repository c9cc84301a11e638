"""A console over a store that was filled for looking: something on every page, and no Temporal behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import BrowserContext

from starter.serving import listen
from store import Store
from tests.bench.seed import seed_returns
from tests.browser.site import add_accounts, serving
from tests.console.browser import Time, connection, console_on
from tests.console.given import fill
from tests.console.samples import address, pages
from tests.store.given import NOW

_RETURNS = 210


@dataclass
class Gallery:
    """The address of the console."""

    url: str


@asynccontextmanager
async def gallery_in(folder: Path) -> AsyncIterator[Gallery]:
    """The console on a store in this folder, until the end of the block."""
    database = f"sqlite:///{folder / 'gallery.db'}"
    await asyncio.to_thread(seed_returns, database, _RETURNS, connections=("shop", "uk"), now=NOW)
    store = Store(database)
    await fill(store)
    await add_accounts(store)
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    connections = {name: connection(name) for name in ("shop", "uk")}
    console = console_on(store, Time(), connections=connections, console_url=url)
    async with serving(console.app, listener):
        yield Gallery(url)
    await store.close()


async def page_addresses(context: BrowserContext, url: str) -> list[str]:
    """One address of every route that answers with a page to whoever this browser is signed in as."""
    found = []
    for template in pages():
        answer = await context.request.get(f"{url}{address(template)}", max_redirects=0)
        if answer.status == 200 and answer.headers["content-type"].startswith("text/html"):
            found.append(address(template))
    return found
