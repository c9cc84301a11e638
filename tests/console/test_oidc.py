"""Sign-in by an OpenID Connect provider on a real socket: the right token gets in, every wrong one does not (R110)."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from domain.accounts import AccountRole
from store import Store
from tests.console.browser import Browser, Console, Time, console_on
from tests.console.provider_server import ProviderServer, provider_server


@pytest.fixture(scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=10) as client:
        yield client


@pytest.fixture(scope="module")
async def listening() -> AsyncIterator[ProviderServer]:
    async with provider_server(Time()) as server:
        yield server


@pytest.fixture
def provider(listening: ProviderServer) -> ProviderServer:
    """The provider, forgetting what a test had it say."""
    listening.claims, listening.groups, listening.shown, listening.issuer = {}, ["fin-team"], None, ""
    return listening


@pytest.fixture(scope="module")
async def console(tmp_path_factory: pytest.TempPathFactory, listening: ProviderServer, http: httpx.AsyncClient) -> Any:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('oidc') / 'store.db'}")
    await store.migrate()
    yield console_on(store, listening.time, provider=listening.settings(), http=http)
    await store.close()


async def there(browser: Browser, http: httpx.AsyncClient) -> str:
    """To the provider; the address of the console that it sends the browser back to."""
    begun = await browser.http.get("/sign-in/provider", params={"next": "/account"})
    assert begun.status_code == 303
    answer = await http.get(begun.headers["location"])
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def test_R110_a_person_signs_in_at_the_provider_with_the_roles_of_their_groups(
    console: Console, provider: ProviderServer, http: httpx.AsyncClient
) -> None:
    browser = console.stranger()
    assert "/sign-in/provider" in (await browser.get("/sign-in")).text
    back = await browser.http.get(await there(browser, http))
    assert (back.status_code, back.headers["location"]) == (303, "/account")
    page = await browser.page("/account")
    assert "oidc:u-1001" in page.text
    assert "Finance" in page.text
    assert page.all("form", action="/account/password") == []
    async with console.store.reading() as unit:
        [first, *_] = await unit.audit.list("account/oidc:u-1001")
    assert (first.actor, first.action) == ("oidc:u-1001", "sign-in")


async def test_R110_other_groups_at_the_next_sign_in_are_other_roles_and_end_older_sessions(
    console: Console, provider: ProviderServer, http: httpx.AsyncClient
) -> None:
    first, second = console.stranger(), console.stranger()
    await first.http.get(await there(first, http))
    provider.groups = ["bosses", "some-other-group"]
    await second.http.get(await there(second, http))
    async with console.store.reading() as unit:
        account = await unit.accounts.get("oidc:u-1001")
    assert account is not None
    assert account.roles == {AccountRole.ADMIN}
    assert (await first.get("/account")).url.path == "/sign-in"
    assert (await second.get("/account")).url.path == "/account"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another-client"},
        {"aud": ["backhaul-console", "another"], "azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": None},
    ],
    ids=str,
)
async def test_R110_a_token_that_is_not_right_signs_nobody_in(
    console: Console, provider: ProviderServer, http: httpx.AsyncClient, claims: dict[str, Any]
) -> None:
    browser = console.stranger()
    provider.claims = claims
    back = await browser.http.get(await there(browser, http))
    assert back.status_code == 502
    assert "does not work now" in back.text
    assert (await browser.get("/account")).url.path == "/sign-in"


async def test_R110_a_token_signed_by_another_key_signs_nobody_in(
    console: Console, provider: ProviderServer, http: httpx.AsyncClient
) -> None:
    browser = console.stranger()
    provider.shown = RSAKey.generate_key(2048, {"kid": "k1"})
    assert (await browser.http.get(await there(browser, http))).status_code == 502


async def test_R110_a_provider_that_calls_itself_otherwise_is_not_trusted(
    console: Console, provider: ProviderServer
) -> None:
    provider.issuer = "https://elsewhere.example"
    assert (await console.stranger().http.get("/sign-in/provider")).status_code == 502


async def test_R110_what_comes_back_is_good_in_one_browser_once_and_for_ten_minutes(
    console: Console, provider: ProviderServer, http: httpx.AsyncClient
) -> None:
    victim, thief = console.stranger(), console.stranger()
    back = await there(thief, http)
    assert (await victim.http.get(back)).status_code == 403  # nobody is signed in to an account of somebody else

    slow = console.stranger()
    address = await there(slow, http)
    console.time.passes(minutes=11)
    assert (await slow.http.get(address)).status_code == 403

    twice = console.stranger()
    address = await there(twice, http)
    assert (await twice.http.get(address)).status_code == 303
    assert (await twice.http.get(address)).status_code == 403


async def test_R110_somebody_without_a_group_or_with_a_closed_account_is_told_so(
    console: Console, provider: ProviderServer, http: httpx.AsyncClient
) -> None:
    provider.claims = {"sub": "someone@example.com"}
    provider.groups = ["nothing-of-ours"]
    browser = console.stranger()
    answer = await browser.http.get(await there(browser, http))
    assert answer.status_code == 403
    assert "no role" in answer.text
    async with console.store.reading() as unit:
        names = [account.name for account in await unit.accounts.list()]
    assert [name for name in names if "@" in name] == []  # no mail address becomes an id
    [unknown] = [name for name in names if name != "oidc:u-1001"]
    async with console.store.begin() as unit:
        await unit.accounts.set_disabled(unknown, True, "test", console.time())
    provider.groups = ["fin-team"]
    assert (await browser.http.get(await there(browser, http))).status_code == 403


async def test_R110_the_provider_gets_no_more_than_the_standard_asks(
    console: Console, provider: ProviderServer
) -> None:
    begun = await console.stranger().http.get("/sign-in/provider")
    query = parse_qs(urlsplit(begun.headers["location"]).query)
    wanted = {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge"}
    assert set(query) == wanted | {"code_challenge_method"}
    assert query["scope"] == ["openid"]
    assert provider.refused == []


async def test_a_provider_that_is_down_leaves_the_local_accounts(console: Console, http: httpx.AsyncClient) -> None:
    settings = ProviderServer(console.time, url="http://127.0.0.1:1").settings()
    other = console_on(console.store, console.time, provider=settings, http=http)
    answer = await other.stranger().http.get("/sign-in/provider")
    assert answer.status_code == 502
    assert "local account" in answer.text
