"""No container engine runs in CI: every name in docker-compose.yml and deploy/ is resolved here instead."""

import asyncio
import re
import shlex
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from runtime.client import BackhaulPlugin, connect
from runtime.devserver import DevServer, temporal_binary
from runtime.search_attributes import missing_search_attributes
from runtime.settings import PREFIX, Settings
from tests.compose_file import (
    ADDRESS,
    ROOT,
    compose,
    environment,
    example_variables,
    sandbox_options,
    sandboxes,
    services,
    variables,
)

ONE_SHOTS = {"temporal-schema", "temporal-namespace", "temporal-search-attributes", "store-migrate"}


def test_all_parts_are_there() -> None:
    assert set(services()) == ONE_SHOTS | {
        "postgresql",
        "temporal",
        "temporal-ui",
        "worker",
        "bridge",
        "console",
        *sandboxes(),
    }


def test_every_variable_has_one_default_and_stands_in_the_example() -> None:
    assert {name: next(iter(defaults)) for name, defaults in variables().items()} == example_variables()
    assert [name for name, defaults in variables().items() if len(defaults) != 1] == []


@pytest.mark.parametrize("name", services())
def test_images_are_current_and_pinned(name: str) -> None:
    service = services()[name]
    repository, _, tag = service["image"].rpartition(":")
    assert repository in {
        "postgres",
        "temporalio/server",
        "temporalio/admin-tools",
        "temporalio/ui",
        "backhaul",
    }
    assert tag not in ("", "latest")


def test_one_service_builds_our_image_for_all() -> None:
    """Two that build one tag at the same time fail: the second finds that the image already exists."""
    [builder] = [name for name, service in services().items() if "build" in service]
    build = services()[builder]["build"]
    assert services()[builder]["image"] == example_variables()["BACKHAUL_IMAGE"]
    assert (ROOT / build["context"] / build["dockerfile"]).is_file()


@pytest.mark.parametrize("name", services())
def test_dependencies_exist_and_can_be_met(name: str) -> None:
    for other, need in services()[name].get("depends_on", {}).items():
        target = services()[other]
        assert "profiles" not in target
        match need["condition"]:
            case "service_healthy":
                assert "healthcheck" in target
            case "service_completed_successfully":
                assert other in ONE_SHOTS
                assert str(target["restart"]).startswith("on-failure")
            case other_condition:
                pytest.fail(f"unknown condition {other_condition}")


def reachable(name: str) -> set[str]:
    """The services that are up before this one starts."""
    found: set[str] = set()
    for other in services()[name].get("depends_on", {}):
        found |= {other} | reachable(other)
    return found


def test_the_worker_starts_after_schemas_namespace_and_search_attributes() -> None:
    assert reachable("worker") >= ONE_SHOTS | {"postgresql", "temporal"}


def test_the_bridge_starts_without_temporal() -> None:
    assert reachable("bridge") == {"postgresql", "store-migrate"}


@pytest.mark.parametrize("name", services())
def test_volumes_are_declared_or_in_the_repository(name: str) -> None:
    for volume in services()[name].get("volumes", []):
        source, target, *_ = volume.split(":")
        assert target.startswith("/")
        if not source.startswith("."):
            assert source in compose()["volumes"]
        else:
            assert (ROOT / source).exists()
        if source == example_variables()["BACKHAUL_CONFIG_FILE"]:
            assert target == environment("worker")["BACKHAUL_CONFIG"]


def test_every_declared_volume_is_used() -> None:
    used = {volume.split(":")[0] for service in services().values() for volume in service.get("volumes", [])}
    assert set(compose()["volumes"]) <= used


LISTENS = {
    "postgresql": 5432,
    "temporal": 7233,
    "temporal-ui": int(environment("temporal-ui")["TEMPORAL_UI_PORT"]),
    "bridge": int(environment("bridge")["BACKHAUL_BRIDGE_PORT"]),
    "console": int(environment("console")["BACKHAUL_CONSOLE_PORT"]),
    "worker": int(environment("worker")["BACKHAUL_METRICS_ADDRESS"].rpartition(":")[2]),
    **{name: sandbox_options(name).port for name in sandboxes()},
}


@pytest.mark.parametrize("name", services())
def test_ports_lead_to_something_that_listens_and_stay_on_loopback(name: str) -> None:
    for port in services()[name].get("ports", []):
        host, outside, inside = port.rsplit(":", 2)
        assert host == "127.0.0.1"
        assert 0 < int(outside) < 65536
        assert int(inside) == LISTENS[name]
    for port in services()[name].get("expose", []):
        assert int(port) == LISTENS[name]


def test_no_two_services_take_the_same_port() -> None:
    outside = [port.split(":")[1] for service in services().values() for port in service.get("ports", [])]
    assert len(outside) == len(set(outside))


@pytest.mark.parametrize("name", services())
def test_addresses_name_services_and_their_ports(name: str) -> None:
    for value in environment(name).values():
        for host, port in ADDRESS.findall(value):
            assert LISTENS[host] == int(port)
    for value in map(str, services()[name].get("healthcheck", {}).get("test", [])):
        for _, port in re.findall(r"(127\.0\.0\.1|localhost)\D+(\d+)", value):
            assert int(port) == LISTENS[name]


@pytest.mark.parametrize("name", services())
def test_our_variables_are_settings(name: str) -> None:
    ours = {key for key in environment(name) if key.startswith(PREFIX)}
    named = set(re.findall(rf"{PREFIX}\w+", (ROOT / "backhaul.example.toml").read_text(encoding="utf-8")))
    assert ours <= {f"{PREFIX}{field}".upper() for field in Settings.model_fields} | named


def test_our_settings_are_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("worker", "bridge", "console", "store-migrate"):
        for key, value in environment(name).items():
            monkeypatch.setenv(key, value)
        assert Settings().database_url.startswith("postgresql://")


@pytest.mark.parametrize("name", [n for n, s in services().items() if s.get("command", [""])[0] == "backhaul"])
def test_backhaul_commands_exist(name: str) -> None:
    cli = import_module("starter.cli")
    if not hasattr(cli, "main"):
        pytest.skip("the command line is not written yet")
    command: Any = typer.main.get_command(cli.app)
    subcommand, *arguments = services()[name]["command"][1:]
    assert subcommand in command.commands
    command.commands[subcommand].make_context(subcommand, arguments, resilient_parsing=False).close()


@pytest.mark.parametrize("name", services())
def test_python_health_checks_compile(name: str) -> None:
    check = services()[name].get("healthcheck", {}).get("test", [])
    if check[:3] == ["CMD", "python", "-c"]:
        compile(check[3], name, "exec")


def mounted(path: str, name: str) -> Path:
    """The repository's file behind a path in a container."""
    for volume in services()[name]["volumes"]:
        source, target, *_ = str(volume).split(":")
        if path.startswith(f"{target}/"):
            return ROOT / source / path.removeprefix(f"{target}/")
    pytest.fail(f"{path} is on no volume of {name}")


@pytest.mark.parametrize("name", sorted(ONE_SHOTS - {"store-migrate"}))
def test_scripts_are_there_and_get_the_variables_they_need(name: str) -> None:
    shell, path = services()[name]["command"]
    script = mounted(path, name)
    assert shell == "sh"
    subprocess.run([shell, "-n", str(script)], check=True)
    text = script.read_text(encoding="utf-8")
    needs = re.findall(r"\w+", text.split("# Needs: ")[1].splitlines()[0])
    assert set(environment(name)) == set(needs)
    assert set(re.findall(r"\$([A-Z_]+)", text)) <= set(needs)


def test_the_dynamic_configuration_is_there() -> None:
    path = environment("temporal")["DYNAMIC_CONFIG_FILE_PATH"]
    values = yaml.safe_load(mounted(path, "temporal").read_text(encoding="utf-8"))
    assert values["system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute"] == [{"value": 2}]


def test_the_schema_script_prepares_both_databases(tmp_path: Path) -> None:
    stub = tmp_path / "temporal-sql-tool"
    stub.write_text(f'#!/bin/sh\necho "$@" >> {shlex.quote(str(tmp_path))}/calls\n')
    stub.chmod(0o755)
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    script = ROOT / "deploy/temporal/schema.sh"
    subprocess.run(["sh", str(script)], check=True, env=environment("temporal-schema") | path)
    calls = [line.split() for line in (tmp_path / "calls").read_text().splitlines()]
    databases = [call[call.index("--database") + 1] for call in calls]
    verbs = [call[call.index("--database") + 2] for call in calls]
    assert databases == ["temporal"] * 3 + ["temporal_visibility"] * 3
    assert verbs == ["create-database", "setup-schema", "update-schema"] * 2


def run(script: Path, variables: dict[str, str]) -> None:
    done = subprocess.run(["sh", str(script)], env=variables, timeout=60, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_namespace_and_search_attribute_scripts_work_twice_on_a_real_server() -> None:
    async with DevServer(ui=False) as server:
        variables = {
            "PATH": f"{Path(temporal_binary()).parent}:/usr/bin:/bin",
            "TEMPORAL_ADDRESS": server.address,
            "TEMPORAL_NAMESPACE": "made-by-script",
            "TEMPORAL_RETENTION": environment("temporal-namespace")["TEMPORAL_RETENTION"],
        }
        for script in ["namespace.sh", "search-attributes.sh"] * 2:
            path = ROOT / "deploy/temporal" / script
            await asyncio.to_thread(run, path, variables)
        client = await connect(BackhaulPlugin(), address=server.address, namespace="made-by-script")
        wanted = dict.fromkeys(import_module("domain.messages").SEARCH_ATTRIBUTES, "Keyword")
        assert await missing_search_attributes(client, wanted) == {}


def test_the_script_registers_what_the_code_sets() -> None:
    script = (ROOT / "deploy/temporal/search-attributes.sh").read_text(encoding="utf-8")
    [names] = re.findall(r"^for name in (.+); do$", script, re.MULTILINE)
    assert sorted(names.split()) == sorted(import_module("domain.messages").SEARCH_ATTRIBUTES)


def dockerfile() -> list[str]:
    text = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_the_image_takes_every_room_and_nothing_that_is_ignored() -> None:
    copied = {
        source.rstrip("/")
        for line in dockerfile()
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert rooms <= copied
    assert {name for name in copied if not (ROOT / name).exists()} <= {"worker.py"}
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert let_through == copied


def test_volumes_of_our_image_belong_to_its_user() -> None:
    """A new volume takes its owner from the image's folder; without one it is root's, and nobody can write."""
    image = example_variables()["BACKHAUL_IMAGE"]
    ours = [volume.split(":") for one in services().values() if one["image"] == image for volume in one["volumes"]]
    [made] = [re.findall(r"install -d -o backhaul (.+)", line)[0] for line in dockerfile() if "install -d" in line]
    assert {target for source, target, *_ in ours if source in compose()["volumes"]} == set(made.split())


def test_the_image_runs_as_nobody_special_on_a_supported_python() -> None:
    assert [line for line in dockerfile() if line.startswith("USER ")] == ["USER backhaul"]
    bases = {line.split()[1] for line in dockerfile() if line.startswith("FROM ")}
    assert bases == {"python:3.13-slim"}
    assert any("--require-hashes -r requirements/runtime.txt" in line for line in dockerfile())
