"""The stock documents of one parcel: each of its units stays in the document that it was planned in (N2, E66).

What the ERP refused is surely not there, so it is planned anew with the depot of now. Everything else may be there.
"""

from collections.abc import Callable, Sequence

from activities import journal
from activities.decisions import verdict
from activities.edge import Edge
from activities.posting import settles
from activities.signatures import Decision
from domain.dispositions import Disposition
from domain.inspection import AllocatedUnits, BookedUnits
from domain.keys import Step
from domain.returns import ReturnRef
from store.records import DocumentLine, DocumentPlan, DocumentRecord, DocumentState
from store.unit import Unit

#: Makes the documents, without keys, that units need by the mappings of now.
Drafts = Callable[[Sequence[BookedUnits]], list[DocumentPlan]]


async def documents_of(unit: Unit, ref: ReturnRef, inspection_id: str) -> list[DocumentRecord]:
    """What was planned for the parcel's units of return lines. Nobody else plans for the return meanwhile."""
    await unit.documents.take_turns(ref)
    return [d for d in await unit.documents.for_return(ref) if is_parcels(d, inspection_id)]


def is_parcels(document: DocumentRecord, inspection_id: str) -> bool:
    """Whether it brings units of return lines from this parcel into stock; its surplus has documents of their own."""
    return document.inspection_id == inspection_id and journal.is_of(document, Step.GOODS)


def as_planned(
    found: Sequence[AllocatedUnits], mapped: Sequence[Disposition | None], documents: Sequence[DocumentRecord]
) -> list[Disposition | None]:
    """The disposition that each of the units has in the documents; None for units that are in none of them.

    mapped: what the mappings of now make of the units. It tells units apart that are otherwise equal
    """
    left = [line for document in documents for line in document.lines]
    kept: list[Disposition | None] = [None] * len(found)
    for exactly in (True, False):
        for place, (units, now) in enumerate(zip(found, mapped, strict=True)):
            of_these = (line for line in left if _is_for(line, units) and (line.disposition is now or not exactly))
            if kept[place] is None and (line := next(of_these, None)) is not None:
                kept[place] = line.disposition
                left.remove(line)
    return kept


def _is_for(line: DocumentLine, units: AllocatedUnits) -> bool:
    return (line.line_id, line.sku, line.quantity) == (units.line_id, units.sku, units.quantity)


async def plan_parcel(
    edge: Edge,
    unit: Unit,
    documents: Sequence[DocumentRecord],
    fresh: Sequence[BookedUnits],
    drafts: Drafts,
    decisions: Sequence[Decision],
) -> list[DocumentRecord]:
    """All documents of the parcel: those that it has, and one more for `fresh` units, which are in none yet."""
    planned: list[DocumentRecord] = []
    for document in documents:
        open_still = document.state is DocumentState.REFUSED and not settles(verdict(decisions, document.key))
        planned += await _plan_again(edge, unit, document, drafts) if open_still else [document]
    return planned + [await journal.plan_new(edge, unit, draft, Step.GOODS) for draft in drafts(fresh)]


async def _plan_again(edge: Edge, unit: Unit, refused: DocumentRecord, drafts: Drafts) -> list[DocumentRecord]:
    """The units of a refused document. Those that belong somewhere else by now leave it for one of their own."""
    units = [BookedUnits.model_validate(line.model_dump()) for line in refused.lines]
    now, wanted = edge.clock(), drafts(units)
    if not wanted:
        reason = "these units enter no depot by the mappings of now"
        return [await unit.documents.mark(refused.key, DocumentState.ABANDONED, reason=reason, now=now)]
    again = await unit.documents.replan(journal.keyed(wanted[0], refused.key), now)
    return [again, *[await journal.plan_new(edge, unit, draft, Step.GOODS) for draft in wanted[1:]]]
