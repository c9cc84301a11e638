"""The exception catalogue (domain.md 5.3): owner, texts and sensible decisions of every code."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.causes.cx import CX
from domain.causes.data import INTEGRATION, MERCHANDISING
from domain.causes.entry import CatalogueEntry
from domain.causes.finance import FINANCE
from domain.causes.warehouse import WAREHOUSE
from domain.exceptions import ExceptionCode, Owner

CATALOGUE: Mapping[ExceptionCode, CatalogueEntry] = MappingProxyType(
    {entry.code: entry for entry in (*FINANCE, *WAREHOUSE, *CX, *MERCHANDISING, *INTEGRATION)}
)


def owner_of(code: ExceptionCode) -> Owner:
    """The one team whose queue an exception of this code is in (R68)."""
    return CATALOGUE[code].owner
