"""`docker compose --profile sandbox up` serves every connection of the example as it stands."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Mapping
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from adapters.assembly import ReadyConnection, load_connections
from runtime.toml import load_toml
from sandbox.centra import CentraSandbox
from tests.compose_file import (
    ADDRESS,
    ROOT,
    VARIABLE,
    command_line,
    environment,
    example_variables,
    sandbox_options,
    sandboxes,
    services,
)

CONFIG = ROOT / example_variables()["BACKHAUL_CONFIG_FILE"]
START_SECONDS = 60.0


def connections(environ: Mapping[str, str] | None = None) -> list[ReadyConnection]:
    """Those of the example, as the worker of the file sees them."""
    return load_connections(load_toml(CONFIG), environ or environment("worker"))


NAMES = [ready.name for ready in connections()]


def settings(name: str) -> dict[str, Mapping[str, Any]]:
    """What a connection says about each of its two vendors."""
    [connection] = [ready.connection for ready in connections() if ready.name == name]
    return {connection.platform: connection.platform_settings, connection.erp: connection.erp_settings}


def urls(told: Mapping[str, Any]) -> list[str]:
    return [value for value in told.values() if isinstance(value, str) and value.startswith(("http:", "https:"))]


def served_by(told: Mapping[str, Any]) -> str:
    """The one service behind all addresses of a vendor."""
    [host] = {urlsplit(url).hostname or "" for url in urls(told)}
    return host


@pytest.mark.parametrize("name", sandboxes())
def test_sandbox_commands_are_understood(name: str) -> None:
    options = sandbox_options(name)
    assert name.startswith(f"sandbox-{options.vendor}")
    assert (options.host, options.port) == ("0.0.0.0", 8080)
    assert services()[name]["profiles"] == ["sandbox"]


def test_no_two_sandboxes_write_the_same_journal() -> None:
    journals = [sandbox_options(name).journal for name in sandboxes()]
    assert None not in journals
    assert len(set(journals)) == len(journals)


def test_the_file_sets_every_url_and_every_store_of_the_example() -> None:
    text = CONFIG.read_text(encoding="utf-8")
    named = {name for name, _ in VARIABLE.findall(text) if name.endswith(("_URL", "_STORE", "_SHOP", "_DROP"))}
    assert len(named) > 10
    assert named <= set(environment("worker"))


@pytest.mark.parametrize("name", NAMES)
def test_every_url_of_a_connection_leads_to_a_sandbox_of_its_vendor(name: str) -> None:
    for vendor, told in settings(name).items():
        assert urls(told)
        for url in urls(told):
            [(host, port)] = ADDRESS.findall(url)
            assert host in sandboxes()
            assert sandbox_options(host).vendor == vendor
            assert sandbox_options(host).port == int(port)


def test_every_sandbox_serves_a_connection() -> None:
    assert {served_by(told) for name in NAMES for told in settings(name).values()} == set(sandboxes())


@pytest.mark.parametrize("name", NAMES)
def test_every_platform_knows_its_store_its_key_and_where_its_webhooks_go(name: str) -> None:
    platform, told = next(iter(settings(name).items()))
    options, environ = sandbox_options(served_by(told)), environment("worker")
    address = f"http://bridge:{environment('bridge')['BACKHAUL_BRIDGE_PORT']}/webhooks/{name}"
    if platform == "returngo":
        assert options.shop_name == told["shop_name"]
        address += f"/{environ[told['webhook_token_env']]}"
    else:
        assert options.store_id == told["store_id"]
    assert options.api_key == environ[told["api_key_env"]]
    assert options.webhook_url == address


def test_replacement_orders_of_centra_go_to_its_order_api() -> None:
    told = settings("de-centra")["centra"]
    assert told["order_api_url"] == told["base_url"] + CentraSandbox.order_api_path


@pytest.mark.parametrize("name", ["worker", "bridge", "console", "sandbox-bluecherry"])
def test_files_for_bluecherry_lie_on_one_volume(name: str) -> None:
    drop = settings("us-bluecherry")["bluecherry"]["drop"]
    assert f"{example_variables()['BACKHAUL_BLUECHERRY_SHARE']}:{drop['path']}" in services()[name]["volumes"]
    assert sandbox_options("sandbox-bluecherry").root == Path(drop["path"])


def test_bluecherry_reads_its_files_when_the_windows_of_the_example_open() -> None:
    timing = load_toml(CONFIG)["connections"]["us-bluecherry"]["timing"]  # type: ignore[index]
    opens = [time.fromisoformat(text) for kind in ("rma", "stock", "credit") for text in timing[kind]["opens"]]
    every = sandbox_options("sandbox-bluecherry").every
    assert opens
    assert [at for at in opens if (at.hour * 60 + at.minute) * 60 % every] == []


async def start(name: str, folder: Path) -> Process:
    """The service's command as a process, on a free port of this machine alone."""
    here = {"--host=0.0.0.0": "--host=127.0.0.1", "--port=8080": "--port=0"}
    _, *words = [here.get(word, word) for word in command_line(name)]
    words = [word.replace(environment("worker")["BACKHAUL_BLUECHERRY_DROP"], str(folder / "drop")) for word in words]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return await create_subprocess_exec(sys.executable, *words, cwd=folder, env=environ, stdout=PIPE)


async def url_of(process: Process) -> str:
    """What it prints when it is ready."""
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().strip()


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, str]]:
    """Every sandbox of the file as a process, service → URL; and where the files for BlueCherry lie."""
    folder, processes = tmp_path_factory.mktemp("sandboxes"), dict[str, Process]()
    try:
        for name in sandboxes():
            processes[name] = await start(name, folder)
        async with asyncio.timeout(START_SECONDS):
            urls_in_order = await asyncio.gather(*map(url_of, processes.values()))
        yield {**dict(zip(processes, urls_in_order, strict=True)), "drop": str(folder / "drop")}
    finally:
        for process in processes.values():
            if process.returncode is None:
                process.terminate()
        ends = {name: await process.wait() for name, process in processes.items()}
    assert ends == dict.fromkeys(ends, 0)


async def test_every_sandbox_starts_and_answers_its_health_check(running: Mapping[str, str]) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        for name in sandboxes():
            [path] = re.findall(r"http://127\.0\.0\.1:8080(/\S+?)\"", services()[name]["healthcheck"]["test"][-1])
            answer = await http.get(running[name] + path)
            assert (path, answer.status_code, answer.json()) == ("/_sandbox/journal", 200, [])


async def test_every_connection_of_the_example_is_up(running: Mapping[str, str]) -> None:
    """What `backhaul check` asks: addresses, stores, keys and the drop directory hold."""
    environ = environment("worker") | {"BACKHAUL_BLUECHERRY_DROP": running["drop"]}
    for name in sandboxes():
        inside = f"http://{name}:{sandbox_options(name).port}"
        environ = {key: value.replace(inside, running[name]) for key, value in environ.items()}
    async with httpx.AsyncClient(trust_env=False) as http:
        for ready in connections(environ):
            await ready.platform(http).probe()
            await ready.erp(http).probe()
