"""Payout reports of payment gateways: read from CSV, every bad line named, kept once (R79, R80).

Columns, in any order, with a header: ``refund_id``, ``order_number``, ``amount``, ``currency``, ``paid_at``.
An amount is a decimal text; gateways that write what leaves the account with a minus may do so. A time is ISO 8601, in
UTC where it names no zone. Other columns are left alone.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from pydantic import JsonValue

from desk.clock import Clock
from domain.model import Value
from domain.money import parse_money
from store import Store
from store.reconciliation_records import PayoutLine

COLUMNS = ("refund_id", "order_number", "amount", "currency", "paid_at")
MOST_BYTES = 20_000_000
MOST_LINES = 200_000
#: Bad lines that are named; a file with more is bad as a whole.
_NAMED = 100
_LONGEST_ID = 80


class BadLine(Value):
    """A line that cannot be used, and why. Line 1 is the header; 0 is the file as a whole."""

    line: int
    reason: str


class ImportAnswer(Value):
    """What became of a report. Either every line is kept, or none and `problems` says why.

    fresh: lines that no earlier report had; repeated: this very report was imported before
    """

    lines: int = 0
    fresh: int = 0
    repeated: bool = False
    problems: tuple[BadLine, ...] = ()


async def import_payouts(
    store: Store, connection: str, name: str, content: bytes, *, actor: str, clock: Clock
) -> ImportAnswer:
    """Keep the lines of a report for the next reconciliation. Importing it twice changes nothing."""
    lines, problems = read_payouts(content)
    if problems:
        return ImportAnswer(problems=problems)
    digest, now = hashlib.sha256(content).hexdigest(), clock()
    async with store.begin() as unit:
        fresh = await unit.payouts.add(connection, digest, name[:200], lines, actor, now)
        if fresh is None:
            return ImportAnswer(lines=len(lines), repeated=True)
        detail: dict[str, JsonValue] = {"file": name[:200], "lines": len(lines), "fresh": fresh}
        await unit.audit.add(actor, "payouts.imported", f"{connection}/{digest[:12]}", detail, now)
    return ImportAnswer(lines=len(lines), fresh=fresh)


def read_payouts(content: bytes) -> tuple[list[PayoutLine], tuple[BadLine, ...]]:
    """The lines of a report, or what is wrong with it."""
    if len(content) > MOST_BYTES:
        return [], (BadLine(line=0, reason=f"the file is larger than {MOST_BYTES // 1_000_000} MB"),)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], (BadLine(line=0, reason=f"the file is not UTF-8 text (byte {error.start})"),)
    if "\0" in text:
        return [], (BadLine(line=0, reason="the file is not text"),)
    return _read(text)


def _read(text: str) -> tuple[list[PayoutLine], tuple[BadLine, ...]]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    lines: list[PayoutLine] = []
    problems: list[BadLine] = []
    seen: Counter[str] = Counter()
    try:
        header = [name.strip().lower() for name in reader.fieldnames or []]
        reader.fieldnames = header
        if missing := [name for name in COLUMNS if name not in header]:
            return [], (BadLine(line=1, reason=f"the header lacks {', '.join(missing)}"),)
        for row in reader:
            if len(lines) >= MOST_LINES:
                return [], (BadLine(line=0, reason=f"the file has more than {MOST_LINES} lines"),)
            try:
                lines.append(_line(row, reader.line_num, seen))
            except ValueError as error:
                problems.append(BadLine(line=reader.line_num, reason=str(error)))
                if len(problems) >= _NAMED:
                    problems.append(BadLine(line=0, reason="and perhaps more: only the first lines are named"))
                    break
    except csv.Error as error:
        problems.append(BadLine(line=reader.line_num, reason=f"this is no CSV: {error}"))
    return ([] if problems else lines), tuple(problems)


def _line(row: Mapping[str | None, object], number: int, seen: Counter[str]) -> PayoutLine:
    """One line. ValueError, in plain words, for what cannot be used."""
    if None in row or None in row.values():
        raise ValueError("it has another number of columns than the header")
    cells = {name: str(row[name]).strip() for name in COLUMNS}
    if problems := list(_problems(cells)):
        raise ValueError("; ".join(problems))
    amount = parse_money(cells["amount"].lstrip("-"), cells["currency"])
    paid_at = _time(cells["paid_at"])
    content = "\n".join((cells["refund_id"], cells["order_number"], str(amount), paid_at.isoformat()))
    seen[content] += 1
    key = hashlib.sha256(f"{content}\n{seen[content]}".encode()).hexdigest()[:32]
    return PayoutLine(
        id=key,
        line_no=number,
        refund_id=cells["refund_id"],
        order_number=cells["order_number"],
        amount=amount,
        paid_at=paid_at,
    )


def _problems(cells: Mapping[str, str]) -> Iterator[str]:
    for name in ("refund_id", "order_number"):
        if not cells[name]:
            yield f"{name} is empty"
        if len(cells[name]) > _LONGEST_ID or not cells[name].isprintable():
            yield f"{name} cannot be used"
    try:
        if parse_money(cells["amount"].lstrip("-"), cells["currency"]).amount == 0:
            yield "amount is zero"
    except ValueError as error:
        yield _plain(error, cells)
    try:
        _time(cells["paid_at"])
    except ValueError:
        yield "paid_at is no time in ISO 8601, such as 2026-11-30T14:05:00Z"


def _plain(error: ValueError, cells: Mapping[str, str]) -> str:
    currency = cells["currency"]
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        return "currency is no ISO 4217 code, such as GBP"
    return f"amount: {error}"


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
