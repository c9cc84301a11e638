"""The customer of every order of the suite, and the check that nothing of him comes out of an adapter (R109, D8)."""

import logging
from collections.abc import Awaitable

from domain.outcomes import Rejected, VendorTrouble

#: Header fields of a seeded order.
PERSON = {
    "email": "leaky.customer@mailbox.example",
    "delivery": {
        "forename": "Philomena",
        "surname": "Featherstonehaugh",
        "line1": "17 Unmistakable Crescent",
        "line2": "Little Snoring",
        "postcode": "ZZ9 9ZZ",
        "country": "GB",
    },
}
WORDS = ("leaky.customer", "Philomena", "Featherstonehaugh", "Unmistakable", "Snoring", "ZZ9 9ZZ")

#: Written into bodies that are nothing of the vendor's.
CANARY = "canary-7f3a"


def leaks(text: str, *more: str) -> list[str]:
    """What must not be in a text and is."""
    return [word for word in (*WORDS, *more) if word.lower() in text.lower()]


def said_by(trouble: VendorTrouble) -> str:
    """All that an error can tell anybody."""
    told = [str(trouble), repr(trouble)]
    if isinstance(trouble, Rejected):
        told += [trouble.vendor_code, *trouble.figures, *trouble.figures.values()]
    return "\n".join(told)


def logged(records: list[logging.LogRecord]) -> str:
    """All that was logged."""
    return "\n".join(record.getMessage() for record in records)


async def trouble_of(call: Awaitable[object]) -> VendorTrouble | None:
    """One of the four outcomes, without a word about the customer; None when there was no trouble.

    Anything else that is raised is the adapter's fault, and goes on to fail the test.
    """
    found: VendorTrouble | None = None
    try:
        await call
    except VendorTrouble as trouble:
        found = trouble
    assert found is None or not leaks(said_by(found))
    return found
