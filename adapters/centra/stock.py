"""Stock: changes of one warehouse or between two, found again by the key that opens their description."""

from collections import Counter
from collections.abc import Sequence

from adapters.centra import contract
from adapters.centra.client import CentraClient
from adapters.centra.contract import SKUS_AT_ONCE, VARIANT_ACTIVE, VENDOR
from adapters.centra.settings import is_warehouse
from adapters.centra.wire import Connection, Size
from adapters.kit.once import effectively_once
from domain.documents import (
    AdjustmentRequest,
    DepotStock,
    ItemRecord,
    MovementLine,
    Posted,
    ReceiptRequest,
    StockUnits,
    TransferRequest,
)
from domain.exceptions import ExceptionCode
from domain.outcomes import InDoubt, Rejected

Movement = ReceiptRequest | AdjustmentRequest | TransferRequest


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

    async def change(self, request: Movement, text: str, *, into: str = "", out_of: str = "") -> Posted:
        """Move units into a warehouse, out of one, or from one to another, once.

        Rejected(STOCK_REJECTED) when it cannot be told whether that was done already.
        """
        warehouses = {
            name: {"id": _warehouse(depot)}
            for name, depot in (("intoWarehouse", into), ("outFromWarehouse", out_of))
            if depot
        }

        async def find() -> Posted | None:
            return await self._made(request)

        async def create() -> Posted:
            sizes = await self._known([line.sku for line in request.lines])
            variants = _variants(sizes, request.lines)
            wanted = {**warehouses, "description": f"{request.key} {text}", "productVariants": variants}
            payload = await self._client.mutate(contract.CHANGE_STOCK, i=wanted)
            if payload.made_stock_change is None:
                raise InDoubt(f"{VENDOR} changed stock and does not name the change")
            return Posted(number=str(payload.made_stock_change.id))

        return await effectively_once(find, create)

    async def _made(self, request: Movement) -> Posted | None:
        """The change that our key opens, from the newest one back to when it was first meant."""
        since = request.intended_at and request.intended_at - contract.CLOCKS_APART
        before, rows = None, contract.STOCK_CHANGES_BACK
        for _ in range(contract.STOCK_CHANGE_PAGES):
            found = await self._client.one(contract.STOCK_CHANGES, Connection, n=rows, before=before)
            changes = [edge.node for edge in found.edges]
            ours = [one for one in changes if (one.description or "").split(" ")[0] == request.key]
            if ours:
                return Posted(number=str(ours[0].id))
            if not found.page.has_previous or (since and any(one.created_at < since for one in changes)):
                return None
            before, rows = found.page.start, contract.ROWS
        raise _beyond_search(request)

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


def _beyond_search(request: Movement) -> Rejected:
    """To a person, who can search Centra: booking again could be the second time."""
    since = f" since {request.intended_at:%Y-%m-%d %H:%M} UTC" if request.intended_at else ""
    reason = (
        f"{VENDOR} has too many stock changes{since} to tell whether this one was made already; if there is one whose"
        f" description begins with {request.key}, name its id; if there is none, book the units by hand"
    )
    return Rejected(ExceptionCode.STOCK_REJECTED, reason)


def _warehouse(depot: str) -> int:
    if not is_warehouse(depot):
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
