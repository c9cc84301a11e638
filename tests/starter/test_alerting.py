"""Alerts as a site runs them: by its configuration, beside the bridge, and on the command line (R91, R106)."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from typer.testing import CliRunner, Result

from console.access import ACCESS
from desk.alert_pace import AlertPace
from desk.alerts import Announcer
from desk.clock import utc_now
from desk.link import TemporalLink
from domain.alert_rules import Screen
from domain.limits import Limits
from runtime.notify import AppriseNotifier
from runtime.problems import ConfigurationError
from runtime.settings import Settings
from starter.alerting import announcer_of
from starter.bridge import create_bridge
from starter.cli import app
from starter.configuration import configured_routes, configured_site, examined_connections
from store import Store
from tests.alerts.given import Clock, announcer, opened, routes, stopped
from tests.alerts.receiver import receiving
from tests.patience import PATIENCE
from tests.starter.given import ENVIRON, EXAMPLE, ROOT, connections, no_temporal

SECRET = "tok3nOfTheChannel"
Backhaul: TypeAlias = Callable[..., Awaitable[Result]]


@pytest.fixture
def backhaul(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store: Store) -> Backhaul:
    """Runs the command against the test's database, with the example's configuration."""
    environ = {"BACKHAUL_DATABASE_URL": f"sqlite:///{tmp_path}/backhaul.db", "BACKHAUL_CONFIG": str(EXAMPLE), **ENVIRON}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    async def invoke(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, list(arguments))

    return invoke


def test_the_example_has_a_channel_for_every_team_from_the_environment() -> None:
    assert configured_routes(EXAMPLE, ENVIRON).names == ()
    found = configured_routes(EXAMPLE, {"BACKHAUL_ALERTS_LEVEL_2": "json://127.0.0.1/a json://127.0.0.1/b"})
    assert found.names == ("escalation.2 1", "escalation.2 2")


def test_mistakes_of_alerts_stand_in_the_full_list_of_problems(tmp_path: Path) -> None:
    path = tmp_path / "backhaul.toml"
    text = EXAMPLE.read_text(encoding="utf-8").replace('exchange_order_type = "EX" ', 'exchange_order_typ = "EX" ')
    path.write_text(text.replace("[alerts]\n", '[alerts]\nfinanse = ["json://x"]\n'), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        configured_site(path, ENVIRON)
    told = "\n".join(caught.value.problems)
    assert "alerts.finanse is no team" in told
    assert "exchange_order_typ" in told
    assert set(examined_connections(path, ENVIRON).problems) == set(caught.value.problems)


def test_a_channel_that_nothing_can_be_sent_to_is_a_problem_without_its_address() -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured_site(EXAMPLE, {**ENVIRON, "BACKHAUL_ALERTS_CX": f"slack://{SECRET}"})
    assert caught.value.problems == ["alerts: channel cx 1 is no complete slack:// address."]


def test_the_announcer_of_a_site_has_its_limits_and_quotas(store: Store) -> None:
    site = configured_site(EXAMPLE, ENVIRON)
    assert isinstance(announcer_of(site, store, Settings()), Announcer)


@pytest.mark.parametrize("screen", Screen)
def test_R91_every_page_that_alerts_link_to_exists(screen: Screen) -> None:
    assert f"GET {screen.value}" in ACCESS
    assert "GET /returns/{connection}/{return_id}" in ACCESS


async def test_R91_alerts_run_beside_the_bridge(store: Store) -> None:
    async with receiving() as receiver:
        pace = AlertPace(look=timedelta(milliseconds=50), settle=timedelta())
        site = routes(merchandising=receiver.url("m"))
        beside = Announcer(store, AppriseNotifier(), {"uk": Limits()}, site, pace=pace)
        bridge = create_bridge(store, connections(), TemporalLink(no_temporal), announcer=beside)
        async with bridge.router.lifespan_context(bridge), asyncio.timeout(PATIENCE):
            await opened(store, stopped("R-1", at=utc_now(), sku="P1"))
            while not receiver.messages:
                await asyncio.sleep(0.02)
        assert receiver.titles() == ["[uk] SKU is not in the item master: SKU P1 (return R-1)"]


async def test_R91_alerts_are_listed_with_what_became_of_them(backhaul: Backhaul, store: Store) -> None:
    clock = Clock()
    desk = announcer(store, clock, routes(merchandising=f"json://127.0.0.1:1/{SECRET}"))
    assert (await backhaul("alerts")).output.strip() == "There are none."
    await opened(store, stopped("R-1", sku="P1"), stopped("R-2", sku="P1"))
    clock.forward(seconds=6)
    await desk.collect()
    await desk.send_due()

    shown = await backhaul("alerts")
    assert shown.exit_code == 0
    for part in (
        "2026-03-02 09:00:06",
        "EXCEPTION_OPENED",
        "merchandising",
        "waiting",
        "SKU is not in the item master",
    ):
        assert part in shown.output
    assert "merchandising 1: waiting (A Connection error" in shown.output
    [told] = json.loads((await backhaul("alerts", "--json", "--state", "waiting", "--owner", "merchandising")).output)[
        "alerts"
    ]
    assert (told["count"], told["alert"]["cause"]) == (2, "SKU P1")
    assert json.loads((await backhaul("alerts", "--json", "--owner", "cx")).output) == {"alerts": []}
    assert SECRET not in shown.output + json.dumps(told)


async def test_a_test_message_says_which_channel_works(backhaul: Backhaul, monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as receiver:
        receiver.broken = {SECRET}
        monkeypatch.setenv("BACKHAUL_ALERTS_FINANCE", f"{receiver.url('f')} {receiver.url(SECRET)}")
        shown = await backhaul("alerts", "--test", "finance")
    assert shown.exit_code == 4
    assert receiver.titles() == ["Backhaul: test of an alert channel"]
    lines = [line.split() for line in shown.output.splitlines()[1:]]
    assert [line[:3] for line in lines] == [["finance", "1", "ok"], ["finance", "2", "FAILED"]]
    assert "error=500" in shown.output
    assert SECRET not in shown.output


async def test_a_test_message_needs_a_team_that_has_a_channel(backhaul: Backhaul) -> None:
    assert (await backhaul("alerts", "--test", "nobody")).exit_code == 2
    assert (await backhaul("alerts", "--test", "cx")).exit_code == 3


def test_R106_nothing_writes_to_customers() -> None:
    """The one way out for messages is `runtime.notify`, and its addresses are those of the teams' configuration."""
    sender = re.compile(
        r"^\s*(?:import|from) (?:apprise|smtplib|aiosmtplib|twilio|sendgrid|mailersend|boto3)\b", re.MULTILINE
    )
    rooms = (*"domain workflows activities adapters store desk console guides starter runtime".split(), "worker.py")
    files = [file for room in rooms for file in ((ROOT / room).rglob("*.py") if "." not in room else [ROOT / room])]
    found = {str(file.relative_to(ROOT)) for file in files if sender.search(file.read_text(encoding="utf-8"))}
    assert found == {"runtime/notify.py"}
