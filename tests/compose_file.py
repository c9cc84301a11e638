"""docker-compose.yml as compose itself would read it where no variable is set: merges resolved, defaults filled in."""

import argparse
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

ROOT = Path(__file__).parents[1]
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::-([^}]*))?\}")
ADDRESS = re.compile(r"(?:^|//|@)([a-z][a-z0-9-]*):(\d+)(?=$|/)")


@cache
def compose_text() -> str:
    return (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


@cache
def variables() -> dict[str, set[str | None]]:
    """Every variable that the file names, with the defaults that it gives it."""
    found: dict[str, set[str | None]] = {}
    for line in compose_text().splitlines():
        for name, default in VARIABLE.findall(line.split("#")[0]):
            found.setdefault(name, set()).add(default)
    return found


@cache
def compose() -> dict[str, Any]:
    return TypeAdapter(dict[str, Any]).validate_python(_filled(yaml.safe_load(compose_text())))


def services() -> dict[str, Any]:
    return TypeAdapter(dict[str, Any]).validate_python(compose()["services"])


def environment(name: str) -> dict[str, str]:
    return {key: str(value or "") for key, value in services()[name].get("environment", {}).items()}


def example_variables() -> dict[str, str]:
    """What .env.example sets."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def sandboxes() -> list[str]:
    """The services that only the profile starts."""
    return [name for name, service in services().items() if "profiles" in service]


def command_line(name: str) -> list[str]:
    """All that a container of the service runs."""
    service = services()[name]
    return [*service.get("entrypoint", []), *service["command"]]


@cache
def sandbox_options(name: str) -> argparse.Namespace:
    """A sandbox's command line as the sandbox understands it."""
    python, flag, module, *arguments = command_line(name)
    assert (python, flag, module) == ("python", "-m", "sandbox")
    try:
        options: argparse.Namespace = import_module("sandbox.cli")._parser().parse_args(arguments)
    except SystemExit:
        raise AssertionError(f"{name}: the sandbox does not understand {arguments}") from None
    return options


def _filled(value: object) -> object:
    """Variables are filled in once YAML is read, as compose does it: a brace in the wrong place shows."""
    match value:
        case dict():
            return {key: _filled(part) for key, part in value.items()}
        case list():
            return [_filled(part) for part in value]
        case str():
            return VARIABLE.sub(lambda found: found[2] or "", value)
        case _:
            return value
