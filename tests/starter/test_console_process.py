"""``backhaul account`` and ``backhaul console``: who may sign in, and the pages as a process of its own."""

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import httpx
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from domain.accounts import AccountRole
from runtime.problems import ConfigurationError
from runtime.settings import Settings
from starter.cli import app
from starter.console import provider_of, url_of
from tests.console.browser import Page
from tests.starter.test_processes import LIMIT, ended, environ, started

Backhaul: TypeAlias = Callable[..., Result]


@pytest.fixture
def backhaul(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Backhaul:
    """Runs a command that needs the database only."""
    monkeypatch.setenv("BACKHAUL_DATABASE_URL", f"sqlite:///{tmp_path}/backhaul.db")

    def invoke(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, list(arguments), input=typed)

    return invoke


def test_R110_accounts_are_made_listed_changed_and_closed(backhaul: Backhaul) -> None:
    made = backhaul("account", "add", "whs-3", "--role", "warehouse", "--role", "cx", "--json")
    assert made.exit_code == 0, made.output
    assert len(json.loads(made.stdout)["password"]) >= 24
    assert backhaul("account", "add", "whs-3", "--role", "admin").exit_code == 1
    assert backhaul("account", "add", "someone@example.com", "--role", "admin").exit_code == 2
    assert backhaul("account", "add", "x", "--role", "boss").exit_code == 2
    assert backhaul("account", "roles", "whs-3", "--role", "viewer").exit_code == 0
    assert backhaul("account", "disable", "whs-3").exit_code == 0
    assert backhaul("account", "disable", "nobody").exit_code == 3
    [row] = json.loads(backhaul("account", "list", "--json").stdout)["accounts"]
    assert (row["name"], row["roles"], row["disabled"]) == ("whs-3", ["viewer"], True)
    assert "hash" not in row
    assert backhaul("account", "enable", "whs-3").exit_code == 0
    assert "whs-3" in backhaul("account", "list").stdout


def test_R110_a_typed_password_is_long_enough_and_never_shown(backhaul: Backhaul) -> None:
    add = ("account", "add", "fin-1", "--role", "finance", "--prompt")
    assert backhaul(*add, typed="too short\ntoo short\n").exit_code == 2
    typed = "three grey elephants"
    made = backhaul(*add, typed=f"{typed}\n{typed}\n")
    assert made.exit_code == 0, made.output
    assert typed not in made.output
    again = backhaul("account", "password", "fin-1", "--json")
    assert json.loads(again.stdout)["password"]


async def test_R110_the_console_serves_a_sign_in_without_temporal_and_ends_in_order(
    backhaul: Backhaul, tmp_path: Path
) -> None:
    made = await asyncio.to_thread(backhaul, "account", "add", "boss", "--role", "admin", "--json")
    env = environ(tmp_path, BACKHAUL_CONSOLE_PORT="0", BACKHAUL_METRICS_TOKEN="a-token-for-metrics")
    async with started("console", env) as process:
        assert process.stdout is not None
        url = (await asyncio.wait_for(process.stdout.readline(), LIMIT)).decode().strip()
        async with httpx.AsyncClient(timeout=20, base_url=url, headers={"Origin": url}) as http:
            assert (await http.get("/healthz")).text == "ok\n"
            form = Page((await http.get("/sign-in")).text).fields()
            form |= {"name": "boss", "password": json.loads(made.stdout)["password"]}
            answer = await http.post("/sign-in", data=form)
            assert answer.status_code == 303, answer.text
            page = await http.get("/returns")
            assert page.status_code == 200
            assert "server" not in page.headers
            assert (await http.get("/metrics")).status_code == 401
            metrics = await http.get("/metrics", headers={"Authorization": "Bearer a-token-for-metrics"})
            assert "backhaul_" in metrics.text
        process.send_signal(signal.SIGTERM)
        code, out, err = await ended(process)
    assert (code, out) == (0, ""), err
    assert "Traceback" not in err


def test_the_console_is_found_where_it_is_set_else_where_it_listens() -> None:
    assert url_of(Settings(console_url="https://console.example"), 4711) == "https://console.example"
    assert url_of(Settings(), 4711) == "http://127.0.0.1:4711"


def test_R110_a_provider_is_whole_or_the_start_stops_with_the_list() -> None:
    assert provider_of(Settings()) is None
    with pytest.raises(ConfigurationError) as refused:
        provider_of(Settings(oidc_issuer="https://id.example", oidc_roles="finance, team=boss"))
    assert len(refused.value.problems) == 4
    provider = provider_of(
        Settings(
            oidc_issuer="https://id.example",
            oidc_client_id="c",
            oidc_client_secret=SecretStr("s"),
            oidc_roles="CN=fin=team=finance, ops=admin",
        )
    )
    assert provider is not None
    assert provider.roles == {"CN=fin=team": AccountRole.FINANCE, "ops": AccountRole.ADMIN}


@pytest.mark.parametrize("issuer", ["http://id.example", "ftp://x", "id.example"])
def test_R110_a_provider_elsewhere_is_reached_by_https_only(issuer: str) -> None:
    with pytest.raises(ValueError, match="oidc_issuer"):
        Settings(oidc_issuer=issuer)


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "../etc", "/etc/passwd"])
def test_a_time_zone_that_does_not_exist_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        Settings(timezone=zone)
