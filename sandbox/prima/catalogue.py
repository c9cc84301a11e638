"""A varied world to start from: every kind of order that returns trip over, one each."""

from decimal import Decimal

from sandbox.kit.sold import DeliverySeed, ItemSeed, LineSeed, OrderSeed, PartSeed, StockSeed
from sandbox.prima.seed import add_item, add_order, add_stock
from sandbox.prima.state import PrimaWorld

GIFT_BOX = (PartSeed(sku="P4001-RED-S"), PartSeed(sku="P4002-RED-OS"), PartSeed(sku="P4003-OAK", per_kit=2))

ITEMS = [
    ItemSeed(sku="P1001-BLK-080", description="Coat, black, 80 cm", barcode="5012345678900"),
    ItemSeed(sku="P1001-BLK-090", description="Coat, black, 90 cm", barcode="5012345678917"),
    ItemSeed(sku="P2001-WHT-M", description="Shirt <Slim Fit> & tie", barcode="5012345678924"),
    ItemSeed(sku="P2002-BLU-L", description="Müller & Söhne Pullover", barcode="5012345678931"),
    ItemSeed(sku="P3001-NAT", description="L'été \u2013 Łódź linen bag", barcode="5012345678948"),
    ItemSeed(sku="P3002-KID-104", description="Child's jacket (zero rated)", barcode="5012345678955"),
    ItemSeed(sku="P4001-RED-S", description="Scarf"),
    ItemSeed(sku="P4002-RED-OS", description="Hat"),
    ItemSeed(sku="P4003-OAK", description="Candle"),
    ItemSeed(sku="P4000-GIFT", description="Gift box \u201cwinter\u201d", parts=GIFT_BOX),
    ItemSeed(sku="P9001-OLD", description="Discontinued belt", active=False),
]


def _line(sku: str, quantity: int, price: str, discount: str = "0", vat: str = "20.00") -> LineSeed:
    return LineSeed(sku=sku, quantity=quantity, price=Decimal(price), discount=Decimal(discount), vat_rate=Decimal(vat))


ORDERS = [
    OrderSeed(
        number="2011234",
        lines=(_line("P1001-BLK-080", 1, "245.00", "24.50"), _line("P2001-WHT-M", 3, "19.99", "5.71")),
        charges={"RM24": Decimal("4.95")},
    ),
    OrderSeed(
        number="2011235",
        customer="C002",
        lines=(_line("P2002-BLU-L", 2, "60.00"), _line("P3002-KID-104", 1, "25.00", vat="0.00")),
        delivery=DeliverySeed(forename="Jürgen", surname="Müller & Söhne", line1="Łąkowa 3 <b>", country="DE"),
    ),
    OrderSeed(
        number="2011236",
        customer="C003",
        currency="EUR",
        vat_inclusive=False,
        lines=(_line("P3001-NAT", 2, "100.00", "20.00"), _line("P1001-BLK-090", 1, "33.33", vat="5.00")),
        charges={"SD1": Decimal("10.00")},
    ),
    OrderSeed(
        number="2011237",
        customer="C004",
        currency="JPY",
        lines=(_line("P2001-WHT-M", 3, "1100", "313", "10.00"),),
    ),
    OrderSeed(
        number="2011238",
        customer="C005",
        currency="KWD",
        lines=(_line("P1001-BLK-080", 2, "6.375", "0.603", "0"),),
    ),
    OrderSeed(
        number="2011239",
        lines=(LineSeed(sku="P4000-GIFT", quantity=2, price=Decimal("79.99"), parts=GIFT_BOX),),
    ),
    OrderSeed(
        number="2011240",
        status="Closed",
        archived=True,
        lines=(_line("P1001-BLK-080", 2, "210.00", "42.00"),),
    ),
    OrderSeed(number="2011241", status="Closed", lines=(_line("P2002-BLU-L", 1, "60.00"),)),
    OrderSeed(
        number="2011242",
        status="Invoiced",
        lines=(_line("P9001-OLD", 1, "30.00"), _line("P2001-WHT-M", 1, "19.99")),
    ),
    OrderSeed(number="2011243", status="Held", lines=(_line("P2001-WHT-M", 1, "19.99"),)),
]

STOCK = [
    StockSeed(sku="P1001-BLK-080", quantity=12),
    StockSeed(sku="P1001-BLK-090", quantity=3),
    StockSeed(sku="P2001-WHT-M", quantity=40),
    StockSeed(sku="P2002-BLU-L", depot="02", quantity=7),
]


def varied_world() -> PrimaWorld:
    """A new world with ITEMS, ORDERS and STOCK."""
    world = PrimaWorld()
    for item in ITEMS:
        add_item(world, item)
    for order in ORDERS:
        add_order(world, order)
    for stock in STOCK:
        add_stock(world, stock)
    return world
