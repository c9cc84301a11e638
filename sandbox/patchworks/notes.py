"""What the flow notes beside the ERP's own rows. All immutable: a change is a new row."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Record:
    """What the ERP has under an external id: its internal id and number, and when it was made."""

    kind: str
    """The operation that made it."""
    key: str
    id: str
    number: str
    posted_at: str


@dataclass(frozen=True)
class Operation:
    """What the flow remembers of one idempotency key. `result` is what a read found that was started by the API."""

    name: str
    key: str
    status: Literal["ok", "error", "in_progress", "not_found"]
    error: dict[str, object] | None = None
    result: dict[str, object] | None = None


@dataclass(frozen=True)
class Run:
    """One run of the flow as the Core API shows it. Status: 1 started, 2 success, 3 failure, 4 stopped, 5 partial."""

    id: int
    status: int
    started_at: str
    finished_at: str | None = None
    has_warnings: bool = False


@dataclass(frozen=True)
class Told:
    """What the commerce platform was last told of one document."""

    what: str
    key: str
    status: str
