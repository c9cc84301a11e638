"""Business keys: the reference that every document of ours carries in a vendor's system (decision D1)."""

import hashlib
import re
from enum import StrEnum

_PLAIN = re.compile(r"[a-z0-9]{1,32}")


class Step(StrEnum):
    """One letter a step, so that key, return id and number stay within 40 characters."""

    RMA = "r"
    GOODS = "g"
    CREDIT = "c"


def business_key(return_id: str, step: Step, number: int) -> str:
    """``bh-<return>-<step>-<n>``: lower case, at most 40 characters of ``[a-z0-9-]``.

    Made of business facts only, so it is the same after a retry, a reset or a redeploy. A return id that does not
    fit (longer than 32 characters, or other characters) is replaced by the first 32 hex digits of its SHA-256.
    """
    plain = return_id.lower()
    if not _PLAIN.fullmatch(plain):
        plain = hashlib.sha256(return_id.encode()).hexdigest()[:32]
    key = f"bh-{plain}-{step}-{number}"
    if len(key) > 40:
        raise ValueError(f"{key} is longer than 40 characters: too many {step.name} documents for one return")
    return key


def exception_id(workflow_id: str, number: int) -> str:
    """Id of the n-th exception of a return: short enough to type, the same on every replay."""
    return "ex-" + hashlib.sha256(f"{workflow_id}#{number}".encode()).hexdigest()[:12]
