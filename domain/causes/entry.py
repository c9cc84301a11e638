"""One entry of the exception catalogue."""

from domain.exceptions import ExceptionCode, Owner, ResolutionKind, Track
from domain.model import Value


class CatalogueEntry(Value):
    """What people need to know about one exception code.

    explanation: what happened, for business users; steps: what to do next, in order
    resolutions: the decisions that make sense; empty for one that closes by itself when its cause is gone
    track: the track that stops, where it is always the same one; None for a connection or a report
    """

    code: ExceptionCode
    owner: Owner
    title: str
    explanation: str
    steps: tuple[str, ...]
    resolutions: tuple[ResolutionKind, ...]
    track: Track | None = None


#: A document that an ERP refused: correct and repeat, or tell what was done about it outside.
POSTING = (
    ResolutionKind.RETRY,
    ResolutionKind.EDIT_AND_RETRY,
    ResolutionKind.LINK_EXISTING,
    ResolutionKind.DONE_BY_HAND,
    ResolutionKind.CANCEL_TRACK,
)
#: A missing translation: add it to the connection, or correct this one input.
MAPPING = (
    ResolutionKind.RETRY,
    ResolutionKind.EDIT_AND_RETRY,
    ResolutionKind.DONE_BY_HAND,
    ResolutionKind.CANCEL_TRACK,
)
#: An exchange that cannot become an order as it was asked for.
EXCHANGE = (
    ResolutionKind.RETRY,
    ResolutionKind.SUBSTITUTE_SKU,
    ResolutionKind.CONVERT_TO_REFUND,
    ResolutionKind.LINK_EXISTING,
    ResolutionKind.DONE_BY_HAND,
    ResolutionKind.CANCEL_TRACK,
)
#: A matter that people clear up elsewhere: look again, or end it.
CLEAR_UP = (ResolutionKind.RETRY, ResolutionKind.DONE_BY_HAND, ResolutionKind.CANCEL_TRACK)
