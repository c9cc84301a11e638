"""What a person decided still holds when a step is only tried again: nothing is made beside what was made by hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest
from temporalio.testing import ActivityEnvironment

from activities.credit_posting import post_credit
from activities.decisions import standing_kind, verdict
from activities.edge import Edge, Link
from activities.exchange_signatures import PlaceReplacement
from activities.signatures import CreditRefund, Decision, RmaOpened
from domain.documents import CreditLine, CreditRequest, DocumentKind, Posted
from domain.exceptions import ResolutionKind
from domain.exchange import ExchangeState
from domain.ports import Erp, ErpCapabilities, ReturnsPlatform
from domain.resolution import Resolution, Role
from store import Store
from store.records import DocumentPlan, DocumentRecord, DocumentState
from tests.activities.given import AT_ONCE, NOW, REF
from tests.activities.steps import begun, environment
from tests.desk.reconciled import shop_with
from tests.returns.exchanging import replacements, shirts, swapped
from tests.world import World

RETRY, AGAIN = ResolutionKind.RETRY, ResolutionKind.EDIT_AND_RETRY
BY_HAND = ResolutionKind.DONE_BY_HAND


def decided(kind: ResolutionKind, subject: str = "", document: str = "") -> Decision:
    """A decision as a workflow passes it on."""
    resolution = Resolution(
        exception_id="x-1",
        version=1,
        kind=kind,
        role=Role.ADMIN,
        actor="tester",
        reason="as agreed",
        document=document,
        edits={"tax_code.12.5": "12.50"} if kind is AGAIN else {},
    )
    return Decision(subject=subject, resolution=resolution)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], None),
        ([RETRY], None),
        ([AGAIN, RETRY], None),
        ([BY_HAND, RETRY], BY_HAND),
        ([BY_HAND, AGAIN, RETRY], BY_HAND),
        ([BY_HAND, RETRY, ResolutionKind.CANCEL_TRACK, RETRY], ResolutionKind.CANCEL_TRACK),
    ],
)
def test_D4_trying_again_takes_no_decision_back(
    kinds: Sequence[ResolutionKind], expected: ResolutionKind | None
) -> None:
    decisions = [decided(kind, "bh-1", "CN-HAND" if kind is BY_HAND else "") for kind in kinds]
    assert standing_kind(decisions) is expected
    about = verdict(decisions, "bh-1")
    assert (about.kind if about else None) is expected
    assert verdict(decisions, "bh-2") is None


@dataclass
class Ledger:
    """An ERP that posts every note it is asked for."""

    capabilities: ErpCapabilities = AT_ONCE
    asked: list[CreditRequest] = field(default_factory=list)

    async def post_credit(self, request: CreditRequest) -> Posted:
        self.asked.append(request)
        return Posted(number=f"CN-{len(self.asked)}", total=request.total)


RMA = RmaOpened(
    number="RMA-1", order_number="ORD-1", standalone=False, lines=[], snapshot_hash="hash", opened_at=NOW, deadline=NOW
)


async def planned(store: Store) -> DocumentRecord:
    """A note that is about to be posted."""
    body = CreditRequest(
        key="bh-1",
        order_number="ORD-1",
        invoice_number="INV-1",
        rma_number="RMA-1",
        currency="GBP",
        tax_inclusive=True,
        credited_on=NOW.date(),
        lines=[CreditLine(order_line_id="1", rma_line_no=1, sku="SHIRT", quantity=1, unit_primary=3000, tax=500)],
        total=3000,
    )
    plan = DocumentPlan(
        key=body.key,
        ref=REF,
        kind=DocumentKind.CREDIT,
        order_number=body.order_number,
        total=body.total,
        currency=body.currency,
        request=body.model_dump(mode="json"),
    )
    async with store.begin() as unit:
        return await unit.documents.plan(plan, NOW)


@pytest.mark.parametrize("retried", ["", "bh-1"])
async def test_E42_N2_a_note_made_by_hand_gets_no_second_one_when_the_step_is_tried_again(
    store: Store, retried: str
) -> None:
    ledger, record = Ledger(), await planned(store)
    link = Link(shop_with(store).connection, cast(ReturnsPlatform, None), cast(Erp, ledger))
    decisions = [decided(BY_HAND, document="CN-HAND"), decided(RETRY, retried)]
    request = CreditRefund(ref=REF, rma=RMA, refund=None, accepted=[], outstanding=False, number=1, decisions=decisions)
    note = await ActivityEnvironment().run(post_credit, Edge(store, lambda: NOW), link, request, record)
    assert (note.number, note.state) == ("CN-HAND", DocumentState.BY_HAND)
    assert ledger.asked == []


async def test_R76_an_rma_made_by_hand_gets_no_second_one_when_the_step_is_tried_again(world: World) -> None:
    steps = await begun(world, swapped(world, shirts(world), status="incomplete"))
    opened = await steps.open_rma(
        decisions=[decided(ResolutionKind.LINK_EXISTING, document="R-HAND-8"), decided(RETRY)]
    )
    assert opened.number == "R-HAND-8"
    assert world.rmas(steps.ref) == []


@pytest.mark.parametrize(
    ("kind", "document", "state"),
    [
        (BY_HAND, "O-HAND-8", ExchangeState.ORDERED),
        (ResolutionKind.CONVERT_TO_REFUND, "", ExchangeState.CONVERTED_TO_REFUND),
    ],
)
async def test_R76_a_replacement_that_was_decided_is_not_ordered_when_the_step_is_tried_again(
    world: World, kind: ResolutionKind, document: str, state: ExchangeState
) -> None:
    steps = await begun(world, swapped(world, shirts(world), status="incomplete"))
    request = PlaceReplacement(
        ref=steps.ref,
        rma=await steps.open_rma(),
        wish=steps.platform.exchanges[0],
        units=1,
        number=1,
        alone=True,
        decisions=[decided(kind, document=document), decided(RETRY)],
    )
    placed = await environment().run(steps.erp.place_replacement, request)
    assert (placed.state, placed.order_number) == (state, document)
    assert replacements(world, steps.ref) == []
