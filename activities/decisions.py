"""What people decided about a step, as the step's own code reads it."""

from collections.abc import Sequence

from activities.signatures import Decision
from domain.exceptions import ResolutionKind
from domain.resolution import NEEDS_DOCUMENT, Resolution

#: They have the step tried again, and say nothing about the matter: what was decided before them still holds.
_TRY_AGAIN = (ResolutionKind.RETRY, ResolutionKind.EDIT_AND_RETRY)


def edits(decisions: Sequence[Decision]) -> dict[str, str]:
    """All corrections so far; the newest wins."""
    merged: dict[str, str] = {}
    for decision in decisions:
        merged |= decision.resolution.edits
    return merged


def standing(decisions: Sequence[Decision]) -> Resolution | None:
    """The newest decision about the matter itself, or None."""
    of_weight = (d.resolution for d in reversed(decisions) if d.resolution.kind not in _TRY_AGAIN)
    return next(of_weight, None)


def standing_kind(decisions: Sequence[Decision]) -> ResolutionKind | None:
    """How the standing decision wants the step to go on."""
    decision = standing(decisions)
    return decision.kind if decision else None


def made_by_hand(decisions: Sequence[Decision]) -> bool:
    """Whether a person names a document that exists: ours is not made, and what only ours needs is not asked for."""
    return standing_kind(decisions) in NEEDS_DOCUMENT


def verdict(decisions: Sequence[Decision], subject: str) -> Resolution | None:
    """The standing decision about one document, or None."""
    return standing([d for d in decisions if d.subject == subject])


def last_kind(decisions: Sequence[Decision]) -> ResolutionKind | None:
    """How the newest decision wants the step to go on."""
    return decisions[-1].resolution.kind if decisions else None
