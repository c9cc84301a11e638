"""What a person sees of an exception is enough to decide it."""

from typing import Any

import pytest
from pydantic import ValidationError

from desk.decisions_form import Choice
from desk.groups import read_groups, read_members
from desk.queue import QueueItem, queue_counts, read_item, read_queue, temporal_url
from domain.catalogue import CATALOGUE
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.money import Money
from domain.resolution import Resolution, Role
from domain.triage import CauseClass
from store import Store
from store.queue_records import QueueFilter
from tests.desk.given import FIGURES, NOW, hours, later, opened, returned


async def item_of(store: Store, code: ExceptionCode, **given: Any) -> QueueItem:
    await opened(store, code, **given)
    item = await read_item(store, "ex-1", later(hours(5)))
    assert item is not None
    return item


async def test_R67_every_field_of_every_item_is_filled(store: Store) -> None:
    await returned(store)
    for number, code in enumerate(ExceptionCode):
        await opened(store, code, f"ex-{number}", minutes=number, waits=True)
    items = (await read_queue(store, QueueFilter(), later(hours(5)), limit=100)).items
    assert {item.code for item in items} == set(ExceptionCode)
    for item in items:
        entry = CATALOGUE[ExceptionCode(item.code)]
        assert (item.owner, item.title, item.explanation) == (entry.owner, entry.title, entry.explanation)
        assert item.reason == "it stopped here"
        assert item.age_seconds > hours(3) * 60
        assert item.amount is not None
        assert item.units
        assert item.payload == FIGURES.get(entry.code, {})
        assert (item.steps, item.runbook) == (entry.steps, f"runbooks/{item.code}")
        assert [choice.kind for choice in item.choices] == list(entry.resolutions)
        links = item.links
        assert (links.connection, links.return_id, links.workflow_id) == ("uk", "r-1", "return/uk/r-1")
        assert (links.order_number, links.rma_number, links.tracking_number) == ("O-1", "R-1", "T-1")
        assert {document.number for document in links.documents} == {"R-1", "CN-1"}


async def test_R67_pages_go_on_where_the_last_one_ended(store: Store) -> None:
    for number in range(5):
        await opened(store, name=f"ex-{number}", minutes=number)
    first = await read_queue(store, QueueFilter(), NOW, limit=3)
    second = await read_queue(store, QueueFilter(), NOW, after=first.next, limit=3)
    assert [item.id for item in (*first.items, *second.items)] == [f"ex-{number}" for number in range(5)]
    assert (first.next, second.next) == ("ex-2", None)
    exactly = await read_queue(store, QueueFilter(), NOW, limit=5)
    assert exactly.next is None


async def test_R67_what_an_exception_does_not_name_is_all_of_its_return(store: Store) -> None:
    await returned(store)
    whole = await item_of(store, ExceptionCode.ORDER_LOCKED)
    assert (whole.amount, whole.units, whole.whole_return) == (Money(amount=2000, currency="GBP"), 3, True)
    own = Money(amount=700, currency="GBP")
    await opened(store, ExceptionCode.UNEXPECTED_SKU, "ex-2", amount=own)
    named = await read_item(store, "ex-2", NOW)
    assert named is not None
    assert (named.amount, named.units, named.whole_return) == (own, 3, False)


async def test_R67_trouble_of_a_connection_has_no_return_and_closes_by_itself(store: Store) -> None:
    async with store.begin() as unit:
        made = await unit.exceptions.open_for_connection("uk", ExceptionCode.CONNECTION_DOWN, "no answer", NOW)
    item = await read_item(store, made.id, NOW)
    assert item is not None
    assert (item.links.connection, item.links.return_id, item.links.workflow_id) == ("uk", "", "")
    assert (item.choices, item.amount, item.units) == ((), None, None)
    assert await read_item(store, "nothing", NOW) is None


async def test_R67_the_queue_is_counted_by_owner(store: Store) -> None:
    await opened(store, name="a", amount=Money(amount=700, currency="GBP"))
    await opened(store, name="b", amount=Money(amount=1, currency="GBP"), minutes=10)
    await opened(store, ExceptionCode.REASON_UNMAPPED, "c")
    async with store.begin() as unit:
        await unit.exceptions.escalate("a", 1, "the lead of finance", NOW)
    counts = await queue_counts(store, later(30))
    finance = counts.of(Owner.FINANCE)
    assert finance is not None
    assert (finance.count, finance.escalated, finance.oldest_seconds) == (2, 1, 1800)
    assert finance.sums == [Money(amount=701, currency="GBP")]
    assert (counts.count, counts.escalated, counts.of(Owner.CX)) == (3, 1, None)


# --- what helps to decide


async def test_N4_a_refund_mismatch_shows_its_likely_causes_in_order(store: Store) -> None:
    item = await item_of(store, ExceptionCode.REFUND_MISMATCH)
    assert item.hypotheses == (
        "shipping included: 5.00 more",
        "list price, all discounts ignored: 4.00 more, 1.00 unexplained",
    )
    other = await opened(store, ExceptionCode.LOST_PARCEL, "ex-2")
    shown = await read_item(store, other.id, NOW)
    assert shown is not None
    assert shown.hypotheses == ()


@pytest.mark.parametrize(
    ("figures", "code", "cause"),
    [
        ({"document": "d", "vendor_code": "NOCUST"}, "NOCUST", CauseClass.RULE_OF_THE_ERP),
        ({"credit_note": "CN-9", "erp_total": "19.00", "our_total": "20.00"}, "", CauseClass.OTHER_AMOUNT),
        ({"credit_note": "CN-9"}, "", CauseClass.EXISTS_ALREADY),
        ({"charge": "fee", "vendor_code": "CHARGE"}, "CHARGE", CauseClass.MISSING_TARGET),
        ({"fields": "Postcode", "vendor_code": "E101"}, "E101", CauseClass.INCOMPLETE),
        ({}, "", CauseClass.NOTHING_LEFT),
    ],
)
async def test_R73_a_rejected_credit_shows_the_erps_words_the_class_and_the_runbook(
    store: Store, figures: dict[str, object], code: str, cause: CauseClass
) -> None:
    item = await item_of(store, ExceptionCode.CREDIT_REJECTED, figures=figures)
    assert item.refusal is not None
    assert (item.refusal.code, item.refusal.message, item.refusal.cause) == (code, "it stopped here", cause)
    assert item.refusal.text.endswith(".")
    assert (item.runbook, len(item.steps)) == ("runbooks/CREDIT_REJECTED", 2)


async def test_R73_every_refusal_of_an_erp_has_its_class(store: Store) -> None:
    for number, (code, cause) in enumerate(
        {
            ExceptionCode.PERIOD_CLOSED: CauseClass.CLOSED_PERIOD,
            ExceptionCode.NOTHING_TO_APPLY: CauseClass.NO_OPEN_INVOICE,
            ExceptionCode.STOCK_REJECTED: CauseClass.RULE_OF_THE_ERP,
            ExceptionCode.RMA_REJECTED: CauseClass.RULE_OF_THE_ERP,
        }.items()
    ):
        await opened(store, code, f"no-{number}")
        item = await read_item(store, f"no-{number}", NOW)
        assert item is not None
        assert item.refusal is not None
        assert item.refusal.cause is cause


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://localhost:8233", "http://localhost:8233/namespaces/back%2Fhaul/workflows/return%2Fuk%2Fr-1"),
        ("https://temporal.example/", "https://temporal.example/namespaces/back%2Fhaul/workflows/return%2Fuk%2Fr-1"),
        ("", ""),
    ],
)
def test_R67_the_temporal_ui_is_one_click_away(base: str, url: str) -> None:
    assert temporal_url(base, "back/haul", "return/uk/r-1") == url
    assert temporal_url(base, "back/haul", "") == ""


# --- decisions with their forms


def filled(item: QueueItem, choice: Choice, **less: object) -> Resolution:
    """The decision as its form would send it, with just what the form asks for."""
    values = {"share": "50", "credited_on": "2026-03-01"}
    edits = {(f"{field.name}X" if field.open else field.name): values.get(field.name, "X") for field in choice.edits}
    given = {
        "reason": "because" if choice.needs_reason else "",
        "document": "D-1" if choice.needs_document else "",
        "edits": edits,
        **less,
    }
    return Resolution.model_validate(
        {
            "exception_id": item.id,
            "version": item.version,
            "kind": choice.kind,
            "role": Role(choice.owner.value),
            "actor": "u",
            **given,
        }
    )


async def test_R69_every_decision_of_every_code_has_a_form_that_asks_for_all_it_needs(store: Store) -> None:
    for number, code in enumerate(ExceptionCode):
        await opened(store, code, f"ex-{number}")
    for item in (await read_queue(store, QueueFilter(), NOW, limit=100)).items:
        for choice in item.choices:
            assert filled(item, choice).kind is choice.kind
            assert choice.title and choice.meaning
            assert choice.allowed_to(Role.ADMIN) and choice.allowed_to(Role(choice.owner.value))
            assert bool(choice.edits) == (choice.kind in (ResolutionKind.EDIT_AND_RETRY, ResolutionKind.SUBSTITUTE_SKU))
            for needed, name in ((choice.needs_reason, "reason"), (choice.needs_document, "document")):
                if needed:
                    with pytest.raises(ValidationError, match="needs"):
                        filled(item, choice, **{name: ""})


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("LOCATION_UNMAPPED", ["location"]),
        ("DISPOSITION_UNMAPPED", ["disposition.Z"]),
        ("REASON_UNMAPPED", ["reason.too_ugly"]),
        ("TAX_CODE_UNMAPPED", ["tax_code.17.50"]),
        ("SKU_NOT_IN_MASTER", ["sku.P1", "sku.P2"]),
        ("VALIDATION_QTY", ["sku.OLD"]),
        ("PERIOD_CLOSED", ["credited_on"]),
        ("DAMAGED_DECISION", ["share"]),
        ("UNEXPECTED_SKU", ["sku.P8", "sku.P9"]),
        ("RMA_REJECTED", ["sku.", "reason."]),
    ],
)
async def test_R69_a_correction_names_the_very_input_that_was_wrong(store: Store, code: str, names: list[str]) -> None:
    item = await item_of(store, ExceptionCode(code))
    [edit] = [choice for choice in item.choices if choice.kind is ResolutionKind.EDIT_AND_RETRY]
    assert [field.name for field in edit.edits] == names
    assert all(field.wrong in (*item.payload.values(), *"P1 P2 P8 P9".split(), "") for field in edit.edits)


async def test_R110_money_is_finances_decision_in_the_form_too(store: Store) -> None:
    item = await item_of(store, ExceptionCode.LOST_PARCEL)
    owners = {choice.kind: choice.owner for choice in item.choices}
    assert owners[ResolutionKind.ACCEPT_ORDER_AMOUNT] is Owner.FINANCE
    assert owners[ResolutionKind.WRITE_OFF] is Owner.CX


# --- by root cause


async def test_R72_one_cause_is_one_group_and_its_members_are_read_in_pages(store: Store) -> None:
    for number in range(4):
        figures: dict[str, object] = {"skus": "P1"}
        await opened(store, ExceptionCode.SKU_NOT_IN_MASTER, f"s-{number}", figures=figures)
    await opened(store, ExceptionCode.REASON_UNMAPPED, "other", minutes=5)
    found = await read_groups(store, QueueFilter(), later(60))
    first, second = found.groups
    assert (first.wrong, first.count, first.title) == ("SKU P1", 4, "SKU is not in the item master")
    assert (second.wrong, second.count, second.age_seconds) == ("reason too_ugly", 1, 55 * 60)
    assert found.complete
    assert not (await read_groups(store, QueueFilter(), NOW, limit=1)).complete
    page = await read_queue(store, QueueFilter(cause=first.id), NOW, limit=3)
    assert ([item.id for item in page.items], page.next) == (["s-0", "s-1", "s-2"], "s-2")
    assert [item.id for item in await read_members(store, first.id, NOW)] == ["s-0", "s-1", "s-2", "s-3"]
    assert await read_members(store, "g-nothing", NOW) == []
