"""`make vendor`: a new ERP that passes lint, types, walls and suite at once, or a sentence and nothing written."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from templates.vendor import NotMade, write

ROOT = Path(__file__).parents[2]
ROOMS = ("activities", "adapters", "docs", "domain", "runtime", "sandbox", "starter", "store", "templates", "workflows")
NEITHER = shutil.ignore_patterns("__pycache__", ".*")
LONGEST = "zephyrsuiteenter"


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    python = [sys.executable, "-m", *command]
    return subprocess.run(python, cwd=copy, capture_output=True, encoding="utf-8", check=False)


def passes(copy: Path, *command: str) -> None:
    done = run(copy, *command)
    assert done.returncode == 0, done.stdout + done.stderr


def copied(folder: Path) -> Path:
    """The repository, as far as a new vendor touches it."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=NEITHER)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=NEITHER)
    for file in ("pyproject.toml", "worker.py", "README.md"):
        shutil.copy(ROOT / file, folder / file)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    kept = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in kept}


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("untouched"))


def made(folder: Path, name: str) -> Path:
    """A copy with a new vendor in it, as `make vendor` makes it."""
    copy = copied(folder)
    passes(copy, "templates.vendor", name)
    passes(copy, "tests.vendors_table")
    return copy


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("acme"), "acme")


def theirs(name: str) -> list[str]:
    return [
        f"adapters/{name}",
        f"sandbox/{name}",
        f"sandbox/audit/{name}.py",
        f"tests/adapters/{name}",
        f"tests/sandbox/test_{name}.py",
        f"tests/conformance/stages/{name}.py",
        *("adapters/registry.py", "sandbox/audit/vendors.py", "tests/conformance/erps.py"),
    ]


def in_form(copy: Path, name: str) -> None:
    passes(copy, "ruff", "check", "--no-cache", *theirs(name))
    passes(copy, "ruff", "format", "--no-cache", "--check", *theirs(name))


@pytest.mark.verify
def test_a_new_vendor_passes_lint_and_is_in_form(acme: Path) -> None:
    in_form(acme, "acme")


@pytest.mark.verify
def test_so_does_one_whose_long_name_breaks_lines_and_moves_imports(tmp_path: Path) -> None:
    in_form(made(tmp_path, LONGEST), LONGEST)


@pytest.mark.verify
def test_a_new_vendor_passes_strict_types(acme: Path) -> None:
    passes(acme, "mypy", *theirs("acme"))


def walls(copy: Path) -> str:
    command = "import sys; from importlinter.cli import lint_imports_command as lint; sys.argv[1:] = []; lint()"
    python = [sys.executable, "-c", command]
    return subprocess.run(python, cwd=copy, capture_output=True, encoding="utf-8", check=False).stdout


@pytest.mark.verify
def test_the_walls_know_the_new_vendor(acme: Path) -> None:
    """They hold, and no longer hold when it imports its neighbour."""
    assert " 0 broken" in walls(acme)
    port = acme / "adapters" / "acme" / "port.py"
    text = port.read_text(encoding="utf-8")
    port.write_text(text + "\nimport adapters.prima.contract\n", encoding="utf-8")
    try:
        assert "never another vendor BROKEN" in walls(acme)
    finally:
        port.write_text(text, encoding="utf-8")


@pytest.mark.verify
def test_the_suite_and_the_house_know_the_new_vendor(acme: Path) -> None:
    done = run(acme, "pytest", "-q", "-p", "no:cacheprovider", "--collect-only", "tests/conformance")
    assert done.returncode == 0, done.stdout
    assert "[acme-open_rma]" in done.stdout
    files_alike = "tests/test_architecture.py::test_every_vendor_folder_has_the_same_files"
    house = (files_alike, "tests/test_vendors.py", "tests/conformance/test_collection.py")
    passes(acme, "pytest", "-q", "-p", "no:cacheprovider", *house)
    new = acme.glob("*/acme/*.py")
    assert max(len(path.read_text(encoding="utf-8").splitlines()) for path in new) <= 300


@pytest.mark.verify
@pytest.mark.timeout(600)
def test_a_new_vendor_passes_its_own_tests_and_the_whole_suite(acme: Path) -> None:
    passes(acme, "pytest", "-q", "-p", "no:cacheprovider", "tests/adapters/acme", "tests/sandbox/test_acme.py")
    passes(acme, "pytest", "-q", "-p", "no:cacheprovider", "tests/conformance", "-k", "acme")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "Name the vendor: make vendor NAME=acme."),
        ("Acme", "'Acme' cannot be a vendor's name: 2 to 16 lower-case letters and digits"),
        ("a-b", "'a-b' cannot be a vendor's name"),
        ("../x", "'../x' cannot be a vendor's name"),
        ("class", "'class' cannot be a vendor's name: it has a meaning in Python."),
        ("json", "'json' cannot be a vendor's name: it has a meaning in Python."),
        ("credit", "'credit' cannot be a vendor's name: the template uses the word for something else."),
        ("prima", "There is something already: adapters/prima, sandbox/prima, tests/adapters/prima"),
        ("cli", "There is something already: sandbox/cli.py."),
        ("registry", "There is something already: adapters/registry.py."),
    ],
)
def test_a_name_that_cannot_be_is_refused_and_nothing_is_written(untouched: Path, name: str, reason: str) -> None:
    before = files(untouched)
    done = run(untouched, "templates.vendor", name)
    assert done.returncode == 2
    assert done.stderr.startswith(reason), done.stderr
    assert done.stderr.endswith("Nothing was written.\n")
    assert files(untouched) == before


def test_a_registry_of_another_shape_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    copy = copied(tmp_path)
    registry = copy / "adapters" / "registry.py"
    registry.write_text(registry.read_text(encoding="utf-8").replace("ERPS: Mapping", "ALL: Mapping"), encoding="utf-8")
    before = files(copy)
    done = run(copy, "templates.vendor", "acme")
    assert done.returncode == 2
    assert "adapters/registry.py has no table ERPS" in done.stderr
    assert files(copy) == before


def test_what_cannot_be_written_takes_the_rest_back(tmp_path: Path) -> None:
    """A file stands where the last one needs a folder."""
    for name in ("registry.py", "taken"):
        (tmp_path / name).write_text("before", encoding="utf-8")
    texts = {Path("adapters/acme/port.py"): "new", Path("registry.py"): "after", Path("taken/x.py"): "new"}
    with pytest.raises(NotMade, match="taken"):
        write(tmp_path, texts)
    assert (tmp_path / "registry.py").read_text(encoding="utf-8") == "before"
    assert not (tmp_path / "adapters").exists()
