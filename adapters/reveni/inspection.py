"""What Reveni still has to be told about an inspection: our totals less what it has decided. Pure."""

from collections.abc import Iterator, Sequence

from adapters.reveni import contract
from adapters.reveni.contract import WireDecision, WireItem, WireReturn
from adapters.reveni.items import exchange_first, group_items, units
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from domain.returns import LineDecision


def missing_entries(wire: WireReturn, decisions: Sequence[LineDecision]) -> list[WireDecision]:
    """Entries of the inspection call that bring the return up to these totals; none when it is there already.

    Accepted units go to the items with a wanted exchange first, rejected ones to the last items of a line (E57).
    Kept lines take no inspection (U31). Rejected(STATUS_DRIFT) when Reveni has decided more than we have, does not
    have the line, or has too few undecided units left.
    """
    if len({decision.line_id for decision in decisions}) != len(decisions):
        raise ValueError("each line may have one decision: totals are never added up here")
    lines = group_items(wire.return_items)
    return [entry for decision in decisions for entry in _line_entries(lines.get(decision.line_id, []), decision)]


def describe(wire: WireReturn, decisions: Sequence[LineDecision]) -> str:
    """Both sides of every line in figures, for the person who must decide."""
    lines = group_items(wire.return_items)
    return "; ".join(_figures(lines.get(decision.line_id, []), decision) for decision in decisions)


def reject_reason(words: str) -> tuple[str, str | None]:
    """Reveni's reason and, where ours has no word there, our own words as its text."""
    slug = words.strip().lower().replace(" ", "_").replace("-", "_")
    if slug in contract.REJECT_REASONS:
        return slug, None
    return contract.REJECT_REASON_DEFAULT, words.strip()[: contract.REJECT_TEXT_LIMIT] or None


def _line_entries(items: list[WireItem], decision: LineDecision) -> list[WireDecision]:
    if items and items[0].keep_item:
        return []
    accept = decision.accepted - units(items, contract.ITEM_ACCEPTED)
    reject = decision.rejected - units(items, contract.ITEM_REJECTED)
    undecided = [item for item in exchange_first(items) if item.status in contract.ITEM_UNDECIDED]
    if accept < 0 or reject < 0 or accept + reject > sum(item.quantity for item in undecided):
        raise Rejected(ExceptionCode.STATUS_DRIFT, f"Reveni has decided otherwise: {_figures(items, decision)}")
    return list(_spread(undecided, accept, reject, decision.reject_reason))


def _spread(items: Sequence[WireItem], accept: int, reject: int, words: str) -> Iterator[WireDecision]:
    """Accepted units from the front, rejected ones from the back; what is undecided stays between them."""
    left = {}
    for item in items:
        taken = min(accept, item.quantity)
        accept, left[item.id] = accept - taken, item.quantity - taken
        if taken:
            yield WireDecision(item_id=item.id, quantity=taken, status=contract.ITEM_ACCEPTED)
    reason, text = reject_reason(words)
    for item in reversed(items):
        taken = min(reject, left[item.id])
        reject -= taken
        if taken:
            yield WireDecision(
                item_id=item.id,
                quantity=taken,
                status=contract.ITEM_REJECTED,
                reject_reason=reason,
                reject_reason_text=text,
            )


def _figures(items: Sequence[WireItem], decision: LineDecision) -> str:
    if not items:
        return f"line {decision.line_id}: Reveni does not have it"
    accepted, rejected = units(items, contract.ITEM_ACCEPTED), units(items, contract.ITEM_REJECTED)
    total = sum(item.quantity for item in items)
    return (
        f"line {decision.line_id}: Reveni {accepted} accepted, {rejected} rejected of {total};"
        f" we {decision.accepted} accepted, {decision.rejected} rejected"
    )
