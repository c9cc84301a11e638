"""Which status may follow which, for RMAs and for shipments."""

from sandbox.returngo.errors import bad
from sandbox.returngo.model import Rma

MOVES = {
    "Pending": ("Approved", "Rejected", "Canceled"),
    "Approved": ("Received", "Done", "Canceled"),
    "Received": ("Validated", "Done"),
    "Validated": ("Done",),
    "Done": ("Pending",),
    "Rejected": ("Pending",),
    "Canceled": ("Pending",),
}
"""Of RMAs. Back to `Pending` is reopening."""

SHIPMENT_MOVES = {
    "Pending": ("LabelCreated", "Shipped", "Received", "Canceled", "Validated"),
    "LabelCreated": ("Shipped", "Received", "Canceled", "Validated"),
    "Shipped": ("Received", "Canceled", "Validated"),
    "Canceled": ("Received", "Validated"),
    "Received": ("Validated",),
    "Validated": (),
}

TRANSACTION_STATUSES = ("Requested", "Pending", "Success", "Failed", "Canceled")
OPEN_TRANSACTION = ("Requested", "Pending")
"""Only these may still become something else."""

OPEN = ("Approved", "Received", "Validated", "Done")
"""Somebody said yes to the request, so that money may move."""

FINAL = ("Done", "Rejected", "Canceled")
VALIDATING = ("Received", "Validated", "Done")
"""Where items are validated, again too."""


def check_move(rma: Rma, target: str) -> None:
    """Raise a 400 unless the RMA may go to `target` now."""
    if target not in MOVES[rma.status]:
        raise illegal()
    if rma.status == "Approved" and (target == "Done") == rma.needs_shipment and target != "Canceled":
        raise illegal()  # what must come back is received first, and what stays away is never received
    if target == "Validated" and not rma.all_decided:
        raise bad("Not all items are validated")


def check_shipment_move(status: str, target: str) -> None:
    """Raise a 400 unless a shipment in `status` may go to `target`."""
    if target not in SHIPMENT_MOVES[status]:
        raise illegal()


def illegal() -> Exception:
    """The refusal of every forbidden step."""
    return bad("Invalid status transition")
