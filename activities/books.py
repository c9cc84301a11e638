"""What is known of an order and of a return while a refund is valued: all of it read under the order's lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from activities.edge import Link
from activities.exchange_units import free_unwished
from activities.signatures import CreditRefund
from domain.documents import CreditRequest, DocumentKind
from domain.keys import Step, business_key
from domain.order import OrderSnapshot
from domain.returns import RefundState
from domain.settlement import OrderBalance
from domain.slots import OrderValue, value_order
from store.errors import UnknownReturn
from store.exchange_records import ExchangeRecord
from store.records import DocumentRecord, RefundRecord, ReturnRecord
from store.slot_records import OrderLedger, SlotClaim
from store.unit import Unit


@dataclass(frozen=True)
class LooseNote:
    """A credit note of ours that no paid refund stands behind: its refund is still to come, or has failed (E43)."""

    record: DocumentRecord
    request: CreditRequest

    @property
    def total(self) -> int:
        """What the ERP made of it, in minor units."""
        return self.request.total if self.record.total is None else self.record.total


@dataclass(frozen=True)
class Books:
    """`claims`: all credited units of the order; `held`: this return's own; `exchanges`: number → replacement."""

    snapshot: OrderSnapshot
    value: OrderValue
    record: ReturnRecord
    held: Sequence[SlotClaim]
    claims: Sequence[SlotClaim]
    totals: OrderLedger
    first_credit: bool
    exchanges: Mapping[int, ExchangeRecord] = field(default_factory=dict)
    loose: Sequence[LooseNote] = ()

    @property
    def free(self) -> dict[str, tuple[int, ...]]:
        """Units that this return holds and that neither a credit nor a replacement stands for."""
        return by_line([claim for claim in self.held if claim.credit_key is None and claim.exchange_key is None])

    @property
    def balance(self) -> OrderBalance:
        """The order's live credits against its limits."""
        return OrderBalance(
            order_total=self.snapshot.total,
            captured=self.snapshot.captured,
            credited=self.totals.total,
            rounding=self.totals.rounding,
        )


async def read_books(unit: Unit, link: Link, request: CreditRefund) -> Books:
    """Everything about the order, under its lock: what is decided from it cannot be overtaken."""
    name, order = link.connection.books, request.rma.order_number
    totals = await unit.ledger.totals(name, order)
    snapshot = await unit.snapshots.get(name, order)
    record = await unit.returns.get(request.ref)
    if snapshot is None or record is None:
        raise UnknownReturn(f"return {request.ref} has no frozen order {order}: its RMA step never finished")
    await free_unwished(unit, name, request, record.exchanges)
    documents = await unit.documents.for_return(request.ref)
    own = [d for d in documents if d.kind is DocumentKind.CREDIT and d.state.in_erp]
    refunds = await unit.returns.refunds(request.ref)
    begun = await unit.exchanges.for_return(request.ref)
    keys = {business_key(request.ref, Step.EXCHANGE, share.number): share.number for share in request.exchanges}
    return Books(
        snapshot=snapshot,
        value=value_order(snapshot),
        record=record,
        held=await unit.slots.held(name, order, request.ref),
        claims=await unit.slots.credited(name, order),
        totals=totals,
        first_credit=not own,
        exchanges={keys[exchange.key]: exchange for exchange in begun if exchange.key in keys},
        loose=() if record.finance_closed else loose_notes(own, refunds),
    )


def loose_notes(notes: Sequence[DocumentRecord], refunds: Sequence[RefundRecord]) -> list[LooseNote]:
    """Notes whose refund is still to come or failed, and about which nobody has decided; the oldest first."""
    settled = [refund for refund in refunds if refund.state is RefundState.PAID or refund.decision]
    answered = {refund.refund_id for refund in settled} | {refund.credit_key for refund in settled}
    return [
        LooseNote(note, CreditRequest.model_validate(note.request))
        for note in notes
        if not {note.refund_id, note.key} & answered
    ]


def by_line(claims: Sequence[SlotClaim]) -> dict[str, tuple[int, ...]]:
    """Order line → slot numbers, rising."""
    lines: dict[str, tuple[int, ...]] = {}
    for claim in sorted(claims, key=lambda c: (c.line_id, c.slot_no)):
        lines[claim.line_id] = (*lines.get(claim.line_id, ()), claim.slot_no)
    return lines
