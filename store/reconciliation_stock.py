"""Units of a return, line by line: what was credited, and what the ERP took into stock (R38)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.progress import FOR_A_DECISION, Stage
from domain.reconciliation.facts import LineUnits, NoteFact, StockFact
from store.reconciliation_rows import CaseRows
from store.records import DocumentState

#: Accepted units that need not come into stock.
_WITHOUT_STOCK = (Disposition.LOST_IN_TRANSIT, Disposition.DISPOSED)


@dataclass
class _Units:
    """Units of one return line: by disposition where stock documents and inspections name one.

    given_up: accepted units whose credit note finance gave up (R39)
    """

    posted: Counter[str] = field(default_factory=Counter)
    booking: int = 0
    written_off: int = 0
    booked: Counter[str] = field(default_factory=Counter)
    worthless: int = 0
    given_up: int = 0


def credited_units(case: CaseRows, notes: Iterable[NoteFact]) -> Counter[str]:
    """Units on live notes of ours, per line."""
    live = {note.key for note in notes if note.ours and note.live}
    units = Counter[str]()
    for document in case.documents:
        for line in document.lines if document.key in live else ():
            units[line["line_id"]] += int(line["quantity"])
    return units


def stock_fact(case: CaseRows, notes: Iterable[NoteFact], credited: Counter[str]) -> StockFact | None:
    """Units by the documents; None when nothing was credited or restocked."""
    times = [note.at for note in notes if note.ours and note.live]
    times += [document.updated_at for document in _movements(case) if DocumentState(document.state).in_erp]
    if not times:
        return None
    units = _units(case)
    return StockFact(
        lines=[_line(case, name, units[name], credited[name]) for name in sorted({*units, *credited})],
        final=case.header.stage == Stage.CLOSED or case.header.waiting_for == FOR_A_DECISION,
        at=max(times),
    )


def _line(case: CaseRows, name: str, units: _Units, credited: int) -> LineUnits:
    line = next((line for line in case.lines if line.line_id == name), None)
    lost = units.booked[Disposition.LOST_IN_TRANSIT]
    without_stock = {
        "kept by the customer": line.quantity if line is not None and line.keep else 0,
        "paid before their goods": case.exposed[name],
        "lost on the way": lost,
        "disposed of": max(units.booked[Disposition.DISPOSED] - units.posted[Disposition.DISPOSED], 0),
        "written off": units.written_off,
    }
    without_credit = {
        "exchanged": case.exchanged[name],
        "without value": units.worthless,
        "given up by finance": units.given_up,
    }
    return LineUnits(
        sku=line.sku if line is not None else name,
        credited=credited,
        restocked=units.posted.total(),
        booking=units.booking,
        accepted=sum(count for of, count in units.booked.items() if Disposition(of).accepted) - lost,
        without_stock={reason: count for reason, count in without_stock.items() if count},
        without_credit={reason: count for reason, count in without_credit.items() if count},
    )


def _units(case: CaseRows) -> Mapping[str, _Units]:
    """Return line → its units by stock documents and inspections."""
    lines: dict[str, _Units] = defaultdict(_Units)
    for document in _movements(case):
        state = DocumentState(document.state)
        for name, disposition, quantity in _moved(document):
            if state.in_erp:
                lines[name].posted[disposition] += quantity
            elif state.pending:
                lines[name].booking += quantity
            else:
                lines[name].written_off += quantity
    for line in _given_up(case):
        lines[line["line_id"]].given_up += int(line["quantity"])
    for row in case.booked:
        if row.line_id:
            lines[row.line_id].booked[row.disposition] += row.quantity
            in_stock = Disposition(row.disposition).accepted and row.disposition not in _WITHOUT_STOCK
            lines[row.line_id].worthless += row.quantity if in_stock and not row.share else 0
    return lines


def _given_up(case: CaseRows) -> Iterator[Any]:
    """Lines of credit notes that are on record as given up."""
    for document in case.documents:
        if document.kind == DocumentKind.CREDIT and document.state == DocumentState.ABANDONED:
            yield from document.lines


def _movements(case: CaseRows) -> Iterator[Any]:
    return (document for document in case.documents if document.kind != DocumentKind.CREDIT)


def _moved(document: Any) -> Iterator[tuple[str, Disposition, int]]:
    """Accepted units of the return that a document brings into stock for the first time; a regrade brings none."""
    for line in document.lines:
        disposition = Disposition(line.get("disposition") or Disposition.SELLABLE)
        if line["line_id"] and not line.get("was") and disposition.accepted:
            yield line["line_id"], disposition, int(line["quantity"])
