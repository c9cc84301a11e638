"""Stock: changes of one warehouse or between two, found again by the key that opens their description."""

from collections import Counter
from collections.abc import Sequence

from adapters.centra import contract
from adapters.centra.client import CentraClient
from adapters.centra.contract import SKUS_AT_ONCE, VARIANT_ACTIVE, VENDOR
from adapters.centra.wire import Connection, Size
from adapters.kit.once import effectively_once
from domain.documents import DepotStock, ItemRecord, MovementLine, Posted, StockUnits
from domain.exceptions import ExceptionCode
from domain.outcomes import InDoubt, Rejected


class StockRoom:
    """Items and stock of one Centra. A depot is the id of a warehouse, as text."""

    def __init__(self, client: CentraClient) -> None:
        self._client = client

    async def sizes(self, skus: Sequence[str]) -> dict[str, Size]:
        """What Centra knows of these SKUs."""
        found: dict[str, Size] = {}
        distinct = list(dict.fromkeys(skus))
        for start in range(0, len(distinct), SKUS_AT_ONCE):
            asked = distinct[start : start + SKUS_AT_ONCE]
            rows = await self._client.rows(contract.PRODUCT_SIZES, Size, w={"SKU": asked})
            found |= {row.sku: row for row in rows if row.sku in asked}
        return found

    async def items(self, skus: Sequence[str]) -> list[ItemRecord]:
        """One record per SKU, bundles with their recipe."""
        sizes = await self.sizes(skus)
        return [_record(sku, sizes.get(sku)) for sku in skus]

    async def stock(self, skus: Sequence[str]) -> list[DepotStock]:
        """Stock per warehouse. Rejected(SKU_NOT_IN_MASTER) when Centra does not know one of them."""
        sizes = await self._known(skus)
        return [
            DepotStock(sku=sku, depot=str(row.warehouse), physical=row.physical, available=row.free)
            for sku, size in sizes.items()
            for row in size.stock
        ]

    async def change(
        self, key: str, text: str, lines: Sequence[MovementLine | StockUnits], *, into: str = "", out_of: str = ""
    ) -> Posted:
        """Move units into a warehouse, out of one, or from one to another, once."""
        warehouses = {
            name: {"id": _warehouse(depot)}
            for name, depot in (("intoWarehouse", into), ("outFromWarehouse", out_of))
            if depot
        }

        async def find() -> Posted | None:
            changes = await self._client.one(contract.STOCK_CHANGES, Connection)
            ours = [edge.node for edge in changes.edges if (edge.node.description or "").split(" ")[0] == key]
            return Posted(number=str(ours[0].id)) if ours else None

        async def create() -> Posted:
            sizes = await self._known([line.sku for line in lines])
            wanted = {**warehouses, "description": f"{key} {text}", "productVariants": _variants(sizes, lines)}
            payload = await self._client.mutate(contract.CHANGE_STOCK, i=wanted)
            if payload.made_stock_change is None:
                raise InDoubt(f"{VENDOR} changed stock and does not name the change")
            return Posted(number=str(payload.made_stock_change.id))

        return await effectively_once(find, create)

    async def _known(self, skus: Sequence[str]) -> dict[str, Size]:
        sizes = await self.sizes(skus)
        if unknown := [sku for sku in skus if sku not in sizes]:
            words = f"{VENDOR} does not know {', '.join(unknown)}"
            raise Rejected(ExceptionCode.SKU_NOT_IN_MASTER, words, figures={"sku": unknown[0]})
        return sizes


def is_active(size: Size | None) -> bool:
    """Whether a SKU can be sold."""
    return size is not None and size.variant.status == VARIANT_ACTIVE


def _record(sku: str, size: Size | None) -> ItemRecord:
    parts = Counter[str]()
    for part in size.bundle if size else ():
        parts[part.sku] += part.quantity
    return ItemRecord(sku=sku, active=is_active(size), components=dict(parts))


def _warehouse(depot: str) -> int:
    if not depot.isascii() or not depot.isdecimal():
        reason = f"depot {depot!r} is no id of a {VENDOR} warehouse"
        raise Rejected(ExceptionCode.STOCK_REJECTED, reason, figures={"depot": depot})
    return int(depot)


def _variants(sizes: dict[str, Size], lines: Sequence[MovementLine | StockUnits]) -> list[dict[str, object]]:
    """`productVariants` of a stock change: one entry a variant, one size change a SKU."""
    units = Counter[str]()
    for line in lines:
        units[line.sku] += line.quantity
    changes: dict[int, list[dict[str, object]]] = {}
    for sku, quantity in units.items():
        size = sizes[sku]
        change = {"size": {"id": size.size.id}, "deliveredQuantity": quantity}
        changes.setdefault(size.variant.id, []).append(change)
    return [{"productVariant": {"id": variant}, "sizeChanges": each} for variant, each in changes.items()]
