"""Debian's Chromium, driven by Playwright, which brings no browser of its own here."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

import pytest
from playwright.async_api import Browser, async_playwright

#: With this value a missing Chromium is a failure.
REQUIRED = "required"
MISSING = "Chromium is not on this machine, so nobody has looked at the console: run `make browser` to install it"

#: Names are looked up nowhere: what is not on this machine cannot be reached.
_NOWHERE_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser, until the end of the block. Skips, or fails where it is required, when there is none."""
    found = shutil.which("chromium")
    if found is None:
        missing()
    arguments = [_NOWHERE_ELSE, "--lang=en-GB", "--disable-background-networking", "--disable-gpu"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox refuses to run for root
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        await browser.close()


def missing() -> NoReturn:
    """Say so, as the surroundings want it."""
    if os.environ.get("BACKHAUL_BROWSER") == REQUIRED:
        pytest.fail(f"{MISSING}; BACKHAUL_BROWSER={REQUIRED} wants it")
    pytest.skip(MISSING)
