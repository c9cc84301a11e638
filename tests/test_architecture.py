"""The walls that import-linter cannot hold, and no import cycle, between modules or between packages."""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import grimp
import pytest

from tests.rooms import ROOMS

ROOT = Path(__file__).parents[1]
ADAPTER_DOORS = {
    "adapters.registry",
    "adapters.assembly",
}  # assembly: what the registry lists, ready to be built
VENDOR_FILES = {"client.py", "contract.py", "mapping.py", "port.py", "settings.py"}

Graph = Mapping[str, set[str]]


@cache
def import_graph() -> grimp.ImportGraph:
    """Our modules and what they import, also imports inside functions and for type checking."""
    return grimp.build_graph(*ROOMS, include_external_packages=True, cache_dir=None)


@cache
def our_imports() -> Graph:
    graph = import_graph()
    ours = {module for module in graph.modules if module.split(".")[0] in ROOMS}
    return {module: graph.find_modules_directly_imported_by(module) & ours for module in ours}


def knots(graph: Graph) -> list[list[str]]:
    """What is left when all that imports nothing, or that nothing imports, is peeled off: the cycles."""
    left = {node: set(targets) - {node} for node, targets in graph.items()}
    while left:
        imported = set().union(*left.values())
        loose = {node for node, targets in left.items() if not targets or node not in imported}
        if not loose:
            return [sorted(left)]
        left = {node: targets - loose for node, targets in left.items() if node not in loose}
    return []


def siblings(package: str) -> Graph:
    """The children of a package, one imports another when anything below it does."""
    prefix = f"{package}." if package else ""
    depth = prefix.count(".") + 1
    graph: dict[str, set[str]] = {}
    for module, targets in our_imports().items():
        if not module.startswith(prefix):
            continue
        child = ".".join(module.split(".")[:depth])
        found = graph.setdefault(child, set())
        found |= {".".join(target.split(".")[:depth]) for target in targets if target.startswith(prefix)}
    return graph


def packages() -> list[str]:
    return sorted({module.rpartition(".")[0] for module in our_imports()})


def test_knots_are_found() -> None:
    assert knots({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert knots({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [["b", "c"]]


def test_no_module_imports_itself_by_a_detour() -> None:
    assert knots(our_imports()) == []


@pytest.mark.parametrize("package", packages())
def test_no_package_imports_its_neighbour_and_is_imported_by_it(package: str) -> None:
    assert knots(siblings(package)) == []


def test_domain_needs_only_the_standard_library_and_pydantic() -> None:
    graph = import_graph()
    allowed = {"domain", "pydantic", "pydantic_core", *sys.stdlib_module_names}
    used = {
        imported.split(".")[0]
        for module in graph.modules
        if module.split(".")[0] == "domain"
        for imported in graph.find_modules_directly_imported_by(module)
    }
    assert used <= allowed


def test_starter_knows_of_the_adapters_only_what_is_registered() -> None:
    reached = {t for m, targets in our_imports().items() if m.split(".")[0] == "starter" for t in targets}
    assert {target for target in reached if target.split(".")[0] == "adapters"} <= ADAPTER_DOORS


def imported_rooms(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


def room_files() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def test_the_worker_is_put_together_without_starter_and_sandbox() -> None:
    assert imported_rooms(ROOT / "worker.py").isdisjoint({"starter", "sandbox"})


def test_nothing_imports_the_worker() -> None:
    assert [str(file.relative_to(ROOT)) for file in room_files() if "worker" in imported_rooms(file)] == []


def test_every_vendor_folder_has_the_same_files() -> None:
    vendors = [path for path in (ROOT / "adapters").iterdir() if (path / "__init__.py").is_file()]
    lacking = {
        vendor.name: sorted(VENDOR_FILES - {file.name for file in vendor.iterdir()})
        for vendor in vendors
        if vendor.name != "kit"
    }
    assert {name: files for name, files in lacking.items() if files} == {}
