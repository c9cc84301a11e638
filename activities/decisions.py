"""What people decided about a step, as the step's own code reads it."""

from collections.abc import Sequence

from activities.signatures import Decision
from domain.exceptions import ResolutionKind
from domain.resolution import Resolution


def edits(decisions: Sequence[Decision]) -> dict[str, str]:
    """All corrections so far; the newest wins."""
    merged: dict[str, str] = {}
    for decision in decisions:
        merged |= decision.resolution.edits
    return merged


def verdict(decisions: Sequence[Decision], subject: str) -> Resolution | None:
    """The newest decision about one document, or None."""
    return next((d.resolution for d in reversed(decisions) if d.subject == subject), None)


def last_kind(decisions: Sequence[Decision]) -> ResolutionKind | None:
    """How the newest decision wants the step to go on."""
    return decisions[-1].resolution.kind if decisions else None


def standing_kind(decisions: Sequence[Decision]) -> ResolutionKind | None:
    """The newest decision about the matter itself: what was accepted still holds when the step is only tried again."""
    return last_kind([d for d in decisions if d.resolution.kind is not ResolutionKind.RETRY])
