"""Business keys: the reference that every document of ours carries in a vendor's system (decision D1)."""

import hashlib
import re
from enum import StrEnum

from domain.returns import ReturnRef

_CANCELS = "-x"
_UNIQUE = re.compile(r"[0-9a-f]{32}")


class Step(StrEnum):
    """One letter a step, so that key, return id and number stay within 40 characters."""

    RMA = "r"
    GOODS = "g"
    CREDIT = "c"
    EXCHANGE = "x"
    TRANSFER = "t"
    QUARANTINE = "q"


def business_key(ref: ReturnRef, step: Step, number: int) -> str:
    """``bh-<return>-<step>-<n>``: lower case, at most 40 characters of ``[a-z0-9-]``.

    Made of business facts only, so it is the same after a retry, a reset or a redeploy. A return id that is unique in
    the world (32 hex digits) stands in it as it is. Any other is replaced by the first 32 hex digits of the SHA-256 of
    connection and id: two platforms that share an ERP may well have the same number.
    """
    unique = ref.return_id if _UNIQUE.fullmatch(ref.return_id) else _digest(str(ref))
    key = f"bh-{unique}-{step}-{number}"
    if len(key) > 40:
        raise ValueError(f"{key} is longer than 40 characters: too many {step.name} documents for one return")
    return key


def cancellation_key(key: str) -> str:
    """Business key of a document that cancels the one with this key, where that is a document of its own."""
    return f"{key}{_CANCELS}"


def cancelled_key(key: str) -> str:
    """The key of what a cancellation cancels; any other key stays as it is."""
    return key.removesuffix(_CANCELS)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def exception_id(workflow_id: str, number: int) -> str:
    """Id of the n-th exception of a return: short enough to type, the same on every replay."""
    return "ex-" + hashlib.sha256(f"{workflow_id}#{number}".encode()).hexdigest()[:12]
