"""Root causes: which exceptions wait for the same correction (R72, N18).

A root cause is connection, code and the one thing that is wrong. That is read from the figures of the payload, never
from a text, which names the order and the line as well. Where the return itself is what is wrong, its amount for
example, all exceptions of the code are one group.
"""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from pydantic import JsonValue

from domain.exceptions import ExceptionCode
from domain.model import Value

#: The figures that name what is wrong: alternatives, the surest first; each needs all its figures.
_NAMED_BY: Mapping[ExceptionCode, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        ExceptionCode.SKU_NOT_IN_MASTER: (("skus",), ("sku",), ("vendor_code",)),
        ExceptionCode.BUNDLE_RECIPE_MISSING: (("sku",),),
        ExceptionCode.VALIDATION_QTY: (("unknown_sku",),),
        ExceptionCode.EXCHANGE_OOS: (("sku",),),
        ExceptionCode.EXCHANGE_DATA: (("fields",), ("vendor_code",)),
        ExceptionCode.REASON_UNMAPPED: (("reason",),),
        ExceptionCode.LOCATION_UNMAPPED: (("location",),),
        ExceptionCode.DISPOSITION_UNMAPPED: (("disposition",),),
        ExceptionCode.TAX_CODE_UNMAPPED: (("tax_code",),),
        ExceptionCode.CONFIG_INVALID: (("charge",), ("disposition",), ("return_type",), ("vendor_code",)),
        ExceptionCode.RMA_REJECTED: (("vendor_code",),),
        ExceptionCode.STOCK_REJECTED: (("vendor_code", "depot"), ("vendor_code",)),
        ExceptionCode.CREDIT_REJECTED: (("vendor_code",),),
        ExceptionCode.EVENT_INVALID: (("vendor_code",),),
        ExceptionCode.CONNECTION_DOWN: (("system",),),
    }
)
_WORDS = {
    "skus": "SKU",
    "sku": "SKU",
    "unknown_sku": "SKU",
    "vendor_code": "vendor's code",
    "tax_code": "tax code",
    "return_type": "return type",
}


class RootCause(Value):
    """What one correction mends. `wrong` names it (``SKU P1001-BLK``); empty: each return has its own reason."""

    connection: str
    code: ExceptionCode
    wrong: str = ""

    @property
    def id(self) -> str:
        """Short, and the same wherever and whenever it is computed."""
        content = "\n".join((self.connection, self.code, self.wrong))
        return f"g-{hashlib.sha256(content.encode()).hexdigest()[:10]}"


class Stopped(Protocol):
    """What grouping needs to know of an exception."""

    @property
    def connection(self) -> str:
        """Name of its connection."""
        ...

    @property
    def code(self) -> ExceptionCode:
        """Why it stopped."""
        ...

    @property
    def payload(self) -> Mapping[str, JsonValue]:
        """Its figures."""
        ...


def root_cause(item: Stopped) -> RootCause:
    """The root cause of one exception."""
    return RootCause(connection=item.connection, code=item.code, wrong=_wrong(item.code, item.payload))


def _wrong(code: ExceptionCode, payload: Mapping[str, JsonValue]) -> str:
    for names in _NAMED_BY.get(code, ()):
        figures = {name: _text(payload.get(name)) for name in names}
        if all(figures.values()):
            return ", ".join(f"{_WORDS.get(name, name)} {figure}" for name, figure in figures.items())
    return ""


def _text(figure: JsonValue) -> str:
    return figure.strip() if isinstance(figure, str) else ""
