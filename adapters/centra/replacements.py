"""Orders by which the new units of an exchange go out: checked, placed through the Order API, cancelled (R54–R60).

Customer and delivery data are copied from the original order's answer into the new order's message; they are in no
result, error, log or repr. The number of an exchange order is derived from our key within the retailer's reserved
range. Should it be taken by an order with another key, the next one in line is used: the line only depends on the key.

A dearer replacement shows what the customer paid on top as the unit price of its line; an even or a cheaper one is
free. Centra may split an order; the further numbers are found by the internal comment, which all of them have.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.centra import contract, mapping
from adapters.centra.client import CentraClient
from adapters.centra.contract import VENDOR
from adapters.centra.returns import Returns
from adapters.centra.rmas import belonging
from adapters.centra.settings import CentraSettings
from adapters.centra.stock import StockRoom, is_active
from adapters.centra.wire import Delivery, Placed
from adapters.kit.once import effectively_once
from domain.documents import CancelReplacement, Posted, ReplacementFault, ReplacementOrder
from domain.exceptions import ExceptionCode
from domain.money import decimal_text
from domain.outcomes import Rejected

#: How often a number may be taken by somebody else's order.
NUMBERS_TRIED = 4

#: Archived orders are only shown to who asks for them.
ANY_STATUS = list(contract.ORDER_STATES)


@dataclass(frozen=True)
class Original:
    """What a replacement takes over from the original order; `address` is never shown."""

    order: int
    customer: int | None
    market: int | None
    pricelist: int | None
    address: Mapping[str, str] = field(repr=False)

    @property
    def missing(self) -> list[str]:
        """Names of the fields that are needed and not there."""
        lacking = [name for name in contract.NEEDED if not self.address.get(name)]
        ids = {"customerId": self.customer, "marketId": self.market, "pricelistId": self.pricelist}
        return [*lacking, *(name for name, number in ids.items() if number is None)]


class Replacements:
    """Replacement orders of one Centra."""

    def __init__(self, client: CentraClient, stock: StockRoom, returns: Returns, settings: CentraSettings) -> None:
        self._client = client
        self._returns = returns
        self._stock = stock
        self._settings = settings

    async def check(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """Item, stock and data, each read now and all of them, whatever is wrong first (R37, R58)."""
        taken = await self._original(request.original_order)
        size = (await self._stock.sizes([request.sku])).get(request.sku)
        faults = []
        if not is_active(size):
            reason = f"{request.sku} is unknown or inactive in {VENDOR}"
            faults.append(ReplacementFault(kind="item", field="SKU", reason=reason))
        rows = size.stock if size else ()
        free = sum(row.free for row in rows if row.warehouse in self._settings.exchange_warehouses)
        if free < request.quantity:
            reason = f"{request.quantity} of {request.sku} wanted, {max(free, 0)} to sell"
            faults.append(ReplacementFault(kind="stock", field="freeToAllocateQuantity", reason=reason))
        return [*faults, *(_data_fault(name, request.original_order) for name in taken.missing)]

    async def find(self, key: str) -> Posted | None:
        """The live orders under our key. Rejected(EXCHANGE_DATA) when it is cancelled: the key is used up."""
        found, _ = await self._placed(key)
        if not found:
            return None
        live = [order for order in found if order.status != contract.CANCELLED]
        if not live:
            words = f"{VENDOR} order {found[0].number} of this exchange is cancelled"
            raise Rejected(ExceptionCode.EXCHANGE_DATA, words, contract.CANCELLED)
        return Posted(number=str(live[0].number), parts=[str(order.number) for order in live[1:]])

    async def order(self, request: ReplacementOrder) -> Posted:
        """The new order, once."""

        async def find() -> Posted | None:
            return await self.find(request.key)

        try:
            return await effectively_once(find, lambda: self._place(request))
        except Rejected as refused:
            # an order of ours that was on its way may itself have taken the last units
            if refused.code is not ExceptionCode.EXCHANGE_OOS or (found := await find()) is None:
                raise
            return found.model_copy(update={"adopted": True})

    async def cancel(self, request: CancelReplacement) -> Posted:
        """Every order of it. Cancelled already, or never made, is success; despatched is EXCHANGE_EXPOSURE."""
        found, _ = await self._placed(request.key)
        if not found and request.order_number:
            found = await self._numbered(int(request.order_number)) if request.order_number.isdecimal() else []
        if (gone := next((order for order in found if _despatched(order)), None)) is not None:
            raise _exposed(gone)
        for order in found:
            await self._cancel(order, request.reason)
        adopted = all(order.status == contract.CANCELLED for order in found)
        return Posted(number=str(found[0].number) if found else "", adopted=adopted)

    async def _cancel(self, order: Placed, reason: str) -> None:
        async def cancelled() -> Posted | None:
            now = next(iter(await self._numbered(order.number)), order)
            if _despatched(now):
                raise _exposed(now)
            return Posted(number=str(now.number)) if now.status == contract.CANCELLED else None

        async def cancel() -> Posted:
            wanted = {
                "comment": reason,
                "emailOptions": {"sendEmail": False},
                "stockAction": {"releaseItemsBackToWarehouse": True},
            }
            await self._client.mutate(contract.CANCEL_ORDER, id=order.id, i=wanted)
            return Posted(number=str(order.number))

        try:
            await effectively_once(cancelled, cancel)
        except Rejected as refused:
            if refused.code is ExceptionCode.EXCHANGE_EXPOSURE or await cancelled() is None:
                raise

    async def _place(self, request: ReplacementOrder) -> Posted:
        taken = await self._original(request.original_order)
        _, number = await self._placed(request.key)
        rows = belonging(await self._returns.of_order(taken.order), request.rma_number)
        origin = rows[0].id if rows else None  # a credit may have put another return in the place of the first one
        numbers = await self._client.place_order(new_order(request, taken, number, origin))
        return Posted(number=numbers[0], parts=numbers[1:])

    async def _original(self, order_number: str) -> Original:
        delivery = await mapping.read(self._client, order_number, Delivery, contract.DELIVERY)
        return original(delivery, self._settings)

    async def _placed(self, key: str) -> tuple[list[Placed], int]:
        """The orders that our key made, the one with a number of ours first; or none, and the number to take."""
        for number in numbers_of(key, self._settings):
            rows = await self._numbered(number)
            if not rows:
                return [], number
            if _names(rows[0], key):
                return [rows[0], *await self._split_from(rows[0], key)], number
        words = f"{VENDOR} has other orders under all numbers of this exchange; its reserved range is too small"
        raise Rejected(ExceptionCode.CONFIG_INVALID, words)

    async def _numbered(self, number: int) -> list[Placed]:
        return await self._client.rows(contract.PLACED, Placed, w={"number": [number], "status": ANY_STATUS})

    async def _split_from(self, order: Placed, key: str) -> list[Placed]:
        if order.customer is None:
            return []
        since = {"from": order.created_at.isoformat()}
        same = {"customerId": [order.customer.id], "createdAt": since, "status": ANY_STATUS}
        rows = await self._client.rows(contract.PLACED, Placed, w=same)
        return [row for row in rows if row.number != order.number and _names(row, key)]


def numbers_of(key: str, settings: CentraSettings) -> Iterator[int]:
    """The numbers an exchange may have, in order of preference."""
    for attempt in range(NUMBERS_TRIED):
        digest = int.from_bytes(hashlib.sha256(f"{key}#{attempt}".encode()).digest()[:8])
        yield settings.exchange_numbers_from + digest % settings.exchange_numbers


def original(delivery: Delivery, settings: CentraSettings) -> Original:
    """What a replacement takes over from its original order; a missing field is empty."""
    has = delivery.address or {}
    address = {ours: text for ours, theirs in contract.ADDRESS.items() if isinstance(text := has.get(theirs), str)}
    country = has.get("country")
    code = country.get("code") if isinstance(country, dict) else None
    mail = address.get("email") or (delivery.customer.email if delivery.customer else None) or ""
    return Original(
        order=delivery.number,
        customer=delivery.customer.id if delivery.customer else None,
        market=delivery.market.id if delivery.market else settings.market_id,
        pricelist=delivery.pricelist.id if delivery.pricelist else settings.pricelist_id,
        address=address | {"email": mail, "country": code if isinstance(code, str) else ""},
    )


def new_order(request: ReplacementOrder, taken: Original, number: int, origin: int | None) -> dict[str, object]:
    """The Order API's message: free but for the due, to the same customer and address, linked to a return."""
    nothing, rma = _money(0, request.currency), request.rma_number
    return {
        "customerId": taken.customer,
        "address": {name: text for name, text in taken.address.items() if text},
        "marketId": taken.market,
        "pricelistId": taken.pricelist,
        "products": [
            {
                "qty": quantity,
                "sku": request.sku,
                "unitPrice": _money(price, request.currency),
                "comment": f"Exchange {request.key}",
            }
            for quantity, price in _prices(request)
        ],
        "shippingValue": nothing,
        "voucherValue": nothing,
        "applyVouchers": False,
        "sendEmail": False,
        "internalOrder": False,
        "adjustStock": True,
        **({"createdFromOrigin": {"type": "return", "id": origin}} if origin else {}),
        "internalComment": f"exchange:{request.key} rma={rma} original={request.original_order}",
        "orderNumber": number,
    }


def _prices(request: ReplacementOrder) -> list[tuple[int, int]]:
    """(units, price of each) so that they come to the due exactly."""
    low, dearer = divmod(request.due, request.quantity)
    return [(units, price) for units, price in ((request.quantity - dearer, low), (dearer, low + 1)) if units]


def _names(order: Placed, key: str) -> bool:
    return (order.comment or "").split(" ")[0] == f"exchange:{key}"


def _despatched(order: Placed) -> bool:
    return order.status in (contract.SHIPPED, contract.ARCHIVED)


def _exposed(order: Placed) -> Rejected:
    return Rejected(ExceptionCode.EXCHANGE_EXPOSURE, f"{VENDOR} order {order.number} is {order.status}", order.status)


def _money(amount: int, currency: str) -> Decimal:
    return Decimal(decimal_text(amount, currency))


def _data_fault(name: str, order_number: str) -> ReplacementFault:
    return ReplacementFault(kind="data", field=name, reason=f"{name} is missing on order {order_number}")
