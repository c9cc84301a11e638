"""How the demo judges a return: against its scenario, and against the vendors' journals."""

from dataclasses import replace

import pytest

from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, Owner
from domain.progress import Stage
from domain.returns import ReturnRef
from starter.demo.evidence import stock_lines
from starter.demo.report import Page, RaisedException
from starter.demo.scenario import Expected, NewGoods
from starter.demo.verdict import disagreements, unexpected
from store.exchange_records import ExposureState
from store.records import DocumentLine, DocumentRecord, DocumentState, ExceptionState
from tests.starter.demo_rows import EXPECTED, ID, NOW, PAGE, ROW, SWAP, SWAPPED, SWAPPED_PAGE


def test_a_return_as_expected_has_no_problems() -> None:
    assert list(unexpected(ROW, EXPECTED)) == []
    assert list(disagreements(ROW, PAGE, EXPECTED)) == []


def test_every_way_to_end_otherwise_is_a_sentence() -> None:
    open_exception = RaisedException(code=ExceptionCode.REFUND_MISMATCH, owner=Owner.FINANCE, state=ExceptionState.OPEN)
    row = ROW.model_copy(update={"status": Stage.SETTLING, "standalone": True, "exceptions": (open_exception,)})
    expected = replace(EXPECTED, credited="20.01", stock={"01": 1, "DM": 1})
    assert list(unexpected(row, expected)) == [
        "ended as SETTLING, not as CLOSED",
        "its RMA is standalone",
        "stock went to {'01': 2}, not to {'01': 1, 'DM': 1}",
        "credited 20.00 GBP, not 20.01 GBP",
        "raised REFUND_MISMATCH, not none",
        "an exception is still open",
    ]


def test_the_vendors_journals_have_the_last_word() -> None:
    cancelled = {"number": "R2", "order": "", "standalone": True, "cancelled": True}
    page = Page.model_validate(
        {"rmas": [cancelled], "stock": {"DM": {"A": 2}}, "credited": {"GBP": "20"}, "refunded": {"GBP": "5.0000"}}
    )
    assert list(disagreements(ROW, page, EXPECTED)) == [
        "the ERP has RMAs R2, we know R1",
        "RMA R2 is cancelled in the ERP",
        "the ERP has in stock 2 x A in DM, we know 2 x A in 01",
        "refunded 5.0000 GBP by the journals, nothing by us",
    ]


def test_a_parcel_that_was_matched_later_is_part_of_the_stock() -> None:
    parcel = Page.model_validate({"stock": {"QT": {"A": 1}}})
    moved = Page.model_validate({"stock": {"QT": {"A": 0}}})
    assert list(disagreements(ROW, PAGE, EXPECTED, [moved])) == []
    assert list(disagreements(ROW, PAGE, EXPECTED, [parcel])) == [
        "the ERP has in stock 2 x A in 01, 1 x A in QT, we know 2 x A in 01"
    ]


def test_an_exchange_as_expected_has_no_problems() -> None:
    assert list(unexpected(SWAPPED, SWAP)) == []
    assert list(disagreements(SWAPPED, SWAPPED_PAGE, SWAP)) == []


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (NewGoods("C", "6.50"), "replaced by B for 6.50, not by C for 6.50"),
        (NewGoods("B"), "replaced by B for 6.50, not by B for 0.00"),
        (NewGoods("B", "6.50", cancelled=True), "replaced by B for 6.50, not by B for 6.50 (cancelled)"),
    ],
)
def test_another_replacement_than_expected_is_a_sentence(wanted: NewGoods, sentence: str) -> None:
    assert list(unexpected(SWAPPED, replace(SWAP, replacements=(wanted,)))) == [sentence]


def test_exposure_that_has_not_ended_is_a_sentence() -> None:
    out = SWAPPED.exposure[0].model_copy(update={"state": ExposureState.OPEN})
    row = SWAPPED.model_copy(update={"exposure": (out,)})
    assert list(unexpected(row, SWAP)) == [
        "exposed 30.00 open, not 30.00 cleared",
        "it is over, but something is still exposed",
    ]


def test_the_vendors_journals_have_the_last_word_about_replacements() -> None:
    assert list(disagreements(SWAPPED, Page(rmas=SWAPPED_PAGE.rmas), SWAP)) == [
        "the ERP has replacement orders nothing, we know B for 6.50"
    ]
    [order] = SWAPPED_PAGE.replacements
    page = SWAPPED_PAGE.model_copy(update={"replacements": (order.model_copy(update={"cancelled": True}),)})
    assert list(disagreements(SWAPPED, page, SWAP)) == [
        "the ERP has replacement orders B for 6.5000 (cancelled), we know B for 6.50"
    ]


@pytest.mark.parametrize(
    ("kind", "moves"),
    [
        (DocumentKind.RECEIPT, [("01", 2)]),
        (DocumentKind.ADJUSTMENT, [("01", 2)]),
        (DocumentKind.REMOVAL, [("01", -2)]),
        (DocumentKind.TRANSFER, [("QT", -2), ("01", 2)]),
        (DocumentKind.CREDIT, []),
    ],
)
def test_every_kind_of_document_moves_stock_its_own_way(kind: DocumentKind, moves: list[tuple[str, int]]) -> None:
    document = DocumentRecord(
        key="bh-1-g-1",
        ref=ReturnRef(connection="uk", return_id=ID),
        kind=kind,
        order_number="2040001",
        depot="01",
        lines=[DocumentLine(line_id="", sku="A", quantity=2)],
        request={"from_depot": "QT"},
        state=DocumentState.POSTED,
        number="G1",
        created_at=NOW,
        updated_at=NOW,
    )
    assert [(line.depot, line.quantity) for line in stock_lines(document)] == moves
    planned = document.model_copy(update={"state": DocumentState.PLANNED})
    assert list(stock_lines(planned)) == []


def test_a_return_that_ended_before_goods_must_leave_no_rma() -> None:
    row = ROW.model_copy(update={"status": Stage.EXPIRED, "stock": (), "credit_notes": ()})
    expected = Expected(status=Stage.EXPIRED)
    page = Page(rmas=PAGE.rmas)
    assert list(unexpected(row, expected)) == []
    assert list(disagreements(row, page, expected)) == ["RMA R1 is still open in the ERP"]
