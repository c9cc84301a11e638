"""Signing in with a local account: who gets in, for how long, and what a stranger learns (R110)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from store import Store, Unit
from tests.console.browser import ADMIN, FINANCE, PASSWORD, URL, VIEWER, Browser, Console, console_on


async def admitted(browser: Browser) -> bool:
    return (await browser.get("/account")).url.path == "/account"


async def test_R110_a_person_signs_in_looks_and_signs_out(console: Console) -> None:
    await console.account("vera", VIEWER)
    browser = console.stranger()
    assert not await admitted(browser)
    assert (await browser.sign_in("vera")).headers["location"] == "/"
    assert "vera" in (await browser.page("/account")).text
    assert (await browser.post("/sign-out")).status_code == 303
    assert not await admitted(browser)
    async with console.store.reading() as unit:
        deeds = [entry.action for entry in await unit.audit.list("account/vera")]
    assert deeds == ["sign-out", "sign-in", "account.added"]


async def test_R110_the_page_that_was_asked_for_comes_after_the_sign_in_and_never_another_site(
    console: Console,
) -> None:
    await console.account("nina", VIEWER)
    for target, wanted in {
        "/returns?stage=open": "/returns?stage=open",
        "//evil.example/": "/",
        "https://evil.example/": "/",
        "/\\evil.example": "/",
        "/\t/evil.example": "/",
        "/sign-out": "/",
        "": "/",
    }.items():
        browser = console.stranger()
        token = (await browser.page("/sign-in", next=target)).fields()["csrf"]
        form = {"name": "nina", "password": PASSWORD, "next": target}
        assert (await browser.post("/sign-in", form, token=token)).headers["location"] == wanted


async def test_R110_a_wrong_password_and_an_unknown_name_look_the_same(console: Console) -> None:
    await console.account("otto", VIEWER)
    answers = [await console.stranger().sign_in(name, "a wrong password!") for name in ("otto", "nobody-here")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("The name or the password is wrong." in answer.text for answer in answers)
    assert "a wrong password!" not in answers[0].text
    async with console.store.reading() as unit:
        assert [e.action for e in await unit.audit.list("account/otto")] == ["sign-in.refused", "account.added"]
        assert await unit.audit.list("account/nobody-here") == []


async def test_R110_guessing_has_to_wait_longer_each_time_also_for_names_that_do_not_exist(console: Console) -> None:
    await console.account("petra", VIEWER)
    for name in ("petra", "petrus"):
        for _ in range(5):
            assert (await console.stranger().sign_in(name, "wrong")).status_code == 422
        locked = await console.stranger().sign_in(name, PASSWORD)
        assert locked.status_code == 429
        assert "Wait 1 min" in locked.text
    console.time.passes(seconds=31)
    assert (await console.stranger().sign_in("petra", "wrong")).status_code == 422
    console.time.passes(seconds=31)
    assert (await console.stranger().sign_in("petra")).status_code == 429  # the sixth costs twice as long
    console.time.passes(seconds=31)
    assert (await console.stranger().sign_in("petra")).status_code == 303
    assert (await console.stranger().sign_in("petra", "wrong")).status_code == 422  # the count began anew


async def test_R110_a_session_ends_after_an_idle_hour_and_after_twelve_hours(console: Console) -> None:
    await console.account("quin", VIEWER)
    idle, busy = console.stranger(), console.stranger()
    await idle.sign_in("quin")
    await busy.sign_in("quin")
    for _ in range(11):
        console.time.passes(minutes=59)
        assert await admitted(busy)
    assert not await admitted(idle)
    console.time.passes(minutes=59)
    assert await admitted(busy)
    console.time.passes(minutes=15)
    assert not await admitted(busy)


async def test_R110_whatever_takes_rights_away_ends_the_sessions(console: Console) -> None:
    await console.account("rosa", ADMIN)
    browser = console.stranger()
    for change in ("roles", "disabled", "password"):
        assert (await browser.sign_in("rosa")).status_code == 303
        assert await admitted(browser)
        async with console.store.begin() as unit:
            match change:
                case "roles":
                    await unit.accounts.set_roles("rosa", [FINANCE], "boss", console.time())
                case "disabled":
                    await unit.accounts.set_disabled("rosa", True, "boss", console.time())
                case _:
                    await unit.accounts.set_disabled("rosa", False, "boss", console.time())
                    fresh = console.passwords.hash(PASSWORD + "!")
                    await unit.accounts.set_password("rosa", fresh, "boss", console.time())
        assert not await admitted(browser)
        if change == "disabled":
            assert (await browser.sign_in("rosa")).status_code == 422
            async with console.store.begin() as unit:
                await unit.accounts.set_disabled("rosa", False, "boss", console.time())


async def test_R110_a_new_password_signs_out_all_other_browsers(console: Console) -> None:
    await console.account("sara", VIEWER)
    here, there = console.stranger(), console.stranger()
    await here.sign_in("sara")
    await there.sign_in("sara")
    new = "eleven blue tractors"
    for old, first, second, problem in (
        ("wrong", new, new, "not your present password"),
        (PASSWORD, "short", "short", "15 characters"),
        (PASSWORD, new, new + "!", "differ"),
    ):
        refused = await here.post("/account/password", {"old": old, "new": first, "again": second})
        assert refused.status_code == 422
        assert problem in refused.text
        assert new not in refused.text
    done = await here.post("/account/password", {"old": PASSWORD, "new": new, "again": new})
    assert done.status_code == 303
    assert await admitted(here)
    assert not await admitted(there)
    assert (await console.stranger().sign_in("sara", new)).status_code == 303


async def test_R110_signing_out_everywhere_ends_all_sessions_of_the_account(console: Console) -> None:
    await console.account("tess", VIEWER)
    here, there = console.stranger(), console.stranger()
    await here.sign_in("tess")
    await there.sign_in("tess")
    await here.post("/account/sign-out")
    assert not await admitted(here)
    assert not await admitted(there)


async def test_R110_the_cookie_is_for_the_server_only_and_the_store_cannot_open_a_session(console: Console) -> None:
    await console.account("udo", VIEWER)
    browser = console.stranger()
    answer = await browser.sign_in("udo")
    [cookie] = [c for c in answer.headers.get_list("set-cookie") if c.startswith("backhaul=")]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    token = cookie.partition("=")[2].partition(";")[0]
    async with console.store.reading() as unit:
        assert await unit.sessions.get(token, console.time()) is None
    secure = console_on(console.store, console.time, console_url="https://console.example")
    answer = await secure.stranger().http.get("/sign-in")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-backhaul-visit=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert answer.headers["strict-transport-security"]


async def test_R110_a_form_from_elsewhere_or_without_its_token_does_nothing(console: Console) -> None:
    await console.account("viki", VIEWER)
    browser, other = console.stranger(), console.stranger()
    await browser.sign_in("viki")
    await console.account("wim", VIEWER)
    await other.sign_in("wim")
    foreign = (await other.page("/account")).fields()["csrf"]
    own = (await browser.page("/account")).fields()["csrf"]
    tries = [
        await browser.post("/account/sign-out", token=""),
        await browser.post("/account/sign-out", token="x" * 43),
        await browser.post("/account/sign-out", token=foreign),
        await browser.post("/account/sign-out", token=own, headers={"Origin": "https://evil.example"}),
        await browser.post("/account/sign-out", token=own, headers={"Origin": "null"}),
        await browser.http.post("/account/sign-out", data={"csrf": own}),  # no Origin at all
        await browser.http.post("/account/sign-out", json={"csrf": own}, headers={"Origin": URL}),
    ]
    assert [answer.status_code for answer in tries] == [403, 403, 403, 403, 403, 403, 415]
    assert await admitted(browser)


async def test_R110_nobody_signs_in_with_a_form_that_another_browser_was_given(console: Console) -> None:
    await console.account("xeno", VIEWER)
    stranger, victim = console.stranger(), console.stranger()
    token = (await stranger.page("/sign-in")).fields()["csrf"]
    await victim.page("/sign-in")
    answer = await victim.post("/sign-in", {"name": "xeno", "password": PASSWORD}, token=token)
    assert answer.status_code == 403


async def test_a_form_that_is_too_large_is_not_read(console: Console) -> None:
    browser = await console.signed_in(VIEWER)
    answer = await browser.post("/sign-out", {"x": "y" * 70_000})
    assert answer.status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"x" * 1024

    headers = {"Origin": URL, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await browser.http.post("/sign-out", content=endless(), headers=headers)
    assert answer.status_code == 413


async def test_errors_are_pages_that_say_what_to_do(console: Console) -> None:
    browser = await console.signed_in(VIEWER)
    missing = await browser.page("/no/such/page", 404)
    assert "Check the address" in missing.text
    wrong = await browser.http.put("/account")
    assert wrong.status_code == 405
    assert "first page" in wrong.text
    assert wrong.headers["content-security-policy"]


async def test_a_page_that_fails_is_a_page_too_and_tells_nothing_of_its_inside(console: Console) -> None:
    class Broken(Store):
        @asynccontextmanager
        async def reading(self) -> AsyncIterator[Unit]:
            raise ValueError("secret inside")
            yield

    other = console_on(Broken("sqlite:////nowhere/at/all.db"), console.time)
    transport = httpx.ASGITransport(app=other.app, raise_app_exceptions=False)
    cookies = (await console.signed_in(VIEWER)).http.cookies
    async with httpx.AsyncClient(transport=transport, base_url=URL, cookies=cookies) as http:
        answer = await http.get("/account")
    assert answer.status_code == 500
    assert "in the log of the console" in answer.text
    assert "secret inside" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_R110_a_refused_deed_is_in_the_audit(console: Console) -> None:
    browser = await console.signed_in(VIEWER)
    assert (await browser.post("/receiving/unknown")).status_code == 403
    async with console.store.reading() as unit:
        [entry, *_] = await unit.audit.list("POST /receiving/unknown")
    assert (entry.actor, entry.action) == ("viewer-account", "refused")


async def test_a_console_without_database_says_so(console: Console) -> None:
    browser = await console.signed_in(VIEWER)
    broken = console_on(Store("sqlite:////nowhere/at/all.db"), console.time)
    other = broken.stranger()
    other.http.cookies = browser.http.cookies
    answer = await other.http.get("/account")
    assert answer.status_code == 503
    assert "database" in answer.text
