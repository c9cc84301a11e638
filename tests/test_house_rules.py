"""Rules of this house that no linter knows."""

import ast
import importlib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.rooms import ROOMS

ROOT = Path(__file__).parents[1]
MONEY_FILES = ("money", "slots", "settlement", "order", "documents")
MAX_LINES = 300

_TEMPORAL_DECORATORS = {
    "workflow.run",
    "workflow.init",
    "workflow.signal",
    "workflow.update",
    "workflow.query",
    "activity.defn",
}
_BINARY = {".png", ".jpg", ".ico", ".woff2", ".gz"}


@dataclass(frozen=True)
class Definition:
    """One function that Temporal calls with a payload."""

    file: Path
    function: ast.FunctionDef | ast.AsyncFunctionDef

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.function.lineno} {self.function.name}"

    def complaint(self) -> str:
        arguments = self.function.args
        given = [a for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs] if a.arg != "self"]
        if len(given) != 1 or arguments.vararg or arguments.kwarg:
            return f"{self} takes {len(given)} parameters instead of one"
        if arguments.defaults or any(arguments.kw_defaults):
            return f"{self} has a default"
        if given[0].annotation is None:
            return f"{self} has no annotation"
        module = importlib.import_module(".".join(self.file.relative_to(ROOT).with_suffix("").parts))
        kind = eval(ast.unparse(given[0].annotation), vars(module))
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return f"{self} takes {kind}, not a pydantic model"
        return ""


def files_of(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted((ROOT / room).rglob("*.py"))


def definitions() -> list[Definition]:
    return [
        Definition(file, node)
        for file in files_of("workflows", "activities")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_temporal(node)
    ]


def is_temporal(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = {
        ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
        for decorator in function.decorator_list
    }
    return bool(names & _TEMPORAL_DECORATORS) or any(name.endswith(".validator") for name in names)


def test_everything_temporal_calls_takes_exactly_one_model() -> None:
    found = definitions()
    assert {"run"} <= {definition.function.name for definition in found}
    assert [complaint for d in found if (complaint := d.complaint())] == []


@pytest.mark.parametrize("name", MONEY_FILES)
def test_money_never_meets_a_float(name: str) -> None:
    for file in (path for path in files_of("domain") if name in (path.stem, path.parent.name)):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            floats = (isinstance(node, ast.Name) and node.id == "float") or (
                isinstance(node, ast.Constant) and isinstance(node.value, float)
            )
            assert not floats, f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', '?')} uses float"


def test_files_stay_small() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for file in [*files_of(*ROOMS), ROOT / "worker.py"]
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def our_files() -> list[Path]:
    """What belongs to the repository: tracked, or new and not ignored."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    names = [name for name in listing.stdout.decode().split("\0") if name]
    return [ROOT / name for name in names if (ROOT / name).is_file() and Path(name).suffix not in _BINARY]


# Written in pieces, so that this file does not find itself.
_MACHINE_PATH = re.compile(
    "|".join([r"(?<![\w.}])/(?:" + "work|root|Users" + r")/\w", "/home" + r"/\w", "/opt/wh" + "eels"])
)
_REGISTRY = re.compile("|".join(["py" + r"pi\.org", "python" + r"hosted\.org", "index" + "-url", "find" + "-links"]))


@pytest.mark.parametrize("pattern", [_MACHINE_PATH, _REGISTRY], ids=["machine paths", "registry hosts"])
def test_nothing_of_one_machine_is_in_the_repository(pattern: re.Pattern[str]) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in our_files()
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []
