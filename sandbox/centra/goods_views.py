"""Products, stock and stock changes as the schema's types.

A type is a dict of values, and of functions where a field has arguments or leads to other rows: graphql-core takes a
field from a dict by its name and calls what can be called.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.centra.model import WAREHOUSES, Item, StockChange
from sandbox.centra.state import CentraWorld

Node = dict[str, Any]


def moment(at: datetime) -> str:
    """A DateTimeTz."""
    return at.isoformat(timespec="seconds")


def text(value: str) -> str | None:
    """Null where there is no text."""
    return value or None


@dataclass(frozen=True)
class GoodsViews:
    """What one request sees: the world as of `lag` seconds ago."""

    world: CentraWorld
    lag: float = 0.0

    def size(self, row: Item) -> Node:
        """A ProductSize with its variant and product."""
        status = "ACTIVE" if row.active else "INACTIVE"
        return {
            "id": row.id,
            "SKU": row.sku,
            "EAN": text(row.ean),
            "UPC": None,
            "description": text(row.description),
            "size": {"id": row.id, "name": row.size},
            "isActive": row.active,
            "productVariant": {
                "id": row.variant_id,
                "name": row.variant,
                "variantNumber": row.variant,
                "status": status,
                "product": {"id": row.variant_id, "name": row.product, "productNumber": row.product},
                "productSizes": lambda _info: [
                    self.size(item) for item in self.world.items.values() if item.variant_id == row.variant_id
                ],
            },
            "stock": lambda _info, where=None, limit=20, page=1: self.stock(row, where or {}),
            "isBundle": bool(row.parts),
            "bundle": lambda _info: [
                {"quantity": units, "productSize": self.size(self.world.items[sku])} for sku, units in row.parts
            ],
        }

    def stock(self, row: Item, where: Mapping[str, Any]) -> list[Node]:
        """One Stock per warehouse that ever held it; of a bundle, as many as its parts make."""
        wanted = where.get("warehouseId") or list(WAREHOUSES)
        known = [number for number in WAREHOUSES if number in wanted and self._ever(row, number)]
        return [self._stock(row, number) for number in known]

    def _ever(self, row: Item, warehouse: int) -> bool:
        skus = [sku for sku, _ in row.parts] or [row.sku]
        return any((sku, warehouse) in self.world.stock for sku in skus)

    def _stock(self, row: Item, warehouse: int) -> Node:
        recipe = row.parts or ((row.sku, 1),)
        physical = min(self.world.physical(sku, warehouse, self.lag) // units for sku, units in recipe)
        free = min(self.world.available(sku, warehouse, self.lag) // units for sku, units in recipe)
        return {
            "warehouse": self.warehouse(warehouse),
            "productSize": lambda _info: self.size(row),
            "physicalQuantity": physical,
            "freeToAllocateQuantity": free,
            "allocatedQuantity": physical - free,
            "demandQuantity": 0,
            "unshippedQuantity": physical - free,
        }

    def warehouse(self, number: int) -> Node:
        """A Warehouse."""
        name, _ = WAREHOUSES[number]
        return {"id": number, "name": name, "status": "ACTIVE", "isHiddenFromStockView": False, "threshold": 0}

    def change(self, row: StockChange) -> Node:
        """A StockChange."""
        return {
            "id": row.id,
            "description": row.description,
            "createdAt": moment(row.created),
            "intoWarehouse": self.warehouse(row.into) if row.into else None,
            "outFromWarehouse": self.warehouse(row.out_from) if row.out_from else None,
            "lines": [
                {"id": number, "productSize": self.size(self.world.items[sku]), "deliveredQuantity": quantity}
                for number, (sku, quantity) in enumerate(row.lines, 1)
            ],
        }
