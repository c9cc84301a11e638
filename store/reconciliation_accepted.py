"""What finance decided about amounts of a return: by how much a refund may differ from its credit (R78)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from domain.exceptions import ResolutionKind, Track
from domain.money import Money
from domain.stake import exact_money

_AGAIN = (ResolutionKind.RETRY, ResolutionKind.EDIT_AND_RETRY)
_NAMES_A_NOTE = (ResolutionKind.LINK_EXISTING, ResolutionKind.DONE_BY_HAND)


def accepted_differences(exceptions: Iterable[Any]) -> Mapping[str, Sequence[Money | None]]:
    """Refund id → differences that were decided about; None: whatever it is. Rows with payload, currency, resolution.

    A decision counts for the refund that it names, and for no other one of the return.
    """
    found: dict[str, list[Money | None]] = defaultdict(list)
    for row in exceptions:
        refund, kind = row.payload.get("refund"), (row.resolution or {}).get("kind")
        if isinstance(refund, str) and kind and kind not in _AGAIN and not _leaves_none(kind, row.payload):
            found[refund].append(_difference(row, kind))
    return found


def _leaves_none(kind: str, payload: Mapping[str, JsonValue]) -> bool:
    """Whether the credit is over what was paid: it is raised to that, unless notes over more were there before."""
    over_more = "credit_note" in payload and str(payload.get("difference", "")).startswith("-")
    return kind == ResolutionKind.ACCEPT_PLATFORM_AMOUNT and not over_more


def _difference(row: Any, kind: str) -> Money | None:
    """The difference as it was when somebody decided; None where the return goes on with a note that they named."""
    if row.track == Track.FINANCE and kind in _NAMES_A_NOTE:
        return None
    text = row.payload.get("difference")
    return exact_money(text, row.currency) if isinstance(text, str) and row.currency else None
