"""Open returns that a parcel may belong to, and which booked units lie where."""

from domain.connection import Mappings
from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.inspection import Regrade, RegradedUnits
from domain.progress import Stage
from domain.returns import PlatformPhase
from store import Store
from store.balance import balance, regrade_refusal
from store.records import DocumentLine, DocumentPlan, DocumentRecord, DocumentState
from store.unit import Unit
from tests.store.given import NOW, OTHER, REF, inspection, platform_return

QT, SELLABLE, DAMAGED = Disposition.QUARANTINE, Disposition.SELLABLE, Disposition.DAMAGED


async def names(unit: Unit, tracking: str = "", order: str = "", *skus: str) -> list[str]:
    found = await unit.parcels.candidates(REF.connection, tracking, order, skus)
    return [record.ref.return_id for record in found]


async def test_E26_candidates_by_tracking_order_and_sku_are_open_returns_only(store: Store) -> None:
    async with store.begin() as unit:
        await unit.returns.save_platform_return(
            REF, platform_return().model_copy(update={"tracking_number": "T1"}), NOW
        )
        other = platform_return().model_copy(update={"return_id": OTHER.return_id, "order_number": "ORD-2"})
        await unit.returns.save_platform_return(OTHER, other, NOW)
    async with store.reading() as unit:
        assert await names(unit, "T1") == [REF.return_id]
        assert await names(unit, "", "ORD-2") == [OTHER.return_id]
        assert sorted(await names(unit, "", "", "SHIRT")) == sorted([REF.return_id, OTHER.return_id])
        assert await names(unit, "T1", "ORD-2", "SHIRT") != []
        assert await names(unit, "", "", "HAT") == []
        assert await names(unit) == []
    async with store.begin() as unit:
        await unit.returns.set_ended(REF, Stage.CANCELLED, NOW)
        draft = other.model_copy(update={"phase": PlatformPhase.DRAFT})
        await unit.returns.save_platform_return(OTHER, draft, NOW)
    async with store.reading() as unit:
        assert await names(unit, "T1", "ORD-2", "SHIRT") == []


async def test_E32_evidence_without_units_of_the_return_leaves_what_was_reported(store: Store) -> None:
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(), NOW)
        await unit.returns.set_reported(REF, NOW)
        assert await unit.inspections.save(REF, inspection("LATE-1"), [], NOW)
        record = await unit.returns.get(REF)
    assert record is not None
    assert record.reported


def record(
    key: str, kind: DocumentKind, depot: str, line: DocumentLine, state: DocumentState, source: str = ""
) -> DocumentRecord:
    plan = DocumentPlan(
        key=key,
        ref=REF,
        kind=kind,
        order_number="O-1",
        depot=depot,
        lines=[line],
        inspection_id=key,
        request={"from_depot": source} if source else {},
    )
    return DocumentRecord(**plan.model_dump(), state=state, number=key, created_at=NOW, updated_at=NOW)


def moved(key: str, state: DocumentState, was: Disposition, now: Disposition) -> DocumentRecord:
    line = DocumentLine(line_id="", sku="P1", quantity=1, was=was, disposition=now)
    return record(key, DocumentKind.TRANSFER, "01", line, state, "QT")


RECEIVED = record(
    "g-1",
    DocumentKind.RECEIPT,
    "QT",
    DocumentLine(line_id="1/P1", sku="P1", quantity=2, disposition=QT),
    DocumentState.POSTED,
)


def test_E24_what_is_to_be_moved_away_counts_as_gone_but_not_yet_as_arrived() -> None:
    planned = moved("t-1", DocumentState.PLANNED, QT, SELLABLE)
    posted = moved("t-2", DocumentState.POSTED, QT, SELLABLE)
    abandoned = moved("t-3", DocumentState.ABANDONED, QT, SELLABLE)
    units = balance([RECEIVED, planned, posted, abandoned])
    assert (units["P1", QT, "QT"], units["P1", SELLABLE, "01"]) == (0, 1)
    out = DocumentLine(line_id="", sku="P1", quantity=1, was=SELLABLE, disposition=Disposition.DISPOSED)
    thrown = record("t-4", DocumentKind.REMOVAL, "01", out, DocumentState.POSTED)
    assert balance([RECEIVED, posted, thrown])["P1", SELLABLE, "01"] == 0


def test_E24_dispositions_that_share_a_depot_are_told_apart() -> None:
    mappings = Mappings.model_validate(
        {
            "locations": {"L": {"sellable": "01", "back": "QT"}},
            "stock_actions": {
                "SELLABLE": {"document": "receipt", "bucket": "sellable"},
                "DAMAGED": {"document": "receipt", "bucket": "back"},
                "QUARANTINE": {"document": "receipt", "bucket": "back"},
                "RETURN_TO_CUSTOMER": {"document": "receipt", "bucket": "back"},
                "DISPOSED": {"document": "none"},
                "MISSING": {"document": "none"},
            },
            "reasons": {"changed_mind": "CM"},
            "return_types": {},
            "credit_statuses": {},
            "tax_codes": {"20.00": "20.00"},
        }
    )

    def refusal(was: Disposition, now: Disposition, quantity: int = 2) -> str:
        units = [RegradedUnits(sku="P1", quantity=quantity, was=was, now=now)]
        return regrade_refusal([RECEIVED], mappings, Regrade(regrade_id="r", location="L", units=units))

    assert refusal(QT, DAMAGED) == ""
    assert refusal(QT, SELLABLE) == ""
    assert "only 0 of it is booked in depot QT" in refusal(DAMAGED, SELLABLE)
    assert "only 2 of it" in refusal(QT, DAMAGED, 3)
