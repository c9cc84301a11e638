"""Our references, SKUs and depots ↔ BlueCherry's."""

import re
from dataclasses import dataclass

from adapters.bluecherry import contract
from adapters.bluecherry.contract import EXTREF_LENGTH, IN_PARTS, KEY_PREFIX, UNUSED
from adapters.bluecherry.settings import BlueCherrySettings
from adapters.bluecherry.wire import WireSku
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected

_EXTREF = re.compile(r"[A-Za-z0-9-]+")


def extref(key: str, part: str = "") -> str:
    """Our key as an EXTREF: ``bh-1f…-g-1`` → ``1f…-g-1``, with ``-<part>`` where a document is one of several.

    Rejected(CONFIG_INVALID) when it does not fit.
    """
    text = key.removeprefix(KEY_PREFIX) + (f"-{part}" if part else "")
    if not key.startswith(KEY_PREFIX) or not _EXTREF.fullmatch(text) or len(text) > EXTREF_LENGTH:
        raise Rejected(
            ExceptionCode.CONFIG_INVALID, f"{key!r} part {part!r} is no EXTREF of {EXTREF_LENGTH} characters"
        )
    return text


def key_of(record: str, reference: str) -> str:
    """The inverse of `extref`, whatever the part."""
    return KEY_PREFIX + (reference.rpartition("-")[0] if record in IN_PARTS else reference)


@dataclass(frozen=True)
class Sku:
    """What names an item in BlueCherry."""

    style: str
    color: str = UNUSED
    size: str = UNUSED
    dim: str = UNUSED

    @property
    def fields(self) -> dict[str, str]:
        """As columns of a record."""
        return {"STYLE": self.style, "COLOR": self.color, "DIM": self.dim, "SIZE": self.size}

    @property
    def query(self) -> dict[str, str]:
        """As a query of the read API."""
        return {name.lower(): value for name, value in self.fields.items()}


def split_sku(sku: str, separator: str) -> Sku:
    """``STY1001-BLK-080-M`` → style, colour, size, dim. Rejected(SKU_NOT_IN_MASTER) when it does not fit."""
    parts = [part or UNUSED for part in sku.split(separator)]
    if parts[0] == UNUSED or parts[-1] == UNUSED or len(parts) > 4:
        reason = f"{sku!r} is no style with up to three dimensions"
        raise Rejected(ExceptionCode.SKU_NOT_IN_MASTER, reason, figures={"sku": sku})
    return Sku(*parts)


def of_wire(row: WireSku) -> Sku:
    """The item that a row of the read API is about; an empty dimension is an unused one."""
    return Sku(row.style, row.color or UNUSED, row.size or UNUSED, row.dim or UNUSED)


def join_sku(item: Sku, separator: str) -> str:
    """The inverse of `split_sku`. Rejected(SKU_NOT_IN_MASTER) when a part holds the separator."""
    parts = ["" if part == UNUSED else part for part in (item.style, item.color, item.size, item.dim)]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    sku = separator.join(parts)
    if not parts[0] or sku.count(separator) != len(parts) - 1:
        reason = f"{sku!r} cannot be written with {separator!r}"
        raise Rejected(ExceptionCode.SKU_NOT_IN_MASTER, reason, figures={"sku": sku})
    return sku


def warehouse_of(depot: str, settings: BlueCherrySettings) -> str:
    """The warehouse of a mapped depot. Rejected(STOCK_REJECTED), as BlueCherry would, when it has none such."""
    if (warehouse := settings.warehouse(depot)) is None:
        reason = f"{depot!r} is no division/warehouse of division {settings.division} in {contract.VENDOR}"
        figures = {"depot": depot}
        raise Rejected(ExceptionCode.STOCK_REJECTED, reason, contract.WAREHOUSE_UNKNOWN, figures=figures)
    return warehouse
