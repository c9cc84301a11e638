"""The daily depot report: what the warehouse found against what is in the ERP's stock (R82)."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from desk.csv_export import csv_text
from domain.connection import Connection, Mappings
from domain.dispositions import Disposition
from domain.model import Value
from domain.reconciliation.facts import DepotUnits
from store import Store
from store.balance import depot_for
from store.depots import InspectedUnits, Parcel

#: Units whose place no depot is named for.
NO_DEPOT = "not mapped"
#: Parcel, line, SKU and disposition of units in a document.
_Place: TypeAlias = tuple[Parcel, str, str, Disposition]
_HEADER = ("day", "depot", "sku", "disposition", "inspected", "posted", "difference")


class DepotReport(Value):
    """One day of one connection; `rows` by depot, SKU and disposition. `differing`: rows that do not agree."""

    connection: str
    day: date
    rows: tuple[DepotUnits, ...]

    @property
    def differing(self) -> tuple[DepotUnits, ...]:
        """Rows whose units are not all in the ERP."""
        return tuple(row for row in self.rows if row.difference)


async def depot_report(store: Store, connection: Connection, day: date) -> DepotReport:
    """Units inspected on that day, and how many of them the ERP has by now, per depot, SKU and disposition.

    Units that go into no stock by the connection's own rules, as those disposed of, are left out.
    """
    async with store.reading() as unit:
        inspected = await unit.depots.inspected(connection.name, day)
        planned = await unit.depots.planned(connection.name, [one.parcel for one in inspected])
    found: Counter[tuple[str, str, str]] = Counter()
    posted: Counter[tuple[str, str, str]] = Counter()
    places = {(one.parcel, one.line_id, one.sku, one.disposition): one.depot for one in planned}
    for one in inspected:
        if depot := _depot(one, places, connection.mappings):
            found[depot, one.sku, one.disposition.value] += one.quantity
    for stocked in planned:
        if stocked.posted:
            posted[stocked.depot, stocked.sku, stocked.disposition.value] += stocked.quantity
    rows = (
        DepotUnits(day=day, depot=depot, sku=sku, disposition=disposition, inspected=found[key], posted=posted[key])
        for key in sorted({*found, *posted})
        for depot, sku, disposition in [key]
    )
    return DepotReport(connection=connection.name, day=day, rows=tuple(rows))


def depots_csv(report: DepotReport) -> str:
    """The report for a spreadsheet."""
    rows = (
        (row.day.isoformat(), row.depot, row.sku, row.disposition, row.inspected, row.posted, row.difference)
        for row in report.rows
    )
    return csv_text(_HEADER, rows)


def _depot(units: InspectedUnits, places: Mapping[_Place, str], mappings: Mappings) -> str:
    """Where the units belong: by their document, else by the mappings; empty: in no stock at all.

    Surplus that the return claimed later came in by a document without its line.
    """
    for line_id in (units.line_id, ""):
        if planned := places.get((units.parcel, line_id, units.sku, units.disposition)):
            return planned
    if not units.disposition.arrived:
        return ""
    mapped = depot_for(mappings, units.parcel.location, units.disposition, units.reason)
    return NO_DEPOT if mapped is None else mapped
