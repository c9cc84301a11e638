"""One answer of a vendor, read to the end, and what to raise when it makes no sense."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NoReturn

from adapters.kit.status import Meaning
from domain.outcomes import InDoubt, RetryLater, VendorTrouble

#: Digits, and powers of ten, beyond which a number is no amount of anything.
_DIGITS = 100


@dataclass(frozen=True)
class Call:
    """Who is asked what. `write` decides what a lost answer means."""

    vendor: str
    operation: str
    write: bool

    def lost(self, why: str) -> VendorTrouble:
        """No answer, or none that can be read: InDoubt for a write, RetryLater for a read.

        `why` is our own text; it must not quote what the vendor sent.
        """
        return InDoubt(f"{self}: {why}") if self.write else RetryLater(f"{self}: {why}")

    def __str__(self) -> str:
        return f"{self.vendor} {self.operation}"


@dataclass(frozen=True)
class Answer:
    """A complete answer: OK, ABSENT, CONFLICT or REFUSED. The body stays out of logs and reprs."""

    call: Call
    meaning: Meaning
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """The body as JSON; numbers with a fraction come as Decimal, never as float.

        Raises `lost` (InDoubt for writes, RetryLater for reads) when it is no JSON.
        """
        try:
            return read_json(self.body)
        except ValueError:
            raise self.call.lost(f"HTTP {self.status} with a body that is no JSON") from None

    def __repr__(self) -> str:
        return f"<Answer {self.call} HTTP {self.status} {self.meaning.name}, {len(self.body)} bytes>"


def read_json(body: bytes) -> object:
    """What a vendor says; numbers with a fraction come as Decimal, never as float. ValueError when it is no JSON."""
    try:
        return json.loads(body, parse_float=_exact, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested beyond all reason") from None


def _exact(text: str) -> Decimal:
    """The number as it is written. One that no amount or quantity can be is no JSON: computing with it never ends."""
    try:
        number = Decimal(text) if len(text) <= _DIGITS else None
    except ArithmeticError:
        number = None  # its exponent is beyond what a Decimal can have
    if number is None or abs(number.adjusted()) > _DIGITS:
        raise ValueError("a number beyond all reason")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
