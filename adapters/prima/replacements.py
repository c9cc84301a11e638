"""Orders by which the new units of an exchange go out: checked, placed, cancelled (R54–R60, R64).

Customer and delivery data are copied from the original order's answer into the new order's message. They are in
no result, error, log or repr: the original is a `Record` or an `Original`, which show no values, and Prima's own
words about the new order are not quoted (`Message.personal`).

| RequestType                            | builder             | parser                        |
| -------------------------------------- | ------------------- | ----------------------------- |
| ProductDetail, MultiAvailableToSell    | mapping.sku_rows    | answers.item_records, _on_sale |
| OrderDetail                            | (number)            | original                      |
| MultiNewOrder / OrderStatus            | new_order           | answers.posted / found_order  |
| CancelOrder / OrderStatus              | (number, narrative) | answers.posted / cancelled    |
"""

from dataclasses import dataclass, field
from functools import partial

from adapters.kit.once import effectively_once
from adapters.prima import answers, contract, mapping
from adapters.prima.client import VENDOR, PrimaClient
from adapters.prima.codec import Document, Record, Values
from adapters.prima.posting import Posting
from adapters.prima.settings import PrimaSettings
from adapters.prima.values import short_sku, split_sku, whole
from domain.documents import CancelReplacement, Posted, ReplacementFault, ReplacementOrder
from domain.exceptions import ExceptionCode
from domain.money import decimal_text
from domain.outcomes import Rejected


@dataclass(frozen=True)
class Original:
    """What a replacement takes over from the original order; `personal` is never shown."""

    personal: Values = field(repr=False)
    delivery_service: str

    @property
    def missing(self) -> list[str]:
        """Names of the attributes that are needed and not there."""
        return [name for name in contract.NEEDED if not self.personal[name]]


class Replacements:
    """Replacement orders of one Prima."""

    def __init__(self, client: PrimaClient, settings: PrimaSettings) -> None:
        self._client = client
        self._settings = settings
        self._posting = Posting(client)

    async def check(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """Item, stock and data, each read now and all of them, whatever is wrong first (R37, R58)."""
        original = await self._original(request.original_order)
        faults = await self._goods_faults(request)
        return [*faults, *(_data_fault(name, request.original_order) for name in original.missing)]

    async def find(self, key: str) -> Posted | None:
        """OrderStatus under our key. Rejected(EXCHANGE_DATA) when it is cancelled: the key is used up."""
        return await self._client.find(contract.ORDER_STATUS, {"OrderNumber": key}, partial(found_order, key=key))

    async def order(self, request: ReplacementOrder) -> Posted:
        """MultiNewOrder, once. The number is our key."""
        find = partial(self.find, request.key)
        try:
            return await effectively_once(find, partial(self._place, request))
        except Rejected as refused:
            # an order of ours that was on its way may itself have taken the last units
            if refused.code is not ExceptionCode.EXCHANGE_OOS or (found := await find()) is None:
                raise
            return found.model_copy(update={"adopted": True})

    async def cancel(self, request: CancelReplacement) -> Posted:
        """CancelOrder. An order that Prima does not have is success, number empty."""
        number = request.order_number or request.key
        document: Document = ({"OrderNumber": number, "Narrative": request.reason}, ())
        undone = partial(cancelled_order, number=number)
        try:
            return await self._posting.cancel(contract.CANCEL_ORDER, document, contract.ORDER_STATUS, undone)
        except Rejected as refused:
            if refused.vendor_code != contract.NOTFOUND:
                raise
            return Posted(number="", adopted=True)

    async def _place(self, request: ReplacementOrder) -> Posted:
        document = new_order(request, await self._original(request.original_order), self._settings)
        try:
            return await self._client.call(contract.NEW_ORDER, document, partial(answers.posted, contract.NEW_ORDER))
        except Rejected as refused:
            if refused.code is not ExceptionCode.EXCHANGE_OOS:
                raise
            words = f"{VENDOR} has no {request.quantity} of {request.sku} to sell any more"
            raise Rejected(refused.code, words, refused.vendor_code) from None

    async def _original(self, order_number: str) -> Original:
        asked: Document = ({"OrderNumber": order_number}, ())
        return await self._client.call(contract.ORDER_DETAIL, asked, partial(original, settings=self._settings))

    async def _goods_faults(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """An item that cannot be ordered, and too few units of it; of a text that is no SKU nothing can be asked."""
        try:
            asked = mapping.sku_rows([request.sku], self._settings)
        except Rejected as no_sku:
            return [ReplacementFault(kind="item", field="Product", reason=str(no_sku))]
        parse = partial(answers.item_records, skus=[request.sku], settings=self._settings)
        (item,) = await self._client.call(contract.PRODUCT_DETAIL, asked, parse)
        sku = split_sku(request.sku, self._settings.sku_separator)
        on_sale = await self._client.call(contract.AVAILABLE_TO_SELL, asked, partial(_on_sale, sku=sku))
        faults = []
        if not item.active or item.components:
            why = "is a kit, which cannot be ordered as a replacement" if item.active else "is unknown or inactive"
            faults.append(ReplacementFault(kind="item", field="Product", reason=f"{request.sku} {why} in {VENDOR}"))
        if on_sale < request.quantity:
            reason = f"{request.sku}: {request.quantity} wanted, {on_sale} available"
            faults.append(ReplacementFault(kind="stock", field="Quantity", reason=reason))
        return faults


def original(data: Record, settings: PrimaSettings) -> Original:
    """The part of an OrderDetail answer that a replacement takes over; a missing attribute is empty."""
    delivery = next(iter(data.rows("OrderDeliveryData")), Record("OrderDeliveryData", {}))
    personal = {ours: data.get(theirs) for ours, theirs in contract.FROM_ORDER.items()}
    personal |= {ours: delivery.get(theirs) for ours, theirs in contract.FROM_DELIVERY.items()}
    charges = (row.get("Charge") for row in data.rows("OrderChargeData"))
    return Original(personal, next((code for code in charges if code in settings.shipping_charges), ""))


def new_order(request: ReplacementOrder, taken: Original, settings: PrimaSettings) -> Document:
    """MultiNewOrder at no price, to the same place by the same service; the due, if any, is a charge of its own."""
    due = decimal_text(request.due, request.currency)
    nothing = decimal_text(0, request.currency)
    data = {
        "UniqueId": mapping.unique_id(request.key),
        "TPGUID": request.key,
        "OrderNumber": request.key,
        "HoldOrder": "No",
        "CustomerRef": request.rma_number,
        "WROrdRef1": request.original_order,
        "OrderType": settings.exchange_order_type,
        "VatInclusive": "Yes" if request.tax_inclusive else "No",
        **taken.personal,
    }
    line = {
        "OrderLine": "1",
        **split_sku(request.sku, settings.sku_separator),
        "Quantity": str(request.quantity),
        "Price": nothing,
        "LineReference": request.original_order,
    }
    charges = [(taken.delivery_service, nothing)] if taken.delivery_service else []
    if request.due or not charges:
        charges.append((settings.exchange_charge, due))
    return data, [
        ("OrderHeaderData", {"Currency": request.currency, "OrderPaid": "Yes"}),
        ("OrderLineData", line),
        *(("OrderChargeData", {"Charge": code, "ChargeValue": value}) for code, value in charges),
        ("OrderPaymentData", {"PayMethod": settings.exchange_payment_method, "TranAmount": due}),
    ]


def found_order(record: Record, key: str) -> Posted:
    """The order that has our key as its number, when it is alive."""
    if record.need("OrderStatus") == contract.ORDER_CANCELLED:
        words = f"{VENDOR} order {key} is cancelled"
        raise Rejected(ExceptionCode.EXCHANGE_DATA, words, contract.ORDER_CANCELLED)
    return Posted(number=key)


def cancelled_order(record: Record, number: str) -> Posted | None:
    """The order when it is cancelled, else None."""
    return Posted(number=number) if record.need("OrderStatus") == contract.ORDER_CANCELLED else None


def _on_sale(data: Record, sku: Values) -> int:
    """Units that an order placed now would get; a SKU that Prima has no row for has none."""
    rows = (row for row in data.rows("SKU") if short_sku(row.values) == short_sku(sku))
    return sum(whole(row, "AvailableQuantity") for row in rows)


def _data_fault(name: str, order_number: str) -> ReplacementFault:
    return ReplacementFault(kind="data", field=name, reason=f"{name} is missing on order {order_number}")
