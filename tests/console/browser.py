"""A console in this process, and browsers without scripts that use it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import httpx
from fastapi import FastAPI

from console.app import create_console
from console.parts import ConsoleParts
from console.passwords import Passwords
from desk.link import TemporalLink, TemporalUnreachableError
from desk.receiving import Warehouse
from domain.accounts import AccountRole
from domain.connection import Connection, Mappings
from domain.dispositions import Disposition, StockAction, StockDocument
from store import Store
from tests.store.given import NOW

URL = "http://127.0.0.1:8091"
PASSWORD = "correct horse battery staple"
ADMIN, CX, FINANCE, VIEWER, WAREHOUSE = (
    AccountRole.ADMIN,
    AccountRole.CX,
    AccountRole.FINANCE,
    AccountRole.VIEWER,
    AccountRole.WAREHOUSE,
)


@dataclass
class Time:
    """A clock that tests move."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        """So much time goes by."""
        self.now += timedelta(**span)


class Page(HTMLParser):
    """What a test asks of a page: its text, its elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    @property
    def text(self) -> str:
        """All words, with single spaces."""
        return re.sub(r"\s+", " ", " ".join(self._text)).strip()

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """Attributes of every such element."""
        return [a for t, a in self.elements if t == tag and attributes.items() <= a.items()]

    def fields(self) -> dict[str, str]:
        """Names and values of the page's inputs that are not ticked boxes, as a browser would send them."""
        boxes = ("checkbox", "radio", "submit")
        return {a["name"]: a.get("value", "") for a in self.all("input") if a.get("type") not in boxes and "name" in a}


@dataclass
class Browser:
    """One browser of one person."""

    http: httpx.AsyncClient

    async def get(self, path: str, **query: str) -> httpx.Response:
        """Open a page, wherever it leads."""
        return await self.http.get(path, params=query or None, follow_redirects=True)

    async def page(self, path: str, status: int = 200, **query: str) -> Page:
        """Open a page; it must have this status."""
        answer = await self.get(path, **query)
        assert answer.status_code == status, answer.text
        return Page(answer.text)

    async def post(
        self, path: str, data: Mapping[str, str] | None = None, *, token: str | None = None, **options: Any
    ) -> httpx.Response:
        """Send a form as a page of the console does. `token`: None takes the browser's own from any page."""
        if token is None:
            token = Page((await self.get("/account")).text).fields().get("csrf", "")
        headers = {"Origin": URL, **options.pop("headers", {})}
        return await self.http.post(path, data={"csrf": token, **(data or {})}, headers=headers, **options)

    async def submit(self, path: str, data: Mapping[str, str] | None = None) -> Page:
        """Send a form and see the page that comes then."""
        answer = await self.post(path, data, follow_redirects=True)
        return Page(answer.text)

    async def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        """By the form."""
        page = await self.page("/sign-in")
        return await self.post("/sign-in", {"name": name, "password": password}, token=page.fields()["csrf"])


@dataclass
class Console:
    """A console on a store. Accounts are made as they are asked for, one per role."""

    app: FastAPI
    store: Store
    time: Time
    browsers: dict[str, Browser] = field(default_factory=dict)
    passwords: Passwords = field(default_factory=lambda: Passwords(time_cost=1, memory_cost=32))

    def stranger(self) -> Browser:
        """A browser of nobody, with cookies of its own."""
        return Browser(httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url=URL))

    async def account(self, name: str, *roles: AccountRole) -> None:
        """Make a local account with PASSWORD."""
        async with self.store.begin() as unit:
            await unit.accounts.add(name, roles, self.passwords.hash(PASSWORD), "test", self.time())

    async def signed_in(self, *roles: AccountRole) -> Browser:
        """A browser of somebody with these roles; the same one each time."""
        name = "-".join(sorted(role.value for role in roles)) + "-account"
        if name not in self.browsers:
            async with self.store.reading() as unit:
                known = await unit.accounts.get(name)
            if known is None:  # other consoles of a shared store may have made it
                await self.account(name, *roles)
            browser = self.stranger()
            assert (await browser.sign_in(name)).status_code == 303
            self.browsers[name] = browser
        return self.browsers[name]


def connection(name: str = "shop", **changes: Any) -> Connection:
    """A connection with two places and all stock actions."""
    receipt = StockAction(document=StockDocument.RECEIPT, bucket="sellable")
    none = StockAction(document=StockDocument.NONE)
    actions = dict.fromkeys(Disposition, none) | {
        Disposition.SELLABLE: receipt,
        **{
            word: StockAction(document=StockDocument.RECEIPT, bucket="apart")
            for word in (Disposition.DAMAGED, Disposition.QUARANTINE, Disposition.RETURN_TO_CUSTOMER)
        },
    }
    mappings = Mappings(
        locations={place: {"sellable": f"{place}-S", "apart": f"{place}-A"} for place in ("LDN-1", "LDN-2")},
        stock_actions=actions,
        reasons={"changed_mind": "CM"},
        return_types={},
        credit_statuses={},
        tax_codes={"20.00": "20.00"},
    )
    return Connection(name=name, platform="reveni", erp="prima", mappings=mappings, **changes)


async def unreachable() -> Any:
    """Temporal is down."""
    raise TemporalUnreachableError("Temporal does not answer")


def console_on(store: Store, time: Time, **parts: Any) -> Console:
    """A console on this store; Temporal is down unless `link` is given. Anything of ConsoleParts may be."""
    passwords = Passwords(time_cost=1, memory_cost=32)
    connections = parts.pop("connections", {"shop": connection()})
    whole: dict[str, Any] = {
        "store": store,
        "link": TemporalLink(unreachable),
        "warehouse": Warehouse(store, connections.__getitem__),
        "connections": connections,
        "console_url": URL,
        "temporal_ui_url": "http://127.0.0.1:8080",
        "clock": time,
        "passwords": passwords,
    }
    return Console(create_console(ConsoleParts(**{**whole, **parts})), store, time, passwords=passwords)
