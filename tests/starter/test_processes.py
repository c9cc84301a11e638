"""``backhaul bridge`` and ``backhaul worker`` as processes of their own."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from store import Store
from tests.starter.given import ENVIRON, EXAMPLE, ROOT, Desk, event

LIMIT = 30.0


def environ(folder: Path, **changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BACKHAUL_", "TEMPORAL_"))}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "BACKHAUL_DATABASE_URL": f"sqlite:///{folder}/backhaul.db",
        "BACKHAUL_CONFIG": str(EXAMPLE),
        **ENVIRON,
        "BACKHAUL_BRIDGE_PORT": "0",
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
        **changes,
    }


@asynccontextmanager
async def started(command: str, env: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from starter.cli import main; main()",
        command,
        cwd=ROOT,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    out, err = await asyncio.wait_for(process.communicate(), LIMIT)
    return process.returncode, out.decode(), err.decode()


async def test_R2_the_bridge_serves_without_temporal_and_ends_in_order(tmp_path: Path) -> None:
    async with started("bridge", environ(tmp_path)) as process:
        assert process.stdout is not None
        url = (await asyncio.wait_for(process.stdout.readline(), LIMIT)).decode().strip()
        async with httpx.AsyncClient(timeout=10) as http:
            store = Store(f"sqlite:///{tmp_path}/backhaul.db")
            desk = Desk(url, store, http)
            assert (await desk.deliver(event("d-1", "r-1"))).status_code == 202
            assert (await http.get(f"{url}/readyz")).json()["temporal"] == "down"
        process.send_signal(signal.SIGTERM)
        code, out, err = await ended(process)

    assert (await Desk(url, store, http).backlog()).count == 1
    await store.close()
    assert (code, out) == (0, ""), err
    lines = [json.loads(line) for line in err.splitlines()]
    [kept] = [line for line in lines if line["event"] == "webhook kept"]
    assert (kept["connection"], kept["return_id"]) == ("uk", "r-1")


async def test_a_taken_port_is_exit_1_and_says_what_to_set(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with started("bridge", environ(tmp_path, BACKHAUL_BRIDGE_PORT=port)) as process:
            code, _, err = await ended(process)

    assert code == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in err
    assert "BACKHAUL_BRIDGE_PORT" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["bridge", "worker"])
async def test_R18_a_wrong_configuration_stops_the_start_with_the_list(tmp_path: Path, command: str) -> None:
    path = tmp_path / "backhaul.toml"
    text = EXAMPLE.read_text(encoding="utf-8").replace('mixed = "MX"', "").replace('Reversed = "void"', "")
    path.write_text(text, encoding="utf-8")
    async with started(command, environ(tmp_path, BACKHAUL_CONFIG=str(path))) as process:
        code, out, err = await ended(process)

    assert (code, out) == (1, "")
    assert "no target for mixed" in err
    assert "no target for Reversed" in err
    assert "Traceback" not in err
