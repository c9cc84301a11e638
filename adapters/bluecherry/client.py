"""The read API: one method a call. Rows that were not asked for are left out."""

from collections.abc import Mapping
from datetime import date
from typing import TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ValidationError

from adapters.bluecherry import contract
from adapters.bluecherry.codes import Sku, of_wire
from adapters.bluecherry.contract import DAY, KEY_HEADER, VENDOR
from adapters.bluecherry.settings import BlueCherrySettings
from adapters.bluecherry.wire import (
    WireItem,
    WireMemo,
    WireOrder,
    WirePage,
    WireReturn,
    WireSalesOrder,
    WireStock,
)
from adapters.kit.answer import Answer
from adapters.kit.http import Limits, VendorHttp
from adapters.kit.misfit import first_misfit
from adapters.kit.outside import Outside
from adapters.kit.status import Meaning
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected, RetryLater, VendorTrouble

MAX_PAGES = 1000
"""No listing is longer. A vendor that always has a next page must not hold us for ever."""

W = TypeVar("W", bound=BaseModel)
Query = Mapping[str, str | int]


class ReadApi:
    """One division. Methods raise the four outcomes; a window in progress (503) is RetryLater."""

    def __init__(self, settings: BlueCherrySettings, outside: Outside) -> None:
        limits = Limits(timeout_seconds=settings.timeout_seconds, max_in_flight=settings.max_in_flight)
        self._http = VendorHttp(outside.http, VENDOR, contract.STATUSES, limits, outside.clock)
        self._settings = settings

    async def order(self, number: str) -> WireOrder | None:
        """The order, or None."""
        if not number:
            return None
        answer = await self._get(f"/orders/{quote(number, safe='')}", "read order", {"division": self._division})
        if answer is None:
            return None
        order = _parsed(WireOrder, answer.json(), answer)
        if order.order_no != number:
            raise answer.call.lost("the answer is for another order")
        return order

    async def item(self, sku: Sku) -> WireItem | None:
        """The item, or None."""
        rows, _ = await self._list(WireItem, "/items", "read item", sku.query)
        return next((row for row in rows if of_wire(row) == sku), None)

    async def stock(self, warehouse: str, item: WireItem) -> WireStock | None:
        """Stock of an item in one warehouse. One without UPC cannot be asked for: all of the warehouse is read."""
        sku, query = of_wire(item), {"warehouse": warehouse} | ({"upc": item.upc} if item.upc else {})
        page: int | None = 1
        while page is not None:
            rows, page = await self._list(WireStock, "/stock", "read stock", query, page)
            for row in rows:
                if of_wire(row) == sku and row.warehouse == warehouse:
                    return row
        return None

    async def rma(self, number: str) -> WireReturn | None:
        """The RMA by BlueCherry's number, or None."""
        if not number:
            return None
        answer = await self._get(f"/returns/{quote(number, safe='')}", "read return", {})
        if answer is None:
            return None
        found = _parsed(WireReturn, answer.json(), answer)
        if found.ra_no != number:
            raise answer.call.lost("the answer is for another return")
        return found

    async def rma_by_key(self, extref: str) -> WireReturn | None:
        """The RMA under our EXTREF, or None."""
        query = {"division": self._division, "extRef": extref}
        rows, _ = await self._list(WireReturn, "/returns", "find return", query)
        return next((row for row in rows if row.ext_ref == extref), None)

    async def sales_order(self, extref: str) -> WireSalesOrder | None:
        """The replacement order under our EXTREF, or None."""
        query = {"division": self._division, "extRef": extref}
        rows, _ = await self._list(WireSalesOrder, "/salesorders", "find order", query)
        return next((row for row in rows if row.ext_ref == extref), None)

    async def credit_memos(self, since: date, until: date, page: int) -> tuple[list[WireMemo], int | None]:
        """One page of the memos dated in the closed interval, and the number of the next one."""
        dates = {"dateFrom": since.strftime(DAY), "dateTo": until.strftime(DAY)}
        query = {"division": self._division, **dates}
        return await self._list(WireMemo, "/creditmemos", "list credit memos", query, page)

    async def probe(self) -> None:
        """Found and not found both prove address and key."""
        answer = await self._get(f"/orders/{contract.PROBE_ORDER}", "probe", {"division": self._division})
        if answer is not None:
            _parsed(WireOrder, answer.json(), answer)

    @property
    def _division(self) -> str:
        return self._settings.division

    async def _list(
        self, model: type[W], path: str, operation: str, query: Query, page: int = 1
    ) -> tuple[list[W], int | None]:
        answer = await self._get(path, operation, {**query, "page": page} if page > 1 else query)
        if answer is None:
            return [], None
        listing = _parsed(WirePage, answer.json(), answer)
        rows = [_parsed(model, row, answer) for row in listing.data]
        more = listing.page * listing.page_size < listing.total
        if listing.page != page or (more and (not rows or page >= MAX_PAGES)):
            raise answer.call.lost("a listing that does not come to its end")
        return rows, page + 1 if more else None

    async def _get(self, path: str, operation: str, query: Query) -> Answer | None:
        """The answer; None when BlueCherry does not have what was asked for, or no address can be written for it.

        "Not found" counts in the read API's own words only: another web server has a 404 for us too.
        """
        headers = {KEY_HEADER: self._settings.api_key.get_secret_value(), "Accept": "application/json"}
        url = self._settings.base_url + path
        try:
            request = self._http.request("GET", url, params=query, headers=headers)
        except (httpx.InvalidURL, ValueError):
            return None  # nothing that cannot stand in an address has such a number
        answer = await self._http.send(request, operation=operation, write=False)
        if answer.meaning not in (Meaning.OK, Meaning.ABSENT):
            code = _error_code(answer)
            raise Rejected(ExceptionCode.CONFIG_INVALID, f"{answer.call}: HTTP {answer.status} {code}".strip(), code)
        if answer.meaning is Meaning.ABSENT and not _error_code(answer):
            raise RetryLater(f"{answer.call}: what answers at this address is not the read API")
        return None if answer.meaning is Meaning.ABSENT else answer


def _parsed(model: type[W], body: object, answer: Answer) -> W:
    """The body; RetryLater, naming the first field that does not fit, but no value."""
    try:
        return model.model_validate(body)
    except ValidationError as trouble:
        raise answer.call.lost(first_misfit(trouble)) from None


def _error_code(answer: Answer) -> str:
    """BlueCherry's code; its message may name a customer."""
    try:
        body = answer.json()
    except VendorTrouble:
        return ""
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code[:40] if isinstance(code, str) else ""
