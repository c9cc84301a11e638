"""`python -m templates.vendor acme`: a new ERP from the template in `erp/`, written whole or not at all.

The template is a small working ERP named Acme. Its files end in `.in`, so that no tool takes them for part of this
repository; copying replaces the name. Shared files get what names every vendor: a row in the registry, in the readers
of journals and in the conformance suite, its module in import-linter's lists, its section in docs/vendors.md.
"""

import ast
import io
import json
import keyword
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "templates" / "erp"
SECTION = TEMPLATE / "section.md.in"
SUFFIX = ".in"
ROOMS = ("adapters", "domain", "sandbox", "tests")

REGISTRY = Path("adapters/registry.py")
STAGES = Path("tests/conformance/erps.py")
READERS = Path("sandbox/audit/vendors.py")
PYPROJECT = Path("pyproject.toml")
PAGE = Path("docs/vendors.md")

REGISTRY_IMPORTS = """\
from adapters.acme.port import CREDIT_STATUSES as ACME_CREDIT_STATUSES
from adapters.acme.port import AcmeErp
from adapters.acme.port import build as build_acme
from adapters.acme.settings import AcmeSettings
"""
REGISTRY_ROW = """\
        "acme": ErpAdapter(
            AcmeSettings, build_acme, ACME_CREDIT_STATUSES, AcmeErp.capabilities, secrets=("api_key",)
        ),
"""
STAGE_IMPORT = "from tests.conformance.stages.acme import AcmeStage\n"
STAGE_ROW = '        "acme": AcmeStage,\n'
READER_IMPORT = "from sandbox.audit import acme\n"
READER_ROW = '    "acme": Reader(acme.FOLDS),\n'
#: Every list of import-linter that has this one has all vendors.
ONE_OF_ALL = '"adapters.prima"'

NEXT = """\
{name} is there: a made-up contract that works, its emulator and its tests.

  make check
  make test ARGS="-k {name}"

Now make it real, beginning with adapters/{name}/contract.py: docs/adding-an-erp.md says in which order.
"""


class NotMade(Exception):
    """Why there is no new vendor. Nothing was written."""


def main(arguments: Sequence[str]) -> int:
    """0 when it was made; 2, and a sentence on stderr, when it was not."""
    try:
        name = arguments[0] if len(arguments) == 1 else ""
        texts = vendor(name)
        write(ROOT, texts)
    except NotMade as refused:
        sys.stderr.write(f"{refused} Nothing was written.\n")
        return 2
    sys.stdout.write("".join(f"{path}\n" for path in texts) + "\n" + NEXT.format(name=name))
    return 0


def vendor(name: str) -> dict[Path, str]:
    """Path in the repository → text, of every file that is new or changes; shared ones last. Raises NotMade."""
    check_name(name)
    renamed = renamer(name)
    texts: dict[Path, str] = {}
    for source in sorted(TEMPLATE.rglob(f"*.py{SUFFIX}")):
        path = Path(renamed(str(source.relative_to(TEMPLATE)).removesuffix(SUFFIX)))
        texts[path] = in_form(path, renamed(source.read_text(encoding="utf-8")))
    check_room(name, texts)
    registry = with_row(REGISTRY, "ERPS", renamed(REGISTRY_IMPORTS), renamed(REGISTRY_ROW))
    stages = with_row(STAGES, "ERPS", renamed(STAGE_IMPORT), renamed(STAGE_ROW))
    readers = with_row(READERS, "ERPS", renamed(READER_IMPORT), renamed(READER_ROW))
    page = (ROOT / PAGE).read_text(encoding="utf-8") + renamed(SECTION.read_text(encoding="utf-8"))
    return texts | {PAGE: page, STAGES: stages, READERS: readers, PYPROJECT: with_modules(name), REGISTRY: registry}


def check_name(name: str) -> None:
    """A name can be that of a module, a class and a setting, and means nothing else in the template."""
    if not name:
        raise NotMade("Name the vendor: make vendor NAME=acme.")
    if not re.fullmatch(r"[a-z][a-z0-9]{1,15}", name):
        raise NotMade(
            f"{name!r} cannot be a vendor's name: 2 to 16 lower-case letters and digits, a letter first, such as acme."
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in sys.stdlib_module_names:
        raise NotMade(f"{name!r} cannot be a vendor's name: it has a meaning in Python.")
    if name in words() - {"acme"}:
        raise NotMade(f"{name!r} cannot be a vendor's name: the template uses the word for something else.")


def words() -> set[str]:
    """Every name that occurs in the template's code."""
    found: set[str] = set()
    for source in TEMPLATE.rglob(f"*.py{SUFFIX}"):
        tokens = tokenize.generate_tokens(io.StringIO(source.read_text(encoding="utf-8")).readline)
        found |= {token.string for token in tokens if token.type == tokenize.NAME}
    return found


def check_room(name: str, texts: Mapping[Path, str]) -> None:
    """Nothing of this name is there yet, neither a folder nor a module."""
    folders = [Path("adapters", name), Path("sandbox", name), Path("tests/adapters", name)]
    modules = [Path("adapters", f"{name}.py"), Path("sandbox", f"{name}.py")]
    alone = [path for path in texts if not any(folder in path.parents for folder in folders)]
    taken = [str(path) for path in (*folders, *modules, *alone) if (ROOT / path).exists()]
    if taken:
        raise NotMade(f"There is something already: {', '.join(taken)}.")


def renamer(name: str) -> Callable[[str], str]:
    """Replaces the template's name, in each of the three ways in which it is written."""
    names = {"acme": name, "Acme": name.capitalize(), "ACME": name.upper()}
    return lambda text: re.sub("acme|Acme|ACME", lambda found: names[found.group()], text)


def with_row(path: Path, table: str, imports: str, row: str) -> str:
    """A module with further imports, and a further row at the end of the dict that `table` is assigned."""
    text = (ROOT / path).read_text(encoding="utf-8")
    tree = ast.parse(text)
    rows = next((found for node in tree.body if (found := _dict_of(node, table))), None)
    last = max((node.end_lineno or 0 for node in tree.body if isinstance(node, ast.ImportFrom)), default=0)
    lines = text.splitlines(keepends=True)
    if rows is None or rows.end_lineno is None or lines[rows.end_lineno - 1].strip() != "}":
        raise NotMade(f"{path} has no table {table} whose closing brace stands on a line of its own.")
    lines.insert(rows.end_lineno - 1, row)
    lines.insert(last, imports)
    return in_form(path, "".join(lines))


def _dict_of(node: ast.stmt, table: str) -> ast.Dict | None:
    named = isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == table
    return next((child for child in ast.walk(node) if isinstance(child, ast.Dict)), None) if named else None


def with_modules(name: str) -> str:
    """pyproject.toml, the vendor beside all others in import-linter's lists."""
    text = (ROOT / PYPROJECT).read_text(encoding="utf-8")
    if ONE_OF_ALL not in text:
        raise NotMade(f"{PYPROJECT} has no list of vendors with {ONE_OF_ALL} in it.")
    return text.replace(ONE_OF_ALL, f'{ONE_OF_ALL}, "adapters.{name}"')


def in_form(path: Path, text: str) -> str:
    """As `make format` would leave it: a longer name breaks lines and moves imports."""
    # ruff looks for modules to tell ours from others, and these are not there yet
    ours = f"lint.isort.known-first-party={json.dumps(ROOMS)}"
    for command in (["check", "--fix-only", "--select", "I", "--config", ours], ["format"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--quiet", "--stdin-filename", str(path), "-"]
        done = subprocess.run(ruff, input=text, capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
        if done.returncode != 0:
            raise NotMade(f"ruff could not bring {path} into its form: {done.stderr.strip()}")
        text = done.stdout
    return text


def write(root: Path, texts: Mapping[Path, str]) -> None:
    """Write all of it below `root`; what cannot be written takes the rest back. Raises NotMade."""
    before = {path: (root / path).read_text(encoding="utf-8") for path in texts if (root / path).exists()}
    folders = {parent for path in texts for parent in path.parents if not (root / parent).exists()}
    written = False
    try:
        for path, text in texts.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        written = True
    except OSError as trouble:
        raise NotMade(f"{trouble.filename}: {trouble.strerror}.") from None
    finally:
        if not written:
            _take_back(root, texts, before, folders)


def _take_back(root: Path, texts: Mapping[Path, str], before: Mapping[Path, str], folders: set[Path]) -> None:
    for path in texts:
        if path in before:
            (root / path).write_text(before[path], encoding="utf-8")
        elif (root / path).is_file():
            (root / path).unlink()
    for folder in sorted(folders, reverse=True):
        if (root / folder).is_dir():
            (root / folder).rmdir()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
