"""What ReturnGO still has to be told about an inspection: our totals less what it has validated. Pure."""

from collections.abc import Iterator, Sequence

from adapters.returngo import contract
from adapters.returngo.contract import WireDecision, WireItem, WireReturn
from adapters.returngo.items import (
    exchange_first,
    group_items,
    is_accepted,
    is_inspected,
    is_kept,
    is_rejected,
    is_unsellable,
)
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from domain.returns import LineDecision


def missing_entries(wire: WireReturn, decisions: Sequence[LineDecision]) -> list[WireDecision]:
    """Items still to be validated so that the return shows these totals; none when it does already.

    What is validated stays as it is. Accepted units go to the items with a wanted exchange first, rejected ones to
    the last items of a line (E57). Kept lines take no inspection (U31). Rejected(STATUS_DRIFT) when ReturnGO has
    validated more than we have, does not have the line, or has too few open items left.
    """
    if len({decision.line_id for decision in decisions}) != len(decisions):
        raise ValueError("each line may have one decision: totals are never added up here")
    lines = group_items(wire.items)
    return [entry for decision in decisions for entry in _line_entries(lines.get(decision.line_id, []), decision)]


def describe(wire: WireReturn, decisions: Sequence[LineDecision]) -> str:
    """Both sides of every line in figures, for the person who must decide."""
    lines = group_items(wire.items)
    return "; ".join(_figures(lines.get(decision.line_id, []), decision) for decision in decisions)


def _line_entries(line: Sequence[WireItem], decision: LineDecision) -> Iterator[WireDecision]:
    if line and is_kept(line[0]):
        return
    accept = decision.accepted - sum(is_accepted(item) for item in line)
    reject = decision.rejected - sum(is_rejected(item) for item in line)
    still_open = [item for item in exchange_first(line) if not is_inspected(item)]
    if accept < 0 or reject < 0 or accept + reject > len(still_open):
        raise Rejected(ExceptionCode.STATUS_DRIFT, f"ReturnGO has decided otherwise: {_figures(line, decision)}")
    unsellable = decision.unsellable - sum(is_unsellable(item) for item in line)
    for n, item in enumerate(still_open[:accept]):
        yield _accepted(item, restockable=n >= unsellable)
    for item in still_open[len(still_open) - reject :]:
        yield _rejected(item, decision.reject_reason)


def _accepted(item: WireItem, *, restockable: bool) -> WireDecision:
    return WireDecision(
        returnedItemId=item.returnedItemId,
        isReturned=True,
        isRestockable=restockable,
        nonRestockableReason=None if restockable else contract.NOT_RESTOCKABLE_REASON,
    )


def _rejected(item: WireItem, words: str) -> WireDecision:
    return WireDecision(
        returnedItemId=item.returnedItemId,
        isReturned=False,
        isRestockable=False,
        nonReturnedReason=words.strip()[: contract.REASON_LIMIT] or contract.NOT_RETURNED_REASON,
    )


def _figures(line: Sequence[WireItem], decision: LineDecision) -> str:
    if not line:
        return f"line {decision.line_id}: ReturnGO does not have it"
    accepted, rejected = sum(is_accepted(item) for item in line), sum(is_rejected(item) for item in line)
    return (
        f"line {decision.line_id}: ReturnGO {accepted} accepted, {rejected} rejected of {len(line)};"
        f" we {decision.accepted} accepted, {decision.rejected} rejected"
    )
