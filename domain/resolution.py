"""A person's decision on a parked track (decision D4)."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field, model_validator

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.model import Message

#: Version of an exception when it is opened. Its workflow knows no other: it hears of the decision alone.
FIRST_VERSION = 1

NEEDS_REASON = frozenset(
    {
        ResolutionKind.ACCEPT_PLATFORM_AMOUNT,
        ResolutionKind.WRITE_OFF,
        ResolutionKind.CANCEL_TRACK,
    }
)
#: What EDIT_AND_RETRY may correct; `name.` stands for one code or SKU. Never the order of a return (R5).
EDITABLE = ("location", "credited_on", "share", "return", "disposition.", "reason.", "sku.", "tax_code.", "charge.")
NEEDS_DOCUMENT = frozenset({ResolutionKind.LINK_EXISTING, ResolutionKind.DONE_BY_HAND})
#: Decisions about money. Whoever owns the exception, they are finance's (E31).
_MONEY = {ResolutionKind.ACCEPT_PLATFORM_AMOUNT, ResolutionKind.ACCEPT_ORDER_AMOUNT}
#: Once these are decided, no refund of the return is to be expected any more.
ENDS_FINANCE = {
    ExceptionCode.CANCEL_AFTER_RECEIPT,
    ExceptionCode.CANCEL_AFTER_CREDIT,
    ExceptionCode.REFUND_NOT_CONFIRMED,
}
#: Once these are decided, the one refund that they are about needs nothing more; others of the return do.
SETTLES_REFUND = {ExceptionCode.REFUND_FAILED}


class Role(StrEnum):
    """Whose hat the person wears. A role decides only what its team owns; an administrator decides all (R110)."""

    FINANCE = "finance"
    WAREHOUSE = "warehouse"
    CX = "cx"
    MERCHANDISING = "merchandising"
    INTEGRATION = "integration"
    ADMIN = "admin"

    def may_decide(self, owner: Owner, kind: ResolutionKind | None = None) -> bool:
        """Whether this role may resolve an exception of this owner, and in this way."""
        return self is Role.ADMIN or self.value == deciding(owner, kind).value


def deciding(owner: Owner, kind: ResolutionKind | None = None) -> Owner:
    """Whose decision it is to resolve an exception of this owner in this way: money is finance's everywhere."""
    return Owner.FINANCE if kind in _MONEY else owner


class Resolution(Message):
    """Decides one exception. `version` is the one that the person saw: pressing twice changes nothing (E67).

    `edits` corrects the input of the failed step, for EDIT_AND_RETRY: field → value, e.g. ``{"location": "LDN-1"}``.
    `proposed_by`: the first person, where `actor` is the second one.
    """

    exception_id: str = Field(min_length=1, max_length=80)
    version: int = Field(ge=1)
    kind: ResolutionKind
    role: Role
    actor: str = Field(min_length=1, max_length=60, description="user reference for the audit, not a person's name")
    reason: str = Field(default="", max_length=500)
    document: str = Field(default="", max_length=80)
    edits: dict[str, str] = {}
    proposed_by: str = Field(default="", max_length=60)

    def ends_finance(self, code: ExceptionCode) -> bool:
        """Whether no refund is to be expected any more: called off for good (E59), or settled elsewhere (E34)."""
        return code in ENDS_FINANCE and self.kind is not ResolutionKind.RETRY

    def settles_refund(self, code: ExceptionCode) -> bool:
        """Whether the refund that the exception is about is not waited for any more: it was settled elsewhere (E43)."""
        return code in SETTLES_REFUND and self.kind is not ResolutionKind.RETRY

    def ends_exposure(self, code: ExceptionCode) -> bool:
        """Whether money that is out without its goods is decided about by this: accepted, recovered, or written off."""
        match code:
            case ExceptionCode.REFUND_EXCEEDS_ACCEPTED:
                return self.kind is not ResolutionKind.RETRY
            case ExceptionCode.EXPOSURE_DUE:
                return self.kind in (ResolutionKind.WRITE_OFF, ResolutionKind.CANCEL_TRACK)
            case _:
                return False

    @model_validator(mode="after")
    def _complete(self) -> "Resolution":
        if self.kind in NEEDS_REASON and not self.reason.strip():
            raise ValueError(f"{self.kind} needs a reason")
        if self.kind in NEEDS_DOCUMENT and not self.document.strip():
            raise ValueError(f"{self.kind} needs the number of the ERP document")
        if self.kind is ResolutionKind.EDIT_AND_RETRY and not self.edits:
            raise ValueError("EDIT_AND_RETRY needs at least one edit, e.g. location=LDN-1")
        if fixed := sorted(field for field in self.edits if not _editable(field)):
            raise ValueError(f"{', '.join(fixed)} cannot be edited; only {', '.join(EDITABLE)} can")
        share = self.edits.get("share", "0")
        if not (share.isdecimal() and int(share) <= 100):
            raise ValueError("share is a whole percentage from 0 to 100")
        return self


class Proposal(Message):
    """The first person's decision about much money, until a second person makes the same one. Without an effect."""

    kind: ResolutionKind
    role: Role
    actor: str
    reason: str = ""
    document: str = ""
    edits: dict[str, str] = {}
    at: datetime

    def same_person(self, actor: str) -> bool:
        """Whether it comes from this actor; capital letters make nobody another person."""
        return self.actor.strip().casefold() == actor.strip().casefold()


def same_decision(one: Resolution | Proposal, other: Resolution | Proposal) -> bool:
    """Whether both say the same thing to do. Each person may have a reason of their own."""
    return (one.kind, one.document, one.edits) == (other.kind, other.document, other.edits)


def _editable(field: str) -> bool:
    return any(field == name or (name.endswith(".") and field.startswith(name)) for name in EDITABLE)
