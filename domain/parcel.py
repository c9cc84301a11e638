"""Parcels that no open return waits for, and regrades: how they are named, and with what their workflow starts."""

import hashlib
import re
from typing import Any

from domain.inspection import Inspection, Regrade
from domain.model import Message
from domain.returns import ReturnRef

#: What of inspected units tells one content from another: a photo that is added later is no other content.
_CONTENT: dict[str, Any] = {
    "ref": True,
    "inspection": {"location": True, "units": {"__all__": {"sku", "quantity", "disposition", "order_line_id"}}},
    "regrade": {"location": True, "units": True},
}
#: In the memo of a parcel's workflow: its digest, by which a repeat is known.
DIGEST_MEMO = "digest"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,57}")


class ParcelStart(Message):
    """Start of a parcel's workflow: an inspection, or a regrade.

    ref: the return that it belongs to; for a blind parcel its own stand-in (`parcel_ref`)
    blind: nobody knows the return yet; `tracking_number` and `order_number` are what stood on the box
    """

    ref: ReturnRef
    blind: bool = False
    inspection: Inspection | None = None
    regrade: Regrade | None = None
    tracking_number: str = ""
    order_number: str = ""
    erp_queue: str
    platform_queue: str

    @property
    def workflow_id(self) -> str:
        """The durable workflow of this parcel. Scan ids are unique within a return, and among blind parcels."""
        if self.regrade is not None:
            return f"regrade/{self.ref}/{self.regrade.regrade_id}"
        scan = self.inspection.inspection_id if self.inspection else ""
        return f"parcel/{self.ref.connection}/{scan}" if self.blind else f"parcel/{self.ref}/{scan}"

    @property
    def digest(self) -> str:
        """Tells apart what the warehouse sent: the same name with other content is no repeat (E16)."""
        content = self.model_dump_json(include=_CONTENT)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


class ParcelOutcome(Message):
    """Result of a parcel's workflow. `matched`: the return that took it over."""

    text: str
    matched: ReturnRef | None = None


def parcel_ref(connection: str, scan_id: str) -> ReturnRef:
    """Stands for the return of a blind parcel: its documents and exceptions are kept under this name."""
    name = scan_id if _NAME.fullmatch(scan_id) else hashlib.sha256(scan_id.encode()).hexdigest()[:32]
    return ReturnRef(connection=connection, return_id=f"parcel.{name}")
