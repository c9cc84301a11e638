"""What the reader of the books asked for, and the shape of a rule."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sandbox.audit.books import ReturnBook


@dataclass(frozen=True)
class Scope:
    """See read_books."""

    explained: Mapping[str, str]
    hold_depots: frozenset[str]
    sellable_depots: frozenset[str]
    exchange_type: str
    compare: bool
    """Whether there are platform entries to compare with."""
    due_in_prices: bool = False
    """Whether what a dearer replacement costs on top is the price of its goods."""


Rule = Callable[[ReturnBook, Scope], Iterator[str]]
"""A page in, sentences out."""
