"""The figures of an exception in words."""

from collections.abc import Mapping

from pydantic import JsonValue

from console.words import words
from domain.model import Value
from domain.money import Money
from domain.runbooks.figures import meaning_of

#: They are shown by themselves.
_APART = frozenset({"hypotheses", "hypothesis"})
_WITH_CURRENCY = frozenset({"platform_amount", "order_amount", "difference", "erp_total", "our_total"})
_UPPER = {"sku": "SKU", "skus": "SKUs", "rma": "RMA", "erp": "ERP"}


class Figure(Value):
    """One figure: its name for people, its value, what it says; `meaning` is empty for one that nobody described."""

    key: str
    name: str
    text: str
    meaning: str


def figures_of(payload: Mapping[str, JsonValue], amount: Money | None) -> list[Figure]:
    """The figures in their order. Amounts without a currency have that of the exception's own `amount`."""
    currency = f" {amount.currency}" if amount else ""
    return [
        Figure(
            key=key,
            name=_name(key),
            text=_text(value) + (currency if key in _WITH_CURRENCY else ""),
            meaning=meaning_of(key),
        )
        for key, value in payload.items()
        if key not in _APART
    ]


def _name(key: str) -> str:
    """``vendor_code`` → ``Vendor code``; ``units.L1`` → ``Units L1``."""
    head, _, tail = key.partition(".")
    name = " ".join(_UPPER.get(word.lower(), word) for word in words(head).split(" "))
    return f"{name} {tail}".strip()


def _text(value: JsonValue) -> str:
    match value:
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_text(part) for part in value) or "–"
        case dict():
            return ", ".join(f"{key}: {_text(part)}" for key, part in value.items()) or "–"
        case _:
            return str(value)
