"""HTTP status → what it means for the caller, as a table of data (decision D2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Meaning(Enum):
    """What a status says. The first four come back to the adapter as an `Answer`; the rest are raised."""

    OK = "the vendor did or read what was asked"
    ABSENT = "the thing asked for does not exist"
    CONFLICT = "the thing is in another state, or exists already"
    REFUSED = "no for good; the body says why"
    BUSY = "nothing was done, ask again later: RetryLater"
    TROUBLE = "the vendor broke: RetryLater for a read, InDoubt for a write, which may have been applied"
    CREDENTIALS = "the credentials do not hold: CredentialsRefused"


#: Every class of status has a meaning, so no answer is without one. A redirect is a wrong address or a login
#: page in the way: the connection is broken, not one return.
BY_CLASS: Mapping[int, Meaning] = {
    1: Meaning.TROUBLE,
    2: Meaning.OK,
    3: Meaning.TROUBLE,
    4: Meaning.REFUSED,
    5: Meaning.TROUBLE,
}

#: What most vendors mean. A vendor's own table is `StatusTable(COMMON | {409: Meaning.BUSY})`.
COMMON: Mapping[int, Meaning] = {
    401: Meaning.CREDENTIALS,
    403: Meaning.CREDENTIALS,
    404: Meaning.ABSENT,
    407: Meaning.CREDENTIALS,
    408: Meaning.TROUBLE,
    409: Meaning.CONFLICT,
    425: Meaning.BUSY,
    429: Meaning.BUSY,
    503: Meaning.BUSY,
}


@dataclass(frozen=True)
class StatusTable:
    """The meanings of one vendor: exact statuses first, then the class of the status."""

    exact: Mapping[int, Meaning] = field(default_factory=lambda: COMMON)
    by_class: Mapping[int, Meaning] = field(default_factory=lambda: BY_CLASS)

    def meaning(self, status: int) -> Meaning:
        """The meaning of a status; TROUBLE for numbers that are no HTTP status."""
        return self.exact.get(status) or self.by_class.get(status // 100, Meaning.TROUBLE)
