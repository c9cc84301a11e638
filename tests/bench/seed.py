"""Fills a store with plausible returns, fast: for timings and memory at the size of a large retailer.

The n-th return is the same in every run (`sample`), so that a stand-in for a platform or an ERP can tell its side.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, insert
from sqlmodel import SQLModel

from domain.catalogue import owner_of
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.grouping import root_cause
from domain.latency import delay_step, milliseconds, stage_of
from domain.progress import Stage
from store.engines import parse_url, sync_engine
from store.migrations import upgrade
from store.tables import (
    AuditRow,
    BookedUnitsRow,
    ExceptionRow,
    InspectionRow,
    RefundRow,
    ReturnLineRow,
    ReturnRow,
    TimelineRow,
)
from store.tables_ledger import DocumentNumberRow, DocumentRow, OrderCreditRow, SlotRow
from store.tables_measures import StageTimeRow

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
BATCH = 5_000
CURRENCY = "GBP"
SKUS = tuple(
    f"P{number}-{colour}-{size}" for number in range(1001, 1041) for colour in ("BLK", "RED") for size in "SML"
)
DEPOTS = {"SELLABLE": "01", "DAMAGED": "DM", "QUARANTINE": "QT"}
#: What is wrong with one return in forty.
TROUBLES: tuple[tuple[ExceptionCode, str, str, dict[str, str]], ...] = (
    (ExceptionCode.REFUND_MISMATCH, "finance", "credit", {}),
    (ExceptionCode.LOCATION_UNMAPPED, "goods", "book", {"location": "LDN-9"}),
    (ExceptionCode.STOCK_REJECTED, "goods", "book", {"vendor_code": "DEPOT", "depot": "DM"}),
    (ExceptionCode.SKU_NOT_IN_MASTER, "rma", "rma", {"sku": "P9999-BLK-M"}),
    (ExceptionCode.CREDIT_REJECTED, "finance", "credit", {"vendor_code": "PERIOD"}),
)
#: Stages that are not the end, of one return in seven.
_OPEN = (Stage.AWAITING_GOODS, Stage.AWAITING_GOODS, Stage.PARTLY_RECEIVED, Stage.INSPECTED, Stage.SETTLING)


@dataclass(frozen=True)
class Line:
    """One line of a return; `value` is of all its units."""

    line_id: str
    order_line: str
    sku: str
    quantity: int
    value: int
    disposition: str


@dataclass(frozen=True)
class Sample:
    """The n-th return. Amounts are minor units of CURRENCY."""

    n: int
    connection: str
    return_id: str
    order_number: str
    stage: Stage
    at: datetime
    lines: tuple[Line, ...]

    @property
    def goods_in(self) -> bool:
        """Whether its goods were inspected and booked."""
        return self.stage in (Stage.INSPECTED, Stage.SETTLING, Stage.CLOSED)

    @property
    def credited(self) -> bool:
        """Whether its refund was paid and its credit note is in the ERP."""
        return self.stage is Stage.CLOSED

    @property
    def total(self) -> int:
        """What was refunded and credited."""
        return sum(line.value for line in self.lines) + self.rounding

    @property
    def rounding(self) -> int:
        """A rounding line, on one return in fifty."""
        return (1, -1)[self.n % 2] if self.n % 50 < 2 else 0

    @property
    def refund_id(self) -> str:
        """The platform's id of the refund."""
        return f"rf{self.n:030x}"

    @property
    def credit_key(self) -> str:
        """Business key of the credit note."""
        return f"bh-{self.return_id}-c-1"

    @property
    def credit_number(self) -> str:
        """The ERP's number of the credit note."""
        return f"CN{self.n:07d}"

    @property
    def rma_number(self) -> str:
        """The ERP's number of the RMA."""
        return f"RT{self.n:07d}"


@dataclass(frozen=True)
class Stopped:
    """As much of an exception as its root cause depends on."""

    connection: str
    code: ExceptionCode
    payload: Mapping[str, JsonValue]


def sample(n: int, count: int, connections: Sequence[str] = ("uk",), now: datetime = NOW, days: int = 30) -> Sample:
    """The n-th of `count` returns, which are spread evenly over the `days` before `now`."""
    stage = Stage.CLOSED if n % 7 else _OPEN[n // 7 % len(_OPEN)]
    if n % 97 == 0:
        stage = Stage.CANCELLED
    lines = tuple(_line(n, position) for position in range(1 + (n % 3 == 0)))
    return Sample(
        n=n,
        connection=connections[n % len(connections)],
        return_id=f"{n:032x}",
        order_number=str(5_000_000 + n),
        stage=stage,
        at=now - timedelta(days=days) * (count - n) / count - timedelta(hours=6),
        lines=lines,
    )


def seed_returns(
    store_url: str,
    count: int,
    *,
    connections: Sequence[str] = ("uk",),
    now: datetime = NOW,
    days: int = 30,
) -> None:
    """Migrate the store and add `count` returns with lines, refunds, documents, slots, timeline and exceptions.

    Blocking; about 20 rows a return. An empty store takes 100,000 of them in less than a minute.
    """
    url = parse_url(store_url)
    upgrade(url)
    engine = sync_engine(url)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            for statement in ("COMMIT", "PRAGMA synchronous=OFF", "PRAGMA foreign_keys=OFF", "BEGIN"):
                connection.exec_driver_sql(statement)
        for start in range(0, count, BATCH):
            numbers = range(start, min(start + BATCH, count))
            _insert(connection, [sample(n, count, connections, now, days) for n in numbers])
            connection.commit()
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    engine.dispose()


def _insert(connection: Connection, samples: Sequence[Sample]) -> None:
    """Parents before children: the tables have foreign keys."""
    documents = [row for one in samples for row in _documents(one)]
    tables: tuple[tuple[type[SQLModel], Iterable[dict[str, Any]]], ...] = (
        (ReturnRow, map(_header, samples)),
        (ReturnLineRow, (row for one in samples for row in _lines(one))),
        (RefundRow, (_refund(one) for one in samples if one.credited)),
        (InspectionRow, (_inspection(one) for one in samples if one.goods_in)),
        (BookedUnitsRow, (row for one in samples if one.goods_in for row in _booked(one))),
        (DocumentRow, documents),
        (DocumentNumberRow, map(_number, documents)),
        (StageTimeRow, map(_stage_time, documents)),
        (SlotRow, (row for one in samples for row in _slots(one))),
        (OrderCreditRow, (_order_credit(one) for one in samples if one.credited)),
        (TimelineRow, (row for one in samples for row in _timeline(one))),
        (AuditRow, (row for one in samples for row in _audit(one))),
        (ExceptionRow, (row for one in samples for row in _exceptions(one))),
    )
    for table, rows in tables:
        _fill(connection, table, rows)


def _fill(connection: Connection, table: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    if listed := list(rows):
        connection.execute(insert(table), listed)


def _line(n: int, position: int) -> Line:
    sku = SKUS[(n * 7 + position) % len(SKUS)]
    quantity = 1 + (n % 11 == 0)
    disposition = ("DAMAGED" if n % 20 == 3 else "QUARANTINE") if n % 10 == 3 else "SELLABLE"
    order_line = str(position + 1)
    return Line(f"{order_line}/{sku}", order_line, sku, quantity, quantity * (1_500 + n * 37 % 9_000), disposition)


def _key(one: Sample) -> dict[str, str]:
    return {"connection": one.connection, "return_id": one.return_id}


def _header(one: Sample) -> dict[str, Any]:
    final = one.stage.final
    parked = not final and one.n % 40 == 0
    return {
        **_key(one),
        "order_number": one.order_number,
        "kind": "refund",
        "instant": False,
        "phase": "accepted" if one.goods_in else "cancelled" if one.stage is Stage.CANCELLED else "authorised",
        "platform_status": "accepted" if one.goods_in else "in_progress",
        "currency": CURRENCY,
        "fee_text": "0",
        "shipping_text": "0",
        "bonus_text": "0",
        "exchanges": [],
        "due_text": "0",
        "paid_text": "0",
        "tracking_number": f"TRK{one.n:09d}",
        "expires_at": None,
        "platform_updated_at": one.at,
        "rma_number": one.rma_number,
        "standalone": False,
        "snapshot_hash": "0" * 64,
        "exchange_on": "confirmation",
        "deadline": one.at + timedelta(days=30),
        "reported": one.goods_in,
        "finance_closed": False,
        "ended": one.stage.value if final and one.stage is not Stage.CLOSED else None,
        "stage": one.stage.value,
        "waiting_for": "" if final else "the warehouse to inspect 1 unit(s)",
        "waiting_since": None if final else one.at,
        "exceptions_open": int(parked),
        "created_at": one.at,
        "updated_at": one.at + timedelta(hours=5),
        "authorised_at": one.at,
        "closed_at": one.at + timedelta(hours=5) if final else None,
    }


def _lines(one: Sample) -> Iterator[dict[str, Any]]:
    for position, line in enumerate(one.lines):
        yield {
            **_key(one),
            "line_id": line.line_id,
            "position": position,
            "order_line_id": line.order_line,
            "sku": line.sku,
            "quantity": line.quantity,
            "reason": "changed_mind",
            "exchange": False,
            "keep": False,
            "accepted": line.quantity if one.goods_in else 0,
            "rejected": 0,
            "item_ids": [],
            "removed": False,
        }


def _refund(one: Sample) -> dict[str, Any]:
    return {
        **_key(one),
        "refund_id": one.refund_id,
        "state": "paid",
        "amount_text": f"{one.total // 100}.{one.total % 100:02d}",
        "currency": CURRENCY,
        "kind": "default",
        "created_at": one.at + timedelta(hours=3),
        "first_seen_at": one.at + timedelta(hours=3),
        "paid_at": one.at + timedelta(hours=3),
        "credit_key": one.credit_key,
        "decision": "",
    }


def _inspection(one: Sample) -> dict[str, Any]:
    units = [{"sku": line.sku, "quantity": line.quantity, "disposition": line.disposition} for line in one.lines]
    content = {"inspection_id": "scan-1", "location": "LDN-1", "units": units}
    return {**_key(one), "inspection_id": "scan-1", "content": content, "saved_at": one.at + timedelta(hours=2)}


def _booked(one: Sample) -> Iterator[dict[str, Any]]:
    for position, line in enumerate(one.lines):
        yield {
            **_key(one),
            "inspection_id": "scan-1",
            "position": position,
            "line_id": line.line_id,
            "sku": line.sku,
            "quantity": line.quantity,
            "disposition": line.disposition,
            "rule": "",
            "share": 100,
        }


def _documents(one: Sample) -> Iterator[dict[str, Any]]:
    if one.stage is Stage.CANCELLED:
        return
    yield _document(one, "r-1", "rma", one.rma_number, lines=one.lines, at=one.at)
    if one.goods_in:
        for index, line in enumerate(one.lines, 1):
            depot = DEPOTS[line.disposition]
            number = f"GR{one.n:07d}-{index}"
            at = one.at + timedelta(hours=2)
            yield _document(one, f"g-{index}", "receipt", number, lines=(line,), depot=depot, at=at)
    if one.credited:
        at = one.at + timedelta(hours=4)
        yield _document(one, "c-1", "credit", one.credit_number, lines=one.lines, at=at, total=one.total)


def _document(
    one: Sample,
    step: str,
    kind: str,
    number: str,
    *,
    lines: Sequence[Line],
    at: datetime,
    depot: str = "",
    total: int | None = None,
) -> dict[str, Any]:
    key = f"bh-{one.return_id}-{step}"
    return {
        "key": key,
        **_key(one),
        "kind": kind,
        "state": "posted",
        "number": number,
        "parts": [],
        "order_number": one.order_number,
        "depot": depot,
        "lines": [
            {
                "line_id": line.line_id,
                "sku": line.sku,
                "quantity": line.quantity,
                "disposition": line.disposition if depot else None,
                "was": None,
            }
            for line in lines
        ],
        "total": total,
        "currency": CURRENCY if total is not None else "",
        "refund_id": one.refund_id if total is not None else "",
        "inspection_id": "scan-1" if depot else "",
        "mapping": "000000000000",
        "request": {"key": key, "credited_on": at.date().isoformat()} if total is not None else {"key": key},
        "reason": "",
        "window_at": None,
        "waiter": "",
        "batch": 0,
        "tries": 0,
        "refusal": None,
        "due_at": at,
        "clock_at": at,
        "created_at": at,
        "updated_at": at,
    }


def _number(document: dict[str, Any]) -> dict[str, str]:
    return {"key": document["key"], "number": document["number"]}


def _stage_time(document: dict[str, Any]) -> dict[str, Any]:
    """How long a document took: mostly seconds, for one in forty an hour and more."""
    delay = timedelta(seconds=len(document["key"]) + int(document["number"][-3:].replace("-", "")) % 97)
    delay += timedelta(hours=5) if document["number"].endswith(("17", "57")) else timedelta()
    at, kind, sellable = document["created_at"], DocumentKind(document["kind"]), document["depot"] == "01"
    units = sum(line["quantity"] for line in document["lines"]) if document["depot"] else 0
    return {
        "key": document["key"],
        "connection": document["connection"],
        "return_id": document["return_id"],
        "stage": stage_of(kind),
        "depot": document["depot"],
        "due_at": at,
        "posted_at": at + delay,
        "day": (at + delay).date(),
        "window_ms": 0,
        "delay_ms": milliseconds(delay),
        "step": delay_step(milliseconds(delay)),
        "hand": False,
        "units": units,
        "sellable": units if sellable else 0,
        "amount": document["total"] if kind is DocumentKind.CREDIT else None,
        "currency": CURRENCY if kind is DocumentKind.CREDIT else "",
    }


def _slots(one: Sample) -> Iterator[dict[str, Any]]:
    credit = one.credit_key if one.credited else None
    for line in one.lines:
        for number in range(1, line.quantity + 1):
            yield {
                "books": "prima-test",
                "order_number": one.order_number,
                "line_id": line.line_id,
                "slot_no": number,
                **_key(one),
                "credit_key": credit,
                "exchange_key": None,
            }


def _order_credit(one: Sample) -> dict[str, Any]:
    return {
        "credit_key": one.credit_key,
        "books": "prima-test",
        "order_number": one.order_number,
        "shipping": 0,
        "rounding": one.rounding,
        "total": one.total,
    }


def _timeline(one: Sample) -> Iterator[dict[str, Any]]:
    told: list[tuple[int, str, str, dict[str, str]]] = [
        (0, "rma", f"RMA {one.rma_number} for {len(one.lines)} line(s)", {"rma": one.rma_number})
    ]
    if one.goods_in:
        told += [(2, "inspection", "parcel scan-1 inspected", {"inspection": "scan-1"})]
        told += [(2, "stock", f"receipt GR{one.n:07d}-1 into depot 01", {"stock": f"GR{one.n:07d}-1"})]
    if one.credited:
        refs = {"credit": one.credit_number, "refund": one.refund_id}
        told += [(3, "refund", f"refund {one.refund_id} is paid", {"refund": one.refund_id})]
        told += [(4, "credit", f"credit note {one.credit_number}", refs)]
    for hours, kind, text, refs in told:
        key = f"{kind}/{one.n}"
        at = one.at + timedelta(hours=hours)
        yield {**_key(one), "key": key, "at": at, "actor": "backhaul", "kind": kind, "text": text, "refs": refs}


def _audit(one: Sample) -> Iterator[dict[str, Any]]:
    if one.credited:
        detail = {"return": f"{one.connection}/{one.return_id}", "number": one.credit_number}
        at = one.at + timedelta(hours=4)
        yield {"at": at, "actor": "system", "action": "document.posted", "subject": one.credit_key, "detail": detail}


def _exceptions(one: Sample) -> Iterator[dict[str, Any]]:
    """One return in forty had trouble; it is open when the return is."""
    if one.n % 40:
        return
    code, track, step, figures = TROUBLES[one.n // 40 % len(TROUBLES)]
    payload: dict[str, JsonValue] = {"step": step, **figures}
    cause = root_cause(Stopped(connection=one.connection, code=code, payload=payload))
    decided = one.stage.final
    yield {
        "id": f"ex-{one.n:012x}",
        **_key(one),
        "workflow_id": "",
        "code": code.value,
        "owner": owner_of(code).value,
        "track": track,
        "step": step,
        "reason": f"{code}: what the vendor said about order {one.order_number}",
        "payload": payload,
        "cause": cause.id,
        "units": sum(line.quantity for line in one.lines),
        "level": 0,
        "amount": one.total,
        "currency": CURRENCY,
        "state": "resolved" if decided else "open",
        "version": 2 if decided else 1,
        "opened_at": one.at + timedelta(hours=1),
        "resolved_at": one.at + timedelta(hours=2) if decided else None,
        "resolution": json.loads(_RETRIED) | {"exception_id": f"ex-{one.n:012x}"} if decided else None,
    }


_RETRIED = """{"version": 1, "kind": "RETRY", "role": "finance", "actor": "seed", "reason": "", "document": "",
 "edits": {}}"""
