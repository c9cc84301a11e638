"""A parcel's units are booked once each, whatever people correct and mappings become between two attempts (N2, E66)."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio.testing import ActivityEnvironment

from activities.edge import Edge, Link
from activities.signatures import BookGoods, Decision, GoodsBooked, RmaLineRef, RmaOpened
from activities.stock import book_goods
from activities.turned_up import Ended, book_found
from domain.connection import Connection, Mappings
from domain.documents import AdjustmentRequest, DocumentKind, Posted, ReceiptRequest, RmaLine, RmaRequest
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.inspection import AllocatedUnits, InspectedUnits, Inspection
from domain.outcomes import Rejected, RetryLater
from domain.ports import Erp, ErpCapabilities, ReturnsPlatform
from domain.resolution import Resolution, Role
from store import Store
from store.records import DocumentLine, DocumentPlan, DocumentState
from tests.activities.given import AT_ONCE, NOW, REF
from tests.desk.reconciled import shop_with
from tests.store.given import line, platform_return

COAT = "COAT"


@dataclass
class Warehouse:
    """An ERP's stock. `closed` depots refuse, `silent` ones do not answer."""

    capabilities: ErpCapabilities = AT_ONCE
    closed: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    documents: dict[str, ReceiptRequest | AdjustmentRequest] = field(default_factory=dict)

    async def receive_goods(self, request: ReceiptRequest) -> Posted:
        return self._book(request)

    async def adjust_stock(self, request: AdjustmentRequest) -> Posted:
        return self._book(request)

    def _book(self, request: ReceiptRequest | AdjustmentRequest) -> Posted:
        if request.depot in self.closed:
            raise Rejected(ExceptionCode.STOCK_REJECTED, f"depot {request.depot} is closed")
        if request.depot in self.silent:
            raise RetryLater("no answer")
        self.documents.setdefault(request.key, request)
        return Posted(number=f"N-{request.key[-1]}")

    @property
    def stock(self) -> dict[str, int]:
        """Depot → units that came into it."""
        units: Counter[str] = Counter()
        for document in self.documents.values():
            units[document.depot] += sum(line.quantity for line in document.lines)
        return dict(units)


@dataclass
class Dock:
    """One parcel with a coat of grade A and one of grade C on one line, and a hat of grade A for another reason."""

    store: Store
    erp: Warehouse
    connection: Connection
    decisions: list[Decision] = field(default_factory=list)

    @property
    def link(self) -> Link:
        return Link(self.connection, cast(ReturnsPlatform, None), cast(Erp, self.erp))

    def remap(self, **tables: Any) -> None:
        """The worker comes back with other mappings."""
        mappings = self.connection.mappings
        known = mappings.model_dump() | {name: {**getattr(mappings, name), **new} for name, new in tables.items()}
        self.connection = self.connection.model_copy(update={"mappings": Mappings.model_validate(known)})

    def decide(self, kind: ResolutionKind, subject: str = "", document: str = "", **edits: str) -> None:
        resolution = Resolution(
            exception_id="x-1",
            version=1,
            kind=kind,
            role=Role.WAREHOUSE,
            actor="tester",
            document=document,
            edits={name.replace("_", "."): value for name, value in edits.items()},
        )
        self.decisions.append(Decision(subject=subject, resolution=resolution))

    async def book(self, *grades: str, hat: bool = False) -> GoodsBooked:
        """One attempt at the step."""
        request = parcel(grades or ("A", "C"), hat, self.decisions)
        return await ActivityEnvironment().run(book_goods, Edge(self.store, lambda: NOW), self.link, request)

    async def states(self) -> list[tuple[str, DocumentState]]:
        """(key's number, state) of the parcel's documents."""
        async with self.store.reading() as unit:
            return [(d.key[-1], d.state) for d in await unit.documents.for_return(REF)]


def parcel(grades: Sequence[str], hat: bool, decisions: Sequence[Decision]) -> BookGoods:
    skus = {"1/COAT": COAT, **({"2/HAT": "HAT"} if hat else {})}
    lines = [
        RmaLineRef(line_id=line, slot_line_id=line[0], rma_line_no=no, order_line_id=line[0], sku=sku, quantity=2)
        for no, (line, sku) in enumerate(skus.items(), start=1)
    ]
    units = [AllocatedUnits(line_id="1/COAT", sku=COAT, quantity=1, disposition=grade) for grade in grades]
    units += [AllocatedUnits(line_id="2/HAT", sku="HAT", quantity=1, disposition="A")] if hat else []
    return BookGoods(
        ref=REF,
        rma=RmaOpened(
            number="RMA-1",
            order_number="ORD-1",
            standalone=False,
            lines=lines,
            snapshot_hash="hash",
            opened_at=NOW,
            deadline=NOW,
        ),
        inspection=Inspection(
            inspection_id="scan-1",
            location="LDN-1",
            units=[InspectedUnits(sku=u.sku, quantity=1, disposition=u.disposition) for u in units],
            inspected_at=NOW,
        ),
        units=units,
        reasons={"1/COAT": "changed_mind", "2/HAT": "defective"},
        decisions=list(decisions),
    )


@pytest.fixture
async def dock(tmp_path: Path) -> AsyncIterator[Dock]:
    """Nothing is booked yet."""
    made = Store(f"sqlite:///{tmp_path / 'store.db'}")
    await made.migrate()
    async with made.begin() as unit:
        known = platform_return(line("1/COAT"), line("2/HAT"))
        await unit.returns.save_platform_return(REF, known, NOW)
    yield Dock(made, Warehouse(), shop_with(made).connection)
    await made.close()


def dispositions(booked: GoodsBooked) -> list[str]:
    return [units.disposition.value for units in booked.units]


async def test_R26_N2_a_corrected_grade_never_adopts_the_document_of_other_units(dock: Dock) -> None:
    dock.erp.closed = {"01"}
    first = await dock.book()
    [refused] = [one for one in first.documents if one.problem]
    assert dock.erp.stock == {"DM": 1}
    dock.decide(ResolutionKind.EDIT_AND_RETRY, refused.key, disposition_A="DAMAGED")
    again = await dock.book()
    assert [one.problem is None for one in again.documents if one.key == refused.key] == [False], "asked again"
    dock.decide(ResolutionKind.EDIT_AND_RETRY, refused.key, location="LDN-2")
    last = await dock.book()
    assert dock.erp.stock == {"DM": 1, "02": 1}
    assert sorted(dispositions(first)) == sorted(dispositions(last)), "a regrade is what changes it"


async def test_E66_N2_a_mapping_that_changes_between_attempts_books_no_unit_again(dock: Dock) -> None:
    dock.erp.closed = {"01"}
    await dock.book()
    dock.erp.closed.clear()
    dock.remap(dispositions={"C": "QUARANTINE"})
    booked = await dock.book()
    assert dock.erp.stock == {"01": 1, "DM": 1}
    assert dispositions(booked) == ["SELLABLE", "DAMAGED"]
    assert [one.problem for one in booked.documents] == [None, None]


async def test_E65_E66_a_worker_that_comes_back_with_other_mappings_goes_on_with_what_was_planned(dock: Dock) -> None:
    dock.erp.silent = {"DM"}
    with pytest.raises(RetryLater):
        await dock.book()
    assert dock.erp.stock == {"01": 1}
    dock.erp.silent.clear()
    dock.remap(dispositions={"A": "DAMAGED", "C": "QUARANTINE"})
    booked = await dock.book()
    assert dock.erp.stock == {"01": 1, "DM": 1}
    assert sorted(dispositions(booked)) == ["DAMAGED", "SELLABLE"]


async def test_R28_E66_units_that_belong_in_two_depots_by_now_leave_their_refused_document(dock: Dock) -> None:
    dock.erp.closed = {"01"}
    first = await dock.book("A", hat=True)
    assert len(first.documents) == 1
    dock.erp.closed.clear()
    dock.remap(reason_depots={"defective": {"sellable": "DEF"}})
    await dock.book("A", hat=True)
    again = await dock.book("A", hat=True)
    assert dock.erp.stock == {"01": 1, "DEF": 1}
    assert [len(one.units) for one in again.documents] == [1, 1]


async def test_R28_E66_a_depot_that_two_documents_share_by_now_leaves_each_its_units(dock: Dock) -> None:
    dock.remap(reason_depots={"defective": {"sellable": "DEF"}})
    dock.erp.closed = {"DEF"}
    await dock.book("A", hat=True)
    assert dock.erp.stock == {"01": 1}
    dock.connection = shop_with(dock.store).connection
    await dock.book("A", hat=True)
    assert dock.erp.stock == {"01": 2}


async def test_R26_E66_a_refused_receipt_becomes_an_adjustment_where_the_mapping_says_so_by_now(dock: Dock) -> None:
    dock.erp.closed = {"01"}
    await dock.book("A")
    dock.erp.closed.clear()
    dock.remap(stock_actions={"SELLABLE": {"document": "adjustment", "bucket": "sellable", "condition": "A"}})
    await dock.book("A")
    assert [type(one) for one in dock.erp.documents.values()] == [AdjustmentRequest]
    assert await dock.states() == [("1", DocumentState.POSTED)]


async def test_R26_E66_units_that_enter_no_depot_by_now_are_given_up_in_the_ledger(dock: Dock) -> None:
    dock.erp.closed = {"01"}
    await dock.book()
    dock.remap(stock_actions={"SELLABLE": {"document": "none"}})
    booked = await dock.book()
    assert dock.erp.stock == {"DM": 1}
    assert [one.problem for one in booked.documents] == [None, None]
    assert dict(await dock.states()) == {"1": DocumentState.ABANDONED, "2": DocumentState.POSTED}


async def test_R26_R76_a_document_done_by_hand_stands_for_the_units_that_it_was_refused_with(dock: Dock) -> None:
    dock.erp.closed = {"01", "DM"}
    first = await dock.book()
    [sellable] = [one.key for one in first.documents if one.depot == "01"]
    dock.erp.closed.clear()
    dock.remap(dispositions={"A": "DAMAGED", "C": "SELLABLE"})
    dock.decide(ResolutionKind.DONE_BY_HAND, sellable, "MOVED-BY-HAND")
    booked = await dock.book()
    assert {one.depot: one.number for one in booked.documents} == {"01": "MOVED-BY-HAND", "DM": "N-2"}
    assert dock.erp.stock == {"DM": 1}


async def found_again(dock: Dock) -> list[str]:
    """One attempt to book two coats that were given up as lost and turned up after the return's end."""
    lines = [RmaLine(line_no=1, order_line_id="1", sku=COAT, quantity=2, unit_value=100, reason="CM")]
    body = RmaRequest(
        key="bh-rma",
        return_id=REF.return_id,
        order_number="ORD-1",
        customer_ref="C1",
        currency="GBP",
        tax_inclusive=True,
        standalone=False,
        lines=lines,
    )
    plan = DocumentPlan(
        key=body.key,
        ref=REF,
        kind=DocumentKind.RMA,
        order_number="ORD-1",
        lines=[DocumentLine(line_id="1/COAT", sku=COAT, quantity=2)],
        request=body.model_dump(mode="json"),
    )
    async with dock.store.begin() as unit:
        rma = await unit.documents.plan(plan, NOW)
        documents = await unit.documents.for_return(REF)
    request, link = parcel(("A", "C"), False, ()), dock.link
    ended = Ended(REF, rma, [], documents)
    edge = Edge(dock.store, lambda: NOW)
    booked = await ActivityEnvironment().run(
        book_found, edge, link, ended, request.inspection, request.units, {}, dock.decisions
    )
    return [one.number for one in booked]


async def test_E32_E66_what_turned_up_is_not_booked_again_by_another_mapping(dock: Dock) -> None:
    dock.erp.closed = {"01"}
    await found_again(dock)
    dock.erp.closed.clear()
    dock.remap(dispositions={"C": "QUARANTINE"})
    await found_again(dock)
    assert dock.erp.stock == {"01": 1, "DM": 1}
