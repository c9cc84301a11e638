"""SKUs in the item master, and their stock in each warehouse."""

from collections.abc import Sequence

from adapters.bluecherry.client import ReadApi
from adapters.bluecherry.codes import split_sku
from adapters.bluecherry.contract import VENDOR
from adapters.bluecherry.orders import item_record
from adapters.bluecherry.settings import BlueCherrySettings
from domain.documents import DepotStock, ItemRecord
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected


class Items:
    """Items of one division."""

    def __init__(self, api: ReadApi, settings: BlueCherrySettings) -> None:
        self._api = api
        self._settings = settings

    async def records(self, skus: Sequence[str]) -> list[ItemRecord]:
        """One call each. Rejected(SKU_NOT_IN_MASTER) for a text that cannot be a SKU here."""
        separator = self._settings.sku_separator
        return [item_record(sku, await self._api.item(split_sku(sku, separator)), separator) for sku in skus]

    async def check(self, skus: Sequence[str], code: ExceptionCode) -> None:
        """Rejected, with this code, for all that are unknown or inactive."""
        dead = [item.sku for item in await self.records(list(dict.fromkeys(skus))) if not item.active]
        if dead:
            reason = f"{', '.join(dead)}: unknown or inactive in {VENDOR}"
            raise Rejected(code, reason, "E205", figures={"sku": ", ".join(dead)})

    async def stock(self, skus: Sequence[str]) -> list[DepotStock]:
        """Stock in each warehouse of our division, as of the last window. Rejected for an unknown SKU."""
        rows = []
        for sku in dict.fromkeys(skus):
            if (item := await self._api.item(split_sku(sku, self._settings.sku_separator))) is None:
                raise Rejected(ExceptionCode.SKU_NOT_IN_MASTER, f"{VENDOR} has no {sku}", figures={"sku": sku})
            for warehouse in sorted(self._settings.warehouses[self._settings.division]):
                if (row := await self._api.stock(warehouse, item)) is not None:
                    depot = self._settings.depot(warehouse)
                    rows.append(DepotStock(sku=sku, depot=depot, physical=row.on_hand, available=row.available))
        return rows
