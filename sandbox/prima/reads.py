"""Orders, items and stock: OrderStatus, OrderDetail, ProductDetail, MultiAvailableToSell, DepotStock."""

from xml.etree.ElementTree import Element, SubElement

from sandbox.prima.fields import SKU_SHAPE, only_children, read_row, read_rows, sku_of, yes_no
from sandbox.prima.model import Order, OrderLine, Sku
from sandbox.prima.money import write_amount
from sandbox.prima.refusal import Refused
from sandbox.prima.state import Desk, PrimaWorld


def order_status(desk: Desk, data: Element, lag: float) -> Element:
    """The state alone."""
    return Element("Data", {"OrderStatus": _asked_order(desk, data, lag).status})


def order_detail(desk: Desk, data: Element, lag: float) -> Element:
    """Header, lines, charges and delivery address of one order."""
    order = _asked_order(desk, data, lag)
    answer = Element("Data", _header(order))
    for line in order.lines:
        SubElement(answer, "OrderLineData", _line(line, order.currency))
    for charge in order.charges:
        value = write_amount(charge.value, order.currency)
        SubElement(answer, "OrderChargeData", {"Charge": charge.charge, "ChargeValue": value})
    SubElement(answer, "OrderDeliveryData", order.delivery)
    return answer


def product_detail(desk: Desk, data: Element, lag: float) -> Element:
    """One row per SKU asked for; an unknown one is a row with `RowError`."""
    answer = Element("Data")
    for sku in _asked_skus(data):
        item = desk.world.items.get(sku, lag)
        if item is None:
            missing = {"Active": "No", "RowError": "Product not found"}
            SubElement(answer, "SKU", sku.attributes | missing)
            continue
        facts = {"Barcode": item.barcode, "Description": item.description, "Active": yes_no(item.active)}
        row = SubElement(answer, "SKU", sku.attributes | facts | {"Kit": yes_no(bool(item.parts))})
        for part, per_kit in item.parts:
            SubElement(row, "KitData", part.attributes | {"Quantity": str(per_kit)})
    return answer


def multi_available_to_sell(desk: Desk, data: Element, lag: float) -> Element:
    """Rows as the public client reads them: upper-case `SKU`, date with slashes, day first."""
    answer = Element("Data")
    for sku in _asked_skus(data):
        facts = {"AvailableQuantity": str(desk.world.sellable(sku, lag)), "AvailableDate": f"{desk.today():%d/%m/%Y}"}
        SubElement(answer, "SKU", _short(sku) | facts)
    return answer


def depot_stock(desk: Desk, data: Element, lag: float) -> Element:
    """One row per asked SKU and depot; `Data/@Depot` narrows to one depot."""
    wanted = read_row(data, "Depot")["Depot"]
    if wanted:
        desk.world.refuse_unknown_depot(wanted)
    answer = Element("Data")
    for sku in _asked_skus(data, "Depot"):
        desk.world.item(sku)
        for depot in [wanted] if wanted else desk.world.depots:
            SubElement(answer, "SKU", _short(sku) | _stock(desk.world, sku, depot, lag))
    return answer


def _asked_order(desk: Desk, data: Element, lag: float) -> Order:
    only_children(data)
    number = read_row(data, "OrderNumber!")["OrderNumber"]
    if (order := desk.world.orders.get(number, lag)) is None:
        raise Refused(f"Order {number} not found", "NOTFOUND")
    return order


def _asked_skus(data: Element, shape: str = "") -> list[Sku]:
    read_row(data, shape)
    only_children(data, ["SKU"])
    skus = [sku_of(row) for row in read_rows(data, "SKU", SKU_SHAPE)]
    if not skus:
        raise Refused("No SKU given")
    return skus


def _header(order: Order) -> dict[str, str]:
    return {
        "OrderNumber": order.number,
        "PrimaOrder": order.prima_order,
        "OrderStatus": order.status,
        "OrderType": order.order_type,
        "Archived": yes_no(order.archived),
        "Customer": order.customer,
        "Currency": order.currency,
        "VatInclusive": yes_no(order.vat_inclusive),
        "OrderDate": order.ordered_on.isoformat(),
        "InvoiceNumber": order.invoice,
        "CustomerEmail": order.email,
    }


def _line(line: OrderLine, currency: str) -> dict[str, str]:
    return {
        "OrderLine": str(line.line),
        **line.sku.attributes,
        "Quantity": str(line.quantity),
        "DespatchedQuantity": str(line.despatched),
        "ReturnedQuantity": str(line.returned),
        "Price": write_amount(line.price, currency),
        "DiscountValue": write_amount(line.discount, currency),
        "VatRate": f"{line.vat_rate:.2f}",
        "VatValue": write_amount(line.vat_value, currency),
        "Warehouse": line.warehouse,
        "LineReference": line.reference,
        "KitLine": str(line.kit_line),
    }


def _short(sku: Sku) -> dict[str, str]:
    return {"Product": sku.product, "MtrxCode1": sku.codes[0], "MtrxCode2": sku.codes[1]}


def _stock(world: PrimaWorld, sku: Sku, depot: str, lag: float) -> dict[str, str]:
    physical, available = world.physical(sku, depot, lag), world.available(sku, depot, lag)
    return {
        "Depot": depot,
        "PhysicalQuantity": str(physical),
        "AllocatedQuantity": str(physical - available),
        "AvailableQuantity": str(available),
    }
