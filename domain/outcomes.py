"""The four ways a vendor call can fail to give a result (decision D2), named for what the caller does next.

    VendorTrouble
    ├── RetryLater            transient: try the same call again, after the vendor's delay if it named one
    ├── InDoubt               no answer, or none that can be read: find out by key before anything else
    ├── Rejected              the vendor said no for good: a person or a rule decides
    └── CredentialsRefused    the whole connection is closed to us: one alarm for the connection

Adapters hold a table status → outcome; `activities.outcomes` maps these types to Temporal errors.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from domain.exceptions import ExceptionCode

#: What a vendor says goes into histories, tables and pages: never more of it than this many characters.
_WORDS, _CODE, _QUOTE = 600, 200, 200
#: Cut before it is searched: the search takes time with the square of a long word.
_SEARCHED = 2_000
_MAIL = re.compile(r"\S+@\S*")


def vendor_words(text: str, limit: int = _QUOTE) -> str:
    """What a vendor says, to be quoted: on one line, cut, and without what looks like a mail address (D8)."""
    return _without_addresses(" ".join(text[: 2 * _SEARCHED].split()), limit)


def _without_addresses(text: str, limit: int) -> str:
    """The beginning of the text. A word that is cut in two could be half an address, so it is left out."""
    head = text[:_SEARCHED]
    if len(text) > _SEARCHED and " " in head:
        head = head.rpartition(" ")[0]
    return _MAIL.sub("(address)", head)[:limit]


class VendorTrouble(Exception):
    """Base of the four outcomes. The text names vendor, operation and cause; never personal data."""

    def __init__(self, message: str) -> None:
        super().__init__(_without_addresses(message, _WORDS))


class RetryLater(VendorTrouble):
    """The vendor is busy, down or throttling. `delay` is the vendor's own wish, if it named one."""

    def __init__(self, message: str, delay: timedelta | None = None) -> None:
        super().__init__(message)
        self.delay = delay


class InDoubt(VendorTrouble):
    """A write may or may not have been applied: the answer was lost or unreadable."""


class Rejected(VendorTrouble):
    """The vendor refused for good. `code` is ours; `vendor_code` and the message are the vendor's own words.

    `figures` names what is wrong, where it is one thing: ``{"sku": "P1"}``.
    """

    def __init__(
        self, code: ExceptionCode, message: str, vendor_code: str = "", figures: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.vendor_code = vendor_code[:_CODE]
        self.figures = {name: _without_addresses(text, _WORDS) for name, text in (figures or {}).items()}


class CredentialsRefused(VendorTrouble):
    """The vendor does not accept our credentials; every call of this connection will fail until they are fixed."""
