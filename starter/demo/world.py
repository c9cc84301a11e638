"""The warehouse, which reports to the bridge."""

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from domain.returns import ReturnRef
from starter.demo.goods import LOCATION, Json, Units
from starter.demo.trouble import Refused


@dataclass(frozen=True)
class Warehouse:
    """A warehouse system that reports to the bridge.

    Every report says whether it was taken (False: Temporal is away, say it again), and raises Refused.
    """

    http: httpx.AsyncClient
    bridge: str
    token: str

    async def report(self, ref: ReturnRef, scan: str, units: Units, *, confirmed: bool = False) -> bool:
        """One parcel of a return. `confirmed`: counted again."""
        inspection = {**_inspection(scan, units), "confirmed": confirmed}
        return await self._post("inspections", {**ref.model_dump(), "inspection": inspection})

    async def report_blind(self, connection: str, scan: str, units: Units) -> bool:
        """A parcel whose return nobody knows."""
        body = {"connection": connection, "blind": True, "inspection": _inspection(scan, units)}
        return await self._post("inspections", body)

    async def report_regrade(self, ref: ReturnRef, name: str, units: Sequence[Json]) -> bool:
        """A second look at units of a return that are booked already."""
        regrade = {"regrade_id": name, "location": LOCATION, "units": list(units)}
        return await self._post("regrades", {**ref.model_dump(), "regrade": regrade})

    async def _post(self, path: str, body: Json) -> bool:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self.http.post(f"{self.bridge}/{path}", json=body, headers=headers)
        if answer.status_code == 503:
            return False
        if not answer.is_success:
            raise Refused(f"the bridge took nothing for {path}: {answer.status_code} {answer.text}")
        return True


def _inspection(scan: str, units: Units) -> Json:
    rows = [{"sku": sku, "quantity": quantity, "disposition": found} for sku, quantity, found in units]
    return {"inspection_id": scan, "location": LOCATION, "inspector": "bench-1", "units": rows}
