"""Comparing what belongs to no return: refunds made elsewhere, payout lines, notes of somebody else (R52, R79, R80)."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from activities.reconcile_raising import tell
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import Difference, Matched, Placed
from domain.reconciliation.facts import Agreed, LooseCredit, LooseRefund, PayoutFact
from domain.reconciliation.loose import match_loose_credit, match_loose_refund, match_payout
from domain.returns import RefundState
from store.reconciliation_owners import OurNote
from store.reconciliation_records import RunItem, RunRecord
from store.unit import Unit

#: Items that are compared in one transaction.
PAGE = 500
#: Where a page ended, None at the end, and how many items it had.
Ended: TypeAlias = tuple[str | None, int]


async def keep(unit: Unit, run: RunRecord, matched: Sequence[Matched], now: datetime) -> None:
    """Write down classes and differences, and raise what they call for."""
    await unit.reconciliation.place(run, [placed for one in matched for placed in one.placed])
    found = [difference for one in matched for difference in one.differences]
    await tell(unit, run, await _naming_closed_months(unit, run.connection, found), now)


async def match_refunds(unit: Unit, run: RunRecord, after: str, agreed: Agreed, now: datetime) -> Ended:
    """Refunds that no return case has (E44). Payout reports may know their order."""
    items = await unit.reconciliation.loose_after(run, "refund", after, PAGE)
    orders = await unit.payouts.orders_of(run.connection, [item.item_id for item in items])
    named = {item.item_id: item.order_number or orders.get(item.item_id, "") for item in items}
    notes = await unit.reconciliation.items_of_order(run, "credit", sorted({*named.values()} - {""}))
    facts = [
        LooseRefund(
            refund_id=item.item_id,
            state=RefundState(item.state),
            amount=item.money,
            amount_text=f"{item.amount_text} {item.currency}",
            at=item.at,
            platform_return=item.platform_return,
            order_number=named[item.item_id],
            credit=next((note.item_id for note in notes if _answers(note, item, named[item.item_id])), ""),
        )
        for item in items
    ]
    await keep(unit, run, [match_loose_refund(fact, agreed, run.started_at) for fact in facts], now)
    return (items[-1].item_id if len(items) == PAGE else None), len(items)


async def match_payouts(unit: Unit, run: RunRecord, after: str, now: datetime) -> Ended:
    """Lines of payout reports that were paid in the days of the run."""
    lines = await unit.payouts.after(run, after, PAGE)
    known = await unit.payouts.counterparts(run, lines)
    told = []
    for line in lines:
        fact = PayoutFact(
            line=line.id,
            refund_id=line.refund_id,
            order_number=line.order_number,
            amount=line.amount,
            paid_at=line.paid_at,
        )
        if (difference := match_payout(fact, known[line.id])) is not None:
            told.append(difference)
    await keep(unit, run, [Matched(differences=told)], now)
    return (lines[-1].id if len(lines) == PAGE else None), len(lines)


async def match_notes(
    unit: Unit, run: RunRecord, after: str, sharing: Sequence[str], agreed: Agreed, now: datetime
) -> Ended:
    """Notes that no return of the connection has. `sharing`: the connections that have the same books."""
    items = await unit.reconciliation.loose_after(run, "credit", after, PAGE)
    linked = await unit.differences.linked(sharing, [item.item_id for item in items])
    same = await unit.reconciliation.same_as_ours(run, sharing, items)
    matched = []
    for item in items:
        if item.item_id in linked and item.state != "reversed":
            decided = Placed(side="credit", item_id=item.item_id, kind=DifferenceClass.DECIDED)
            matched.append(Matched(placed=[decided]))
        else:
            fact = _loose_credit(run, item, same.get(item.item_id))
            matched.append(match_loose_credit(fact, run.tells, agreed, run.started_at))
    await keep(unit, run, matched, now)
    return (items[-1].item_id if len(items) == PAGE else None), len(items)


async def _naming_closed_months(unit: Unit, connection: str, found: Sequence[Difference]) -> list[Difference]:
    """Whoever is asked to act on a difference must know that its month is closed already (R84)."""
    closed = await unit.periods.closed_of(connection, {f"{one.at:%Y-%m}" for one in found}) if found else set()
    return [
        one.model_copy(update={"text": f"{one.text}; {month} is closed already"})
        if one.kind.serious and (month := f"{one.at:%Y-%m}") in closed
        else one
        for one in found
    ]


def _loose_credit(run: RunRecord, item: RunItem, same: OurNote | None) -> LooseCredit:
    total = item.money
    assert total is not None, "an ERP lists its notes in minor units"
    is_own = same is not None and same.connection == run.connection
    return LooseCredit(
        number=item.item_id,
        order_number=item.order_number,
        total=total,
        at=item.at,
        reversed=item.state == "reversed",
        connection=item.owner or (same.connection if same is not None and not is_own else ""),
        repeats=same.number if same is not None and is_own else "",
        return_id=same.return_id if same is not None and is_own else "",
    )


def _answers(note: RunItem, refund: RunItem, order_number: str) -> bool:
    return note.order_number == order_number and note.money == refund.money and note.state != "reversed"
