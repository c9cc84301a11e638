"""``backhaul show``: where is this return, and how did it get there?"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import Console

from desk.view import DocumentView, ReturnView, find_views
from domain.money import Money, told_amount
from runtime.settings import Settings
from starter.cli.output import CommandError, Exit, emit, table
from starter.cli.run import AsJson, run
from starter.process import opened_store
from store.records import ExceptionState


def show(
    context: typer.Context,
    return_: Annotated[
        str, typer.Argument(metavar="RETURN", help="Return, order, RMA, tracking, credit note or refund: any id.")
    ],
    as_json: AsJson = False,
) -> None:
    """Show a return: stage, tracks, lines, documents, refunds, exchanges, exposure, exceptions and its timeline."""

    async def look(settings: Settings) -> None:
        async with opened_store(settings) as store:
            views = await find_views(store, return_)
            if not views:
                async with store.reading() as unit:
                    waiting = (await unit.inbox.backlog()).count
                    parked = await unit.exceptions.list(state=ExceptionState.OPEN, return_id=return_.rpartition("/")[2])
                raise CommandError(Exit.NOT_FOUND, _nothing(return_, waiting), [item.reason for item in parked])
        content: dict[str, JsonValue] = {"returns": [view.model_dump(mode="json") for view in views]}
        emit(content, as_json, lambda console: draw(console, views))

    run(context, look, as_json=as_json)


def _nothing(any_id: str, waiting: int) -> str:
    text = f"No return has the id {any_id}, nor any order, RMA, parcel, refund or document of one."
    return text + (f" {waiting} webhook(s) still wait for Temporal; it may be among them." if waiting else "")


def draw(console: Console, views: Sequence[ReturnView]) -> None:
    """Returns as text and tables, one after the other."""
    for view in views:
        _draw_one(console, view)


def _draw_one(console: Console, view: ReturnView) -> None:
    console.print(f"Return {view.connection}/{view.return_id}  {view.stage}", markup=False, style="bold")
    for name, value in _facts(view):
        if value:
            console.print(f"  {name:<10} {value}", markup=False)
    _table(console, "Tracks", ["track", "state", "waits for", "since", "until"], _tracks(view))
    _table(console, "Lines", ["order line", "SKU", "expected", "inspected", "accepted", "credited"], _lines(view))
    _table(console, "Documents", ["kind", "number", "state", "depot", "units", "total", "at"], _documents(view))
    _table(console, "Refunds", ["refund", "state", "amount", "credit or decision"], _refunds(view))
    columns = ["line", "units", "for", "state", "order number", "price", "difference"]
    _table(console, "Exchanges", columns, _exchanges(view))
    _table(console, "Open exposure", ["kind", "amount", "units", "since", "cover until"], _exposure(view))
    _table(console, "Exceptions", ["id", "code", "owner", "state", "since", "reason"], _exceptions(view))
    _table(console, "Timeline", ["at", "actor", "what"], _timeline(view))


def _facts(view: ReturnView) -> list[tuple[str, str]]:
    rma = f"{view.rma_number}{' (standalone)' if view.standalone else ''}" if view.rma_number else ""
    waits = f"{view.waits_for}, since {when(view.since)}" if view.waits_for else ""
    return [
        ("order", view.order_number),
        ("RMA", rma),
        ("parcel", view.tracking_number),
        ("platform", view.platform_status),
        ("waits for", waits),
        ("until", when(view.until)),
        ("closed", when(view.closed_at)),
    ]


def _tracks(view: ReturnView) -> list[list[str]]:
    return [[t.track, t.state, t.waits_for, when(t.since), when(t.until)] for t in view.tracks]


def _lines(view: ReturnView) -> list[list[str]]:
    return [
        [line.order_line_id, line.sku, *map(str, (line.expected, line.inspected, line.accepted, line.credited))]
        for line in view.lines
    ]


def _documents(view: ReturnView) -> list[list[str]]:
    return [[d.kind, d.number or d.key, d.state, d.depot, _units(d), _total(d), when(d.at)] for d in view.documents]


def _units(document: DocumentView) -> str:
    return ", ".join(f"{line.quantity} × {line.sku}" for line in document.lines)


def _total(document: DocumentView) -> str:
    if document.total is None or not document.currency:
        return ""
    return str(Money(amount=document.total, currency=document.currency))


def _refunds(view: ReturnView) -> list[list[str]]:
    return [
        [r.refund_id, r.state, told_amount(r.amount_text, r.currency), r.credit_key or r.decision] for r in view.refunds
    ]


def _exchanges(view: ReturnView) -> list[list[str]]:
    return [
        [
            e.line_id,
            str(e.units),
            f"{e.quantity} × {e.sku}",
            e.state,
            e.order_number,
            str(e.price or ""),
            _difference(e.difference),
        ]
        for e in view.exchanges
    ]


def _difference(difference: Money | None) -> str:
    """What a replacement changes: nobody, or who pays whom."""
    if difference is None or not difference.amount:
        return "" if difference is None else "none"
    return f"{difference} to pay" if difference.amount > 0 else f"{-difference} to credit"


def _exposure(view: ReturnView) -> list[list[str]]:
    return [[e.kind, str(e.amount), str(e.units), when(e.since), when(e.cover_until)] for e in view.exposure]


def _exceptions(view: ReturnView) -> list[list[str]]:
    return [[e.id, e.code, e.owner, e.state, when(e.opened_at), e.reason] for e in view.exceptions]


def _timeline(view: ReturnView) -> list[list[str]]:
    return [[when(entry.at), entry.actor, entry.text] for entry in view.timeline]


def when(at: datetime | None) -> str:
    """A time for people, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else ""


def _table(console: Console, title: str, columns: list[str], rows: list[list[str]]) -> None:
    if rows:
        console.print(f"\n{title}", style="bold")
        console.print(table(columns, rows))
