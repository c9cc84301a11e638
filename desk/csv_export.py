"""Tables as CSV files that a spreadsheet can open without running what is in them."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

#: A cell that begins with one of these is a formula to a spreadsheet.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
#: A signed amount begins like a formula and is none.
_NUMBER = re.compile(r"[+-]\d+(\.\d+)?", re.ASCII)


def safe_cell(value: object) -> str:
    """The value as text that a spreadsheet shows and never runs. Plain numbers stay numbers; None is empty."""
    if value is None:
        return ""
    text = str(value)
    if text.startswith(_FORMULAS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def csv_line(row: Iterable[object]) -> str:
    """One line of a CSV file as RFC 4180 has it, its end included."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([safe_cell(value) for value in row])
    return line.getvalue()


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A whole CSV file with its header."""
    return "".join([csv_line(header), *map(csv_line, rows)])
