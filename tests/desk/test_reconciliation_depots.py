"""The depot report of a day, and files that a spreadsheet may open."""

from datetime import timedelta

import pytest

from desk.csv_export import csv_text, safe_cell
from desk.depots import NO_DEPOT, depot_report, depots_csv
from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.inspection import BookedUnits, InspectedUnits, Inspection
from domain.returns import ReturnLine, ReturnRef
from store import Store
from store.records import DocumentLine, DocumentPlan, DocumentState
from tests.desk.reconciled import LINE, OLD, Shop, shop_with

DAY = OLD.date()
OTHER_LINE = "2/SHIRT"


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


async def two_lines(shop: Shop, name: str) -> ReturnRef:
    """A return of one SKU on two lines; the second has another reason."""
    lines = [
        ReturnLine(line_id=LINE, order_line_id="1", sku="SHIRT", quantity=1, reason="changed_mind"),
        ReturnLine(line_id=OTHER_LINE, order_line_id="2", sku="SHIRT", quantity=1, reason="torn"),
    ]
    return await shop.returned(name, lines=lines)


async def found_on(shop: Shop, ref: ReturnRef, *line_ids: str) -> None:
    """One parcel with a damaged unit of each line."""
    damaged = Disposition.DAMAGED
    units = InspectedUnits(sku="SHIRT", quantity=len(line_ids), disposition=damaged)
    scan = Inspection(inspection_id="scan-1", location="LDN-1", units=[units])
    booked = [BookedUnits(line_id=line, sku="SHIRT", quantity=1, disposition=damaged) for line in line_ids]
    async with shop.store.begin() as unit:
        await unit.inspections.save(ref, scan, booked, OLD)


async def counted(shop: Shop) -> list[tuple[str, int, int]]:
    """Depot, inspected and posted units of every row."""
    report = await depot_report(shop.store, shop.connection, DAY)
    return [(row.depot, row.inspected, row.posted) for row in report.rows]


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


async def test_R82_R28_units_whose_reason_has_its_own_depot_are_counted_there(shop: Shop) -> None:
    """One parcel, two lines of one SKU and disposition: the reason of the second sends it elsewhere."""
    ref = await two_lines(shop, "posted")
    lines = {LINE: "01", OTHER_LINE: "RP"}
    await found_on(shop, ref, *lines)
    async with shop.store.begin() as unit:
        for number, (line, depot) in enumerate(lines.items(), 1):
            key = f"bh-posted-g-{number}"
            plan = DocumentPlan(
                key=key,
                ref=ref,
                kind=DocumentKind.RECEIPT,
                order_number="ORD-posted",
                depot=depot,
                inspection_id="scan-1",
                lines=[DocumentLine(line_id=line, sku="SHIRT", quantity=1, disposition=Disposition.DAMAGED)],
            )
            await unit.documents.plan(plan, OLD)
            await unit.documents.mark(key, DocumentState.POSTED, number=f"GR-{number}", now=OLD)
    assert await counted(shop) == [("01", 1, 1), ("RP", 1, 1)]


async def test_R82_R28_units_without_a_document_are_expected_where_their_reason_sends_them(shop: Shop) -> None:
    mappings = shop.connection.mappings.model_copy(update={"reason_depots": {"torn": {"damaged": "RP"}}})
    shop.connection = shop.connection.model_copy(update={"mappings": mappings})
    await found_on(shop, await two_lines(shop, "waiting"), LINE, OTHER_LINE)
    assert await counted(shop) == [("DM", 1, 0), ("RP", 1, 0)]


async def test_R82_E18_surplus_that_the_return_claimed_counts_where_its_document_put_it(shop: Shop) -> None:
    ref = await shop.returned("more")
    booked = BookedUnits(line_id=LINE, sku="SHIRT", quantity=1, disposition=Disposition.QUARANTINE)
    found = InspectedUnits(sku="SHIRT", quantity=1, disposition=Disposition.QUARANTINE)
    scan = Inspection(inspection_id="scan-1", location="NOWHERE", units=[found])
    in_quarantine = DocumentLine(line_id="", sku="SHIRT", quantity=1, disposition=Disposition.QUARANTINE)
    plan = DocumentPlan(
        key="bh-more-q-1",
        ref=ref,
        kind=DocumentKind.ADJUSTMENT,
        order_number="ORD-more",
        depot="QT",
        inspection_id="scan-1",
        lines=[in_quarantine],
    )
    async with shop.store.begin() as unit:
        await unit.inspections.save(ref, scan, [booked], OLD)
        await unit.documents.plan(plan, OLD)
        await unit.documents.mark("bh-more-q-1", DocumentState.POSTED, number="AD-1", now=OLD)
    assert await counted(shop) == [("QT", 1, 1)]


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
