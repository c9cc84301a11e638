"""Which status may follow which."""

from sandbox.reveni.errors import conflict
from sandbox.reveni.model import Return

STATUSES = (
    "incomplete",
    "in_progress",
    "shipped",
    "received",
    "for_review",
    "accepted",
    "partly_accepted",
    "rejected",
    "cancelled",
)
FINAL = frozenset({"accepted", "partly_accepted", "rejected", "cancelled"})
MOVES = {
    "incomplete": frozenset({"in_progress"}),
    "in_progress": frozenset({"shipped", "received"}),
    "shipped": frozenset({"received"}),
    "received": frozenset({"for_review"}),
}
"""Moves by hand. `cancelled` depends on the mode; the other final statuses come from an inspection only."""


def check_move(ret: Return, target: str) -> None:
    """Raise a 409 unless the return may go to `target` by hand or by API."""
    if target == "cancelled":
        allowed = ret.mode == "not_instant" and ret.status not in FINAL
    else:
        allowed = target in MOVES.get(ret.status, frozenset())
    if not allowed:
        raise conflict(f"A return cannot go from {ret.status} to {target}.")


def check_inspectable(ret: Return) -> None:
    """Raise a 409 where no inspection is taken: the request is not finished, or it is called off."""
    if ret.status in ("incomplete", "cancelled"):
        raise conflict(f"A return in status {ret.status} cannot be validated.")
