"""What Reveni still has to be told about an inspection: our totals less what it has decided. Pure."""

from collections.abc import Iterator, Sequence

from adapters.reveni import contract
from adapters.reveni.contract import WireDecision, WireItem, WireReturn
from adapters.reveni.mapping import group_items, units
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from domain.returns import LineDecision


def missing_entries(wire: WireReturn, decisions: Sequence[LineDecision]) -> list[WireDecision]:
    """Entries of the inspection call that bring the return up to these totals; none when it is there already.

    Units go to the undecided items of a line in their order, accepted ones first. Rejected(STATUS_DRIFT) when
    Reveni has decided more than we have, does not have the line, or has too few undecided units left.
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
    accept = decision.accepted - units(items, contract.ITEM_ACCEPTED)
    reject = decision.rejected - units(items, contract.ITEM_REJECTED)
    undecided = [item for item in items if item.status in contract.ITEM_UNDECIDED]
    if accept < 0 or reject < 0 or accept + reject > sum(item.quantity for item in undecided):
        raise Rejected(ExceptionCode.STATUS_DRIFT, f"Reveni has decided otherwise: {_figures(items, decision)}")
    return list(_spread(undecided, accept, reject, decision.reject_reason))


def _spread(items: Sequence[WireItem], accept: int, reject: int, words: str) -> Iterator[WireDecision]:
    reason, text = reject_reason(words)
    for item in items:
        take = min(accept, item.quantity)
        if take:
            yield WireDecision(item_id=item.id, quantity=take, status=contract.ITEM_ACCEPTED)
        refuse = min(reject, item.quantity - take)
        if refuse:
            yield WireDecision(
                item_id=item.id,
                quantity=refuse,
                status=contract.ITEM_REJECTED,
                reject_reason=reason,
                reject_reason_text=text,
            )
        accept, reject = accept - take, reject - refuse


def _figures(items: Sequence[WireItem], decision: LineDecision) -> str:
    if not items:
        return f"line {decision.line_id}: Reveni does not have it"
    accepted, rejected = units(items, contract.ITEM_ACCEPTED), units(items, contract.ITEM_REJECTED)
    total = sum(item.quantity for item in items)
    return (
        f"line {decision.line_id}: Reveni {accepted} accepted, {rejected} rejected of {total};"
        f" we {decision.accepted} accepted, {decision.rejected} rejected"
    )
