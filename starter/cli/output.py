"""How commands speak: tables or JSON on stdout, a clear line on stderr, an exit code for scripts."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum

from pydantic import BaseModel, JsonValue
from rich.console import Console
from rich.table import Table
from rich.text import Text

#: Columns when the output is no terminal: nothing is cut there.
_FILE_WIDTH = 240


class Exit(IntEnum):
    """Exit codes of every command. 2, wrong usage, is also what the option parser gives."""

    OK = 0
    REFUSED = 1  # something is wrong, or the answer is no
    USAGE = 2
    NOT_FOUND = 3
    UNREACHABLE = 4  # the database, Temporal or a vendor does not answer


class CommandError(Exception):
    """Ends a command. `message` is a sentence with what to do; `problems` are the parts of a longer list."""

    def __init__(self, code: Exit, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.problems = tuple(problems)


def emit(content: BaseModel | Mapping[str, JsonValue], as_json: bool, human: Callable[[Console], None]) -> None:
    """Write the result: as one JSON document, or as `human` draws it."""
    if as_json:
        write_json(content)
    else:
        human(Console(highlight=False, width=None if sys.stdout.isatty() else _FILE_WIDTH))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A plain table. Cells are text as it is, never markup."""
    drawn = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        drawn.add_row(*(Text(cell) for cell in row))
    return drawn


def write_json(content: BaseModel | Mapping[str, JsonValue]) -> None:
    """One JSON document on stdout."""
    data = content.model_dump(mode="json") if isinstance(content, BaseModel) else content
    sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def report(error: CommandError, as_json: bool) -> int:
    """Say why a command ended, and give its exit code."""
    if as_json:
        write_json({"error": error.code.name.lower(), "message": error.message, "problems": list(error.problems)})
    else:
        lines = [f"backhaul: {error.message}", *(f"  - {problem}" for problem in error.problems)]
        sys.stderr.write("\n".join(lines) + "\n")
    return int(error.code)
