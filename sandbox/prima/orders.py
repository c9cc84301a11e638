"""Orders over the wire: MultiNewOrder, documented but for its answer and its refusals."""

from collections.abc import Callable
from decimal import Decimal
from xml.etree.ElementTree import Element

from sandbox.kit.money import vat_of
from sandbox.prima.allocation import allocate
from sandbox.prima.fields import Row, flag, only_children, read_row, read_rows, sku_of, units, whole
from sandbox.prima.model import Charge, Order, OrderLine, Sku
from sandbox.prima.money import parse_amount, write_amount
from sandbox.prima.refusal import Refused
from sandbox.prima.state import Desk, PrimaWorld

HEAD = (
    "UniqueId CustDef Customer TPGUID OrderNumber HoldOrder HoldOrderNarrative OrderChannel CustomerTitle "
    "CustomerForename CustomerSurname AddrLine1 AddrLine2 AddrLine3 AddrLine4 AddrLine5 AddrLine6 PostCode Country "
    "CustomerEmail CustomerPhone CustomerMobile CustomerFax CustomerRef VatInclusive Gender ReceiveMail ReceiveEmail "
    "ReceiveText ReceivePhone ReceiveMobile RentDetails DateOfBirth DelivAddrNo DeliveryFAO EntitlementCheck "
    "InvcAddrNo OrderType PaymentTerms Salesman SeasonDDValidation Wardrobe WorksNo WREmpCode WREmpDept WREmpRef1 "
    "WREmpRef2 WREmpRole WROrdRef1 WROrdRef2 WROrdRef3 WROrdRef4"
)
HEADER = (
    "B2B Brand SpecialInstructions ShippingInstructions SourceMedia OrderCategory OrderStatus Carrier CarrServ "
    "Currency OrderContact OrderDate OrderEmail OrderPaid PaymentOnOrder ProdConv Proforma Season SendToApproval"
)
INVOICE = (
    "InvoiceTitle InvoiceForename InvoiceSurname InvoiceAddrLine1 InvoiceAddrLine2 InvoiceAddrLine3 "
    "InvoiceAddrLine4 InvoiceAddrLine5 InvoiceAddrLine6 InvoicePostCode InvoiceCountry InvoiceEmail InvoicePhone "
    "InvoiceMobile InvoiceFax InvoiceFAO"
)
LINE = (
    "OrderLine! Product! MtrxCode1 MtrxCode2 MtrxCode3 MtrxCode4 Quantity! Price! Promotion PromotionValue "
    "WebPrmCode LineNarrative LineReference Warehouse Inventory Reserve DueDate TrDisc ExtTaxVal LineSalesman "
    "EnhancementToLine FIPSCode1 FIPSCode2 FIPSCode3 FIPSCode4 FIPSCode5 FIPSCode6 FIPSValue1 FIPSValue2 "
    "FIPSValue3 FIPSValue4 FIPSValue5 FIPSValue6 Voucher"
)
CHARGE = "Charge! ChargeValue!"
PAYMENT = (
    "PayMethod! SubPayMethod AuthRef AuthDate AuthTime TranAmount! PayProvider PayProviderStatus PayAuthRef PayAuthId "
    "LineRef TokenID TransactionID AuthenticationStatus VchNumber FailureCount ExchCreditNo"
)
CHILDREN = ("OrderHeaderData", "OrderInvoiceData", "OrderLineData", "OrderChargeData", "OrderPaymentData")
NEEDED = "TPGUID OrderNumber Customer CustomerForename CustomerSurname AddrLine1 PostCode Country VatInclusive".split()
DELIVERY = "AddrLine1 AddrLine2 AddrLine3 AddrLine4 AddrLine5 AddrLine6 PostCode Country".split()
USUAL_RATE = Decimal(20)


def multi_new_order(desk: Desk, data: Element, lag: float) -> Element:
    """Take an order: releasable at once unless it says `HoldOrder="Yes"`, its stock set aside. Refused whole."""
    head = read_row(data, HEAD)
    only_children(data, CHILDREN)
    header = _single(data, "OrderHeaderData", HEADER)
    _refuse_gaps(head, header)
    world = desk.world
    world.refuse_known_key("MultiNewOrder", head["TPGUID"])
    world.refuse_known_order(head["OrderNumber"])
    if head["Customer"] not in world.customers:
        raise Refused(f"Customer {head['Customer']} not found", "NOTFOUND")
    order = _read_order(desk, data, head, header)
    payments = [_payment(row, order.currency) for row in read_rows(data, "OrderPaymentData", PAYMENT)]
    return _post(desk, head["TPGUID"], allocate(world, order), sum(payments, Decimal(0)))


def _single(data: Element, tag: str, shape: str) -> Row:
    rows = read_rows(data, tag, shape)
    if len(rows) != 1:
        raise Refused(f"Exactly one {tag} is needed")
    return rows[0]


def _refuse_gaps(head: Row, header: Row) -> None:
    """One refusal that names everything that is missing."""
    missing = [name for name in NEEDED if not head[name].strip()]
    missing += ["Currency"] * (not header["Currency"].strip())
    if missing:
        raise Refused(f"Missing on order: {', '.join(missing)}")


def _read_order(desk: Desk, data: Element, head: Row, header: Row) -> Order:
    """The order that `data` asks for, without stock."""
    number, currency, inclusive = head["OrderNumber"], header["Currency"], flag(head, "VatInclusive")
    rate = _rates(desk.world, head["WROrdRef1"])
    rows = read_rows(data, "OrderLineData", LINE)
    lines = tuple(_line(desk.world, row, currency, inclusive, rate) for row in rows)
    if not lines or len({line.line for line in lines}) < len(lines):
        raise Refused("OrderLine numbers are missing or repeated")
    charges = read_rows(data, "OrderChargeData", CHARGE)
    names = {"Forename": head["CustomerForename"], "Surname": head["CustomerSurname"]}
    return Order(
        number=number,
        prima_order=f"00{sum(number.encode()) % 90000 + 10000}",
        status="Held" if head["HoldOrder"] == "Yes" else "Entered",
        order_type=head["OrderType"],
        archived=False,
        customer=head["Customer"],
        currency=currency,
        vat_inclusive=inclusive,
        ordered_on=desk.today(),
        invoice="",
        email=head["CustomerEmail"],
        lines=lines,
        charges=tuple(Charge(r["Charge"], parse_amount(r["ChargeValue"], currency, "ChargeValue")) for r in charges),
        delivery=names | {name: head[name] for name in DELIVERY if head[name] or name in ("AddrLine2", "PostCode")},
        customer_ref=head["CustomerRef"],
        original=head["WROrdRef1"],
    )


def _rates(world: PrimaWorld, original: str) -> Callable[[Sku], Decimal]:
    """VAT rate of a SKU: as on the order that this one refers to, else its first line's, else the usual one."""
    order = world.orders.get(original)
    known = {line.sku: line.vat_rate for line in order.lines} if order else {}
    first = order.lines[0].vat_rate if order else USUAL_RATE
    return lambda sku: known.get(sku, first)


def _line(world: PrimaWorld, row: Row, currency: str, inclusive: bool, rate: Callable[[Sku], Decimal]) -> OrderLine:
    item = world.item(sku_of(row))
    if not item.active:
        raise Refused(f"Product {item.sku} is not active", "SKU")
    if item.parts:
        raise Refused(f"Product {item.sku} is a kit, order its parts", "SKU")
    price, quantity = parse_amount(row["Price"], currency, "Price"), units(row)
    if price < 0:
        raise Refused("Price must not be negative")
    return OrderLine(
        line=whole(row, "OrderLine"),
        sku=item.sku,
        quantity=quantity,
        despatched=0,
        returned=0,
        price=price,
        discount=Decimal(0),
        vat_rate=rate(item.sku),
        vat_value=vat_of(quantity * price, rate(item.sku), inclusive, currency),
        warehouse=row["Warehouse"],
        reference=row["LineReference"],
        kit_line=0,
    )


def _payment(row: Row, currency: str) -> Decimal:
    return parse_amount(row["TranAmount"], currency, "TranAmount")


def _post(desk: Desk, tpguid: str, order: Order, paid: Decimal) -> Element:
    world = desk.world
    world.orders.put(order.number, order)
    world.claim_key("MultiNewOrder", tpguid, order.number)
    money = order.currency
    desk.journal.append(
        "MultiNewOrder",
        tpguid=tpguid,
        order=order.number,
        original_order=order.original,
        customer_ref=order.customer_ref,
        order_type=order.order_type,
        status=order.status,
        currency=money,
        total=write_amount(order.total, money),
        payment=write_amount(paid, money),
        lines=[
            {"sku": str(row.sku), "quantity": row.quantity, "price": write_amount(row.price, money)}
            for row in order.lines
        ],
        charges=[{"charge": row.charge, "value": write_amount(row.value, money)} for row in order.charges],
        delivery_matches=_same_delivery(world.orders.get(order.original), order),
    )
    return Element("Data", {"OrderNumber": order.number, "PrimaOrder": order.prima_order})


def _same_delivery(original: Order | None, order: Order) -> bool:
    """Whether it goes to the same customer at the same place. The journal holds no names and addresses."""
    if original is None:
        return False
    filled = [{name: text for name, text in row.delivery.items() if text} for row in (original, order)]
    return filled[0] == filled[1] and (original.customer, original.email) == (order.customer, order.email)
