"""The vendor's own memory of what it really did: one entry per applied effect, never per request."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Journal:
    """Append-only list of applied effects, in memory and, with `path`, in a JSONL file flushed at each entry.

    Refused requests and reads do not appear. Money in an entry is decimal text. Thread safe.
    """

    def __init__(self, vendor: str, path: Path | None = None) -> None:
        self.vendor = vendor
        self._lines: list[str] = []
        self._ops: list[str] = []
        self._lock = threading.Lock()
        self._path = path

    def append(self, op: str, **data: Any) -> Entry:
        """Add one effect; return the entry: `seq` (from 1), `at` (ISO-8601 UTC), `vendor`, `op`, `data`.

        Raises TypeError when `data` cannot be written as JSON; nothing is added then.
        """
        with self._lock:
            head = {
                "seq": len(self._lines) + 1,
                "at": datetime.now(UTC).isoformat(),
                "vendor": self.vendor,
                "op": op,
            }
            if taken := head.keys() & data.keys():
                raise TypeError(f"journal data may not rename {sorted(taken)}")
            line = json.dumps(head | data, ensure_ascii=False)
            self._lines.append(line)
            self._ops.append(op)
            if self._path:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
        return _parse(line)

    def entries(self, op: str | None = None) -> list[Entry]:
        """All entries in order, or those of one `op`. Copies: changing them changes nothing here."""
        with self._lock:
            lines = [line for line, name in zip(self._lines, self._ops, strict=True) if op in (None, name)]
        return [_parse(line) for line in lines]


def read_journal(path: Path) -> list[Entry]:
    """Entries of a journal file. A half-written last line (the vendor was killed) is left out."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [_parse(line) for line in lines if line.endswith("\n")]


def _parse(line: str) -> Entry:
    entry: Entry = json.loads(line)
    return entry
