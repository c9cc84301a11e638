"""A console on a real socket, over a whole Backhaul or over a store that was filled for looking."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI
from temporalio.client import Client

from console.app import create_console
from console.parts import ConsoleParts
from console.passwords import Passwords
from desk.clock import utc_now
from desk.link import TemporalLink
from desk.receiving import Warehouse
from domain.accounts import AccountRole
from starter.serving import listen, serve_until
from store import Store
from tests.console.browser import PASSWORD
from tests.world import World

#: Login name → what it may do. Two of finance: much money needs both.
ACCOUNTS: dict[str, AccountRole] = {
    "whs-1": AccountRole.WAREHOUSE,
    "fin-1": AccountRole.FINANCE,
    "fin-2": AccountRole.FINANCE,
    "cx-1": AccountRole.CX,
    "mer-1": AccountRole.MERCHANDISING,
    "adm-1": AccountRole.ADMIN,
    "view-1": AccountRole.VIEWER,
}
#: Hashes that cost little; what a password costs is tested elsewhere.
QUICK = Passwords(time_cost=1, memory_cost=32)


@dataclass
class Site:
    """A Backhaul and the address of its console."""

    world: World
    url: str


@asynccontextmanager
async def console_of(world: World) -> AsyncIterator[Site]:
    """The console of a world, with an account for every role."""

    async def connect() -> Client:
        return world.client

    connections = {ready.name: ready.connection for ready in world.ready}
    await add_accounts(world.store)
    listener = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    parts = ConsoleParts(
        store=world.store,
        link=TemporalLink(connect),
        warehouse=Warehouse(world.store, connections.__getitem__),
        connections=connections,
        console_url=url,
        temporal_ui_url="http://127.0.0.1:8080",
        temporal_namespace=world.client.namespace,
        passwords=QUICK,
    )
    async with serving(create_console(parts), listener):
        yield Site(world, url)


@asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    """Serve the application on this socket, as the console's own process does."""
    stop = asyncio.Event()
    running = asyncio.create_task(serve_until(app, listener, stop, grace=1))
    try:
        yield
    finally:
        stop.set()
        await running
        listener.close()


async def add_accounts(store: Store) -> None:
    """Make ACCOUNTS, all with the password of the tests."""
    hashed = QUICK.hash(PASSWORD)
    async with store.begin() as unit:
        for name, role in ACCOUNTS.items():
            await unit.accounts.add(name, [role], hashed, "test", utc_now())
