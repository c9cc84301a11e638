"""The depot report of a day, and files that a spreadsheet may open."""

from datetime import timedelta

import pytest

from desk.csv_export import csv_text, safe_cell
from desk.depots import NO_DEPOT, depot_report, depots_csv
from domain.dispositions import Disposition
from domain.inspection import BookedUnits, InspectedUnits, Inspection
from domain.returns import ReturnRef
from store import Store
from store.records import DocumentState
from tests.desk.reconciled import LINE, OLD, Shop, shop_with

DAY = OLD.date()


@pytest.fixture
def shop(store: Store) -> Shop:
    return shop_with(store)


async def found_at(shop: Shop, ref: ReturnRef, disposition: Disposition, location: str, units: int = 1) -> None:
    """Units that were inspected and for which there is no document."""
    scan = Inspection(
        inspection_id=f"scan-{disposition}-{location}",
        location=location,
        units=[InspectedUnits(sku="SHIRT", quantity=units, disposition=disposition)],
    )
    booked = BookedUnits(line_id=LINE, sku="SHIRT", quantity=units, disposition=disposition)
    async with shop.store.begin() as unit:
        await unit.inspections.save(ref, scan, [booked], OLD)


async def test_R82_per_depot_sku_and_disposition_what_was_inspected_and_posted(shop: Shop) -> None:
    for name, posted in (("a", True), ("b", True), ("c", False)):
        await shop.restocked(await shop.returned(name), posted=posted)
    await shop.restocked(await shop.returned("elsewhen"), at=OLD - timedelta(days=1))
    ref = await shop.returned("d")
    await found_at(shop, ref, Disposition.DAMAGED, "LDN-1")
    await found_at(shop, ref, Disposition.SELLABLE, "NOWHERE")
    await found_at(shop, ref, Disposition.DISPOSED, "LDN-1")
    await found_at(shop, ref, Disposition.MISSING, "LDN-1")
    report = await depot_report(shop.store, shop.connection, DAY)
    assert [(row.depot, row.disposition, row.inspected, row.posted, row.difference) for row in report.rows] == [
        ("01", "SELLABLE", 6, 4, 2),
        ("DM", "DAMAGED", 1, 0, 1),
        (NO_DEPOT, "SELLABLE", 1, 0, 1),
    ]
    assert {row.sku for row in report.rows} == {"SHIRT"} and len(report.differing) == 3
    async with shop.store.begin() as unit:
        await unit.documents.mark("bh-c-g-1", DocumentState.BY_HAND, number="GR-9", now=OLD + timedelta(days=2))
    first = (await depot_report(shop.store, shop.connection, DAY)).rows[0]
    assert (first.inspected, first.posted, first.difference) == (6, 6, 0)


async def test_R82_the_report_is_a_file_for_spreadsheets(shop: Shop) -> None:
    await shop.restocked(await shop.returned("a"))
    text = depots_csv(await depot_report(shop.store, shop.connection, DAY))
    assert text == f"day,depot,sku,disposition,inspected,posted,difference\r\n{DAY},01,SHIRT,SELLABLE,2,2,0\r\n"


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "--1", "-1.5.0", "+"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (-3, "-3"), ("-1.90", "-1.90"), ("+2", "+2"), ("plain", "plain"), ("a=b", "a=b"), ("٣", "٣")],
)
def test_numbers_and_plain_texts_stay_as_they_are(value: object, text: str) -> None:
    assert safe_cell(value) == text


def test_commas_quotes_and_line_ends_stay_inside_their_cell() -> None:
    assert csv_text(["a"], [['x,"y"\nz', "=1"]]) == 'a\r\n"x,""y""\nz",\'=1\r\n'
