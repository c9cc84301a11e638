"""A track that waits for a person, and what its owner needs to know about that."""

from dataclasses import dataclass
from datetime import datetime

from activities.signatures import Problem
from domain.catalogue import CATALOGUE
from domain.exceptions import Track
from domain.resolution import Resolution


@dataclass
class Parked:
    """A track that waits for a person's decision."""

    exception_id: str
    track: Track
    step: str
    problem: Problem
    since: datetime
    version: int = 1
    resolution: Resolution | None = None


def describe(parked: Parked) -> str:
    """Markdown for ops: why it stopped, who decides, and how (R87)."""
    entry = CATALOGUE[parked.problem.code]
    return (
        f"**Parked: {parked.problem.code}** ({parked.track} track, since {parked.since:%Y-%m-%d %H:%M:%S} UTC), "
        f"owner {entry.owner}\n\n{parked.problem.reason}\n\n"
        f"Decide with `backhaul resolve {parked.exception_id}`: {', '.join(entry.resolutions)}"
    )
