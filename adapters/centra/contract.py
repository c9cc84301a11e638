"""Everything we take Centra's wire to be, in one place (vendors/centra.md). ASSUMED marks what no page of theirs says.

Documented: the two transports, `userErrors` in HTTP 200, `createReturn` / `completeReturn` / `uncompleteReturn` /
`deleteReturn` / `changeStock` / `cancelDirectToConsumerOrder`, the return filter, the Order API's create-order.
ASSUMED besides the marks below:

- `Order.shipments`, `ShipmentLine.orderLine`, `Return.lines.quantity`, `Return.externalId`; `productSizes` by SKU.
- An archived order is shown when the status filter asks for it, and its shipments can still be returned.
- Amounts are with tax unless asked for without (documented for two of them) and before order discounts;
  `totals.discounts` is positive and takes no tax away with it.
- A line's value stays that of all units ordered; `cancelledQuantity` says how many of them do not count any more.
- Units of a line are worth rounded running totals of it, and are returned from the first one on.
- A return's grand total is its lines and shippingCost, less voucherValue and returnCost, with tax.
- A bundle has a line of its own without value (`isBundle`), and a line for each part (`isPartOfBundle`), which alone
  are shipped and returned; `ProductSize.bundle` is its recipe.
- A comment is kept as it was sent. It says whose a return is where the external id does not (`notes`).
- The top-level fields of one mutation run one after the other, also after one of them failed (GraphQL, 6.2.2).
- `productSize.SKU` of GraphQL is the `sku` of the Order API. Zero prices are accepted there.
- `stockChangeConnection` has cursors and pages as `orderConnection` has, oldest change first; `StockChange.createdAt`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from adapters.kit.status import COMMON, Meaning, StatusTable
from domain.exceptions import ExceptionCode
from domain.order import OrderStatus

VENDOR = "Centra"

#: Business refusals come inside HTTP 200; another 4xx is a wrong address or a proxy in the way, and no return's fault.
STATUSES = StatusTable({**COMMON, 404: Meaning.TROUBLE, 409: Meaning.TROUBLE})

AUTHORIZATION = "authorization"
INTERNAL = frozenset({"internal", "server"})
"""ASSUMED categories of top-level errors after which a mutation may have been applied."""

ROWS = 200
"""Most rows of one list."""
MAX_PAGES = 200
"""No list is longer; one that never ends must not hold us for ever."""
STOCK_CHANGES_BACK = 50
"""The newest stock changes, where our key is looked for first."""
STOCK_CHANGE_PAGES = 100
"""So many lists of them are searched for our key: more would take longer than a step has."""
CLOCKS_APART = timedelta(minutes=5)
"""Our clock and Centra's differ by less."""
LOOK_BACK_DAYS = 120
"""ASSUMED: the whole life of a return; there is no completed-at filter."""
MAX_SHIPMENTS = 20
"""Shipments of one order that can have returns of ours: their external ids must be enumerable from our key alone."""
SKUS_AT_ONCE = 100
GREATEST_INT = 2**31 - 1
"""Of GraphQL's Int."""
REQUESTS_PER_TEN_SECONDS = 14
MUTATIONS_PER_HOUR = 800

# --- words ------------------------------------------------------------------------------------------------

ARCHIVED, CANCELLED, SHIPPED = "ARCHIVED", "CANCELLED", "SHIPPED"  # ARCHIVED is ASSUMED
ORDER_STATES: Mapping[str, OrderStatus] = MappingProxyType(
    {
        "PENDING": OrderStatus.OPEN,
        "CONFIRMED": OrderStatus.OPEN,
        "PROCESSING": OrderStatus.OPEN,
        SHIPPED: OrderStatus.OPEN,
        ARCHIVED: OrderStatus.LOCKED,
        CANCELLED: OrderStatus.CANCELLED,
    }
)
RETURN_PENDING, RETURN_COMPLETED = "PENDING", "COMPLETED"  # ASSUMED
CREDIT_STATUSES = (RETURN_COMPLETED,)
CREDIT_PREFIX = "CENTRA-RETURN-"
VARIANT_ACTIVE = "ACTIVE"  # ASSUMED

# --- refusals: ASSUMED texts; the first pattern that matches wins --------------------------------------------

MISSING, DONE, STATE, STOCK, QTY = "missing", "done", "state", "stock", "quantity"
TEXTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (MISSING, r"\bcould not find\b|\bnot found\b|\bdoes not exist\b"),
        (DONE, r"\balready (completed|cancelled|deleted)\b|\bnot completed\b"),
        (STOCK, r"\bout of stock\b|\bnot enough\b|\binsufficient\b"),
        (STATE, r"\b(archived|locked|cancelled|shipped|captured|completed)\b"),
        (QTY, r"\bexceeds?\b|\breturnable\b|\bquantity\b"),
    )
)

#: Codes of the Order API → ours. −5 is not here: the order exists, perhaps it is ours.
ORDER_EXISTS = -5
ORDER_REFUSALS: Mapping[int, ExceptionCode] = MappingProxyType(
    {-1: ExceptionCode.SKU_NOT_IN_MASTER, -2: ExceptionCode.EXCHANGE_OOS}
)
OTHER_ORDER_REFUSAL = ExceptionCode.EXCHANGE_DATA

#: Where a replacement goes: field of the Order API's address ← field of the order's shipping address. ASSUMED:
#: coaddress, phoneNumber, state.
ADDRESS: Mapping[str, str] = MappingProxyType(
    {
        "email": "email",
        "phoneNumber": "phoneNumber",
        "firstName": "firstName",
        "lastName": "lastName",
        "address": "address1",
        "coaddress": "address2",
        "city": "city",
        "zipcode": "zipCode",
        "state": "stateOrProvince",
    }
)
NEEDED = ("email", "firstName", "lastName", "address", "city", "zipcode", "country")
"""Fields of that address without which nobody could deliver (code −4)."""

# --- operations -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Operation:
    """One GraphQL document. `name` is the field it asks for; `refusals` says what a kind of user error means;
    `mutations` is how many of them Centra counts."""

    name: str
    document: str
    otherwise: ExceptionCode
    mutations: int = 0
    refusals: Mapping[str, ExceptionCode] = field(default_factory=dict)

    @property
    def write(self) -> bool:
        """Whether a lost answer leaves doubt."""
        return self.mutations > 0

    def refusal(self, kind: str) -> ExceptionCode:
        """Our code for a kind of refusal."""
        return self.refusals.get(kind, self.otherwise)


_ERRORS = "userErrors{message path} userWarnings{message path}"
_RETURN = "return{id lines{id shipmentLine{id}}}"
_MONEY = "{value currency{code}}"

ORDERS = Operation(
    "orders",
    "query orders($n:[Int!],$s:[OrderStatus!]){orders(where:{number:$n,status:$s},limit:1){id number status createdAt"
    f" grandTotal{_MONEY} totals{{shipping{{value}} handling{{value}} taxIncluded{{value}} taxAdded{{value}}"
    " discounts{value}} lines(includeFullyCancelled:true){id quantity cancelledQuantity returnedQuantity"
    " taxPercent isBundle isPartOfBundle lineValue{value} net:lineValue(includingTax:false){value}"
    " original:unitOriginalPrice{value} originalNet:unitOriginalPrice(includingTax:false){value} productSize{SKU}}"
    " ...on DirectToConsumerOrder{customer{id}} shipments{id isShipped lines{id quantity orderLine{id}}}}}",
    ExceptionCode.ORDER_NOT_FOUND,
)
#: The same query for people's data: asked only when a replacement is to go to the same customer.
DELIVERY = Operation(
    "orders",
    "query delivery($n:[Int!],$s:[OrderStatus!]){orders(where:{number:$n,status:$s},limit:1){number market{id}"
    " pricelist{id} shippingAddress{firstName lastName address1 address2 city zipCode stateOrProvince country{code}"
    " email phoneNumber} ...on DirectToConsumerOrder{customer{id email}}}}",
    ExceptionCode.ORDER_NOT_FOUND,
)
#: Orders that an exchange made, by number or by customer.
PLACED = Operation(
    "orders",
    "query placed($w:OrderFilter){orders(where:$w,limit:200){id number status createdAt internalComment"
    " ...on DirectToConsumerOrder{customer{id}}}}",
    ExceptionCode.EXCHANGE_DATA,
)
RETURNS = Operation(
    "returns",
    "query returns($w:ReturnFilter,$p:Int){returns(where:$w,limit:200,page:$p){id externalId returnStatus createdAt"
    f" comment grandTotal{_MONEY} order{{number}} shipment{{id}} lines{{id quantity shipmentLine{{id}}}}}}}}",
    ExceptionCode.CONFIG_INVALID,
)
PAYMENTS = Operation(
    "returns",
    "query payments($w:ReturnFilter){returns(where:$w,limit:1){id refundPaymentHistory{entryType status}}}",
    ExceptionCode.CONFIG_INVALID,
)
PRODUCT_SIZES = Operation(
    "productSizes",
    "query sizes($w:ProductSizeFilter){productSizes(where:$w,limit:200){id SKU size{id}"
    " productVariant{id status} bundle{quantity productSize{SKU}}"
    " stock(limit:200){warehouse{id} physicalQuantity freeToAllocateQuantity}}}",
    ExceptionCode.SKU_NOT_IN_MASTER,
)
STOCK_CHANGES = Operation(
    "stockChangeConnection",
    "query changes($n:Int!,$before:String){stockChangeConnection(last:$n,before:$before)"
    "{edges{node{id description createdAt}} pageInfo{hasPreviousPage startCursor}}}",
    ExceptionCode.STOCK_REJECTED,
)
RATE_LIMITS = Operation(
    "rateLimits",
    "query limits{rateLimits{type intervalSeconds quota usedQuota remainingQuota}}",
    ExceptionCode.CONFIG_INVALID,
)

CREATE_RETURN = Operation(
    "createReturn",
    f"mutation createReturn($i:ReturnCreateInput!){{createReturn(input:$i){{{_RETURN} {_ERRORS}}}}}",
    ExceptionCode.RMA_REJECTED,
    mutations=1,
    refusals={QTY: ExceptionCode.VALIDATION_QTY, STATE: ExceptionCode.ORDER_LOCKED},
)
#: One request, so that no crash of ours can come between taking a return away and putting another in its place.
REPLACE_RETURN = Operation(
    "createReturn",
    "mutation replaceReturn($id:Int!,$i:ReturnCreateInput!)"
    f"{{deleteReturn(id:$id){{{_ERRORS}}} createReturn(input:$i){{{_RETURN} {_ERRORS}}}}}",
    ExceptionCode.CREDIT_REJECTED,
    mutations=2,
)
COMPLETE_RETURN = Operation(
    "completeReturn",
    f"mutation completeReturn($id:Int!){{completeReturn(id:$id,input:{{sendEmail:false}}){{return{{id}} {_ERRORS}}}}}",
    ExceptionCode.CREDIT_REJECTED,
    mutations=1,
)
REFUND_RETURN = Operation(
    "refundReturn",
    f"mutation refundReturn($id:Int!){{refundReturn(id:$id,input:{{sendEmail:false}}){{{_ERRORS}}}}}",  # ASSUMED
    ExceptionCode.CREDIT_REJECTED,
    mutations=1,
)
UNCOMPLETE_RETURN = Operation(
    "uncompleteReturn",
    f"mutation uncompleteReturn($id:Int!){{uncompleteReturn(id:$id){{{_ERRORS}}}}}",
    ExceptionCode.CREDIT_REJECTED,
    mutations=1,
)
DELETE_RETURN = Operation(
    "deleteReturn",
    f"mutation deleteReturn($id:Int!){{deleteReturn(id:$id){{{_ERRORS}}}}}",
    ExceptionCode.RMA_REJECTED,
    mutations=1,
)
CHANGE_STOCK = Operation(
    "changeStock",
    f"mutation changeStock($i:StockChangeInput!){{changeStock(input:$i){{stockChange{{id}} {_ERRORS}}}}}",
    ExceptionCode.STOCK_REJECTED,
    mutations=1,
)
CANCEL_ORDER = Operation(
    "cancelDirectToConsumerOrder",
    "mutation cancelOrder($id:String!,$i:OrderCancelInput!){cancelDirectToConsumerOrder(id:$id,input:$i)"
    f"{{order{{id status}} {_ERRORS}}}}}",
    ExceptionCode.EXCHANGE_DATA,
    mutations=1,
    refusals={STATE: ExceptionCode.EXCHANGE_EXPOSURE},
)
