"""One return: its refunds against its credit notes (R78, R81, N3)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from domain.model import Value
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import Difference, Matched, Placed
from domain.reconciliation.facts import Agreed, CaseFact, NoteFact, RefundFact
from domain.reconciliation.stock import stock_difference
from domain.reconciliation.telling import Telling


class Pair(Value):
    """A refund with the notes that are its credit; none yet when there are no notes."""

    refund: RefundFact
    notes: Sequence[NoteFact]


def match_return(case: CaseFact, agreed: Agreed, now: datetime) -> Matched:
    """Everything about one return: the class of each refund and note, and the differences, in a fixed order."""
    telling = Telling(case=case, agreed=agreed, now=now)
    paid = sorted((r for r in case.refunds if r.paid), key=lambda r: (r.at, r.refund_id))
    live = sorted((n for n in case.notes if n.live), key=lambda n: (n.at, n.name))
    pairs, loose = _pairs(paid, live)
    settled = [pair.refund for pair in pairs if pair.notes]
    parts = [
        *(_judge(pair, settled, telling) for pair in pairs),
        *(_judge_loose(note, settled, telling) for note in loose),
        Matched(placed=list(_not_counted(case))),
    ]
    differences = [difference for part in parts for difference in part.differences]
    if (stock := stock_difference(case, agreed, now)) is not None:
        differences.append(stock)
    return Matched(placed=[placed for part in parts for placed in part.placed], differences=differences)


def _pairs(paid: Sequence[RefundFact], live: Sequence[NoteFact]) -> tuple[list[Pair], list[NoteFact]]:
    """Refunds with their notes: by our record first, then by the exact amount, then the only two that are left."""
    pairs: list[Pair] = []
    loose = list(live)
    for refund in paid:
        notes = [note for note in loose if _recorded(refund, note)]
        loose = [note for note in loose if note not in notes]
        pairs.append(Pair(refund=refund, notes=notes))
    for place, pair in enumerate(pairs):
        equal = [note for note in loose if not pair.notes and note.total == pair.refund.amount]
        if equal:
            loose.remove(equal[0])
            pairs[place] = Pair(refund=pair.refund, notes=equal[:1])
    alone = [place for place, pair in enumerate(pairs) if not pair.notes and not pair.refund.decision]
    strangers = [note for note in loose if not note.ours]
    if len(alone) == 1 and len(strangers) == 1:
        loose.remove(strangers[0])
        pairs[alone[0]] = Pair(refund=pairs[alone[0]].refund, notes=strangers)
    return pairs, loose


def _recorded(refund: RefundFact, note: NoteFact) -> bool:
    """Whether our record says that they belong together, or a person named the note for the refund."""
    of_ours = note.refund_id == refund.refund_id or (bool(note.key) and note.key == refund.credit_key)
    return of_ours or (bool(note.number) and refund.decision.endswith(f": {note.number}"))


def _judge(pair: Pair, settled: Sequence[RefundFact], telling: Telling) -> Matched:
    if not pair.notes:
        return _judge_uncredited(pair.refund, settled, telling)
    credited = _sum(pair.notes)
    if pair.refund.amount is None or credited is None or credited.currency != pair.refund.amount.currency:
        return _judge_apart(pair, None, telling)
    difference = pair.refund.amount - credited
    rounding = sum(note.rounding for note in pair.notes) + difference.amount
    if abs(difference.amount) <= _allowed(pair.notes):
        if rounding:
            return _placed(pair, DifferenceClass.ROUNDING, telling.rounding(pair.refund, pair.notes, rounding))
        return _placed(pair, DifferenceClass.MATCHED)
    extra = [note for note in pair.notes if note.total == -difference]
    if len(pair.notes) > 1 and extra and difference not in pair.refund.accepted:
        rest = Pair(refund=pair.refund, notes=[note for note in pair.notes if note is not extra[-1]])
        return _joined(_placed(rest, DifferenceClass.MATCHED), _credited_twice(extra[-1], telling))
    return _judge_apart(pair, difference, telling)


def _judge_apart(pair: Pair, difference: Money | None, telling: Telling) -> Matched:
    """Amounts that differ by more than rounding, or cannot be compared."""
    ended = telling.case.ended and not any(note.ours for note in pair.notes)
    if ended or pair.refund.may_differ_by(difference):
        return _placed(pair, DifferenceClass.DECIDED)
    if any(telling.in_flight(pair.refund)):
        return _placed(pair, DifferenceClass.PENDING)
    return _placed(pair, DifferenceClass.AMOUNT_MISMATCH, telling.mismatch(pair.refund, pair.notes, difference))


def _judge_uncredited(refund: RefundFact, settled: Sequence[RefundFact], telling: Telling) -> Matched:
    pair = Pair(refund=refund, notes=())
    if refund.decision or telling.case.ended:
        return _placed(pair, DifferenceClass.DECIDED)
    on_its_way = [*telling.in_flight(refund), *telling.lost(refund)]
    due = max([refund.paid_since, *(note.waits_until or note.at for note in on_its_way)])
    if telling.now - due <= telling.agreed.credit:
        return _placed(pair, DifferenceClass.PENDING)
    if settled and telling.case.units_left <= 0:
        return _placed(pair, DifferenceClass.DUPLICATE_REFUND, telling.refunded_twice(refund, settled))
    return _placed(pair, DifferenceClass.MISSING_CREDIT, telling.uncredited(refund))


def _judge_loose(note: NoteFact, settled: Sequence[RefundFact], telling: Telling) -> Matched:
    """A note that no paid refund explains."""
    age = telling.now - note.at
    if not note.ours and settled:
        if age <= telling.agreed.credit:
            return _placed_note(note, DifferenceClass.PENDING)
        return _credited_twice(note, telling)
    if telling.case.ended:
        return _placed_note(note, DifferenceClass.DECIDED)
    if age <= telling.agreed.refund:
        return _placed_note(note, DifferenceClass.PENDING)
    return _placed_note(note, DifferenceClass.MISSING_REFUND, telling.unpaid(note))


def _credited_twice(note: NoteFact, telling: Telling) -> Matched:
    return _placed_note(note, DifferenceClass.DUPLICATE_CREDIT, telling.credited_twice(note))


def _not_counted(case: CaseFact) -> Iterator[Placed]:
    """What the systems list and what moved no money, or moves none any more."""
    for refund in case.refunds:
        if refund.listed and not refund.paid:
            yield Placed(side="refund", item_id=refund.refund_id, kind=DifferenceClass.NOT_COUNTED)
    for note in case.notes:
        if note.listed and not note.live:
            yield Placed(side="credit", item_id=note.number, kind=DifferenceClass.NOT_COUNTED)


def _placed(pair: Pair, kind: DifferenceClass, difference: Difference | None = None) -> Matched:
    placed = [Placed(side="credit", item_id=note.number, kind=kind) for note in pair.notes if note.listed]
    if pair.refund.listed:
        placed.append(Placed(side="refund", item_id=pair.refund.refund_id, kind=kind))
    return Matched(placed=placed, differences=[difference] if difference else [])


def _placed_note(note: NoteFact, kind: DifferenceClass, difference: Difference | None = None) -> Matched:
    placed = [Placed(side="credit", item_id=note.number, kind=kind)] if note.listed else []
    return Matched(placed=placed, differences=[difference] if difference else [])


def _joined(*parts: Matched) -> Matched:
    return Matched(
        placed=[placed for part in parts for placed in part.placed],
        differences=[difference for part in parts for difference in part.differences],
    )


def _allowed(notes: Sequence[NoteFact]) -> int:
    """As for one credit: a step per rounded part, at most the cap, however many notes it is."""
    return min(sum(note.steps for note in notes), max(note.cap for note in notes))


def _sum(notes: Iterable[NoteFact]) -> Money | None:
    """What the notes come to; None when they are in several currencies."""
    totals = [note.total for note in notes]
    if len({total.currency for total in totals}) != 1:
        return None
    return Money(amount=sum(total.amount for total in totals), currency=totals[0].currency)
