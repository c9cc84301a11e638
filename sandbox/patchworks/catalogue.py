"""A varied world to start from: every kind of order that returns trip over, one each."""

from decimal import Decimal

from sandbox.kit.sold import DeliverySeed, ItemSeed, LineSeed, PartSeed, StockSeed
from sandbox.patchworks.seed import FullOrderSeed, add_item, add_order, add_stock
from sandbox.patchworks.state import PatchworksWorld

GIFT_BOX = (PartSeed(sku="P4001-RED-S"), PartSeed(sku="P4002-RED-OS"), PartSeed(sku="P4003-OAK", per_kit=2))

ITEMS = [
    ItemSeed(sku="P1001-BLK-080", description="Coat, black, 80 cm", barcode="5012345678900"),
    ItemSeed(sku="P1001-BLK-090", description="Coat, black, 90 cm", barcode="5012345678917"),
    ItemSeed(sku="P2001-WHT-M", description="Shirt", barcode="5012345678924"),
    ItemSeed(sku="P2002-BLU-L", description="Müller & Söhne Pullover", barcode="5012345678931"),
    ItemSeed(sku="P4001-RED-S", description="Scarf"),
    ItemSeed(sku="P4002-RED-OS", description="Hat"),
    ItemSeed(sku="P4003-OAK", description="Candle"),
    ItemSeed(sku="P4000-GIFT", description="Gift box", parts=GIFT_BOX),
    ItemSeed(sku="P9001-OLD", description="Discontinued belt", active=False),
]


def _line(sku: str, quantity: int, price: str, discount: str = "0", vat: str = "20.00") -> LineSeed:
    return LineSeed(sku=sku, quantity=quantity, price=Decimal(price), discount=Decimal(discount), vat_rate=Decimal(vat))


ORDERS = [
    FullOrderSeed(
        number="7000000000001",
        lines=(_line("P2001-WHT-M", 3, "19.99"), _line("P2002-BLU-L", 1, "45.00")),
        discounts=(Decimal("10.00"),),
        charges={"RM24": Decimal("5.95"), "FEE1": Decimal("0.00")},
    ),
    FullOrderSeed(
        number="7000000000002",
        customer="C002",
        currency="EUR",
        vat_inclusive=False,
        lines=(_line("P1001-BLK-080", 2, "100.00", "20.00"), _line("P1001-BLK-090", 1, "33.33", vat="5.00")),
        charges={"SD1": Decimal("10.00")},
        delivery=DeliverySeed(forename="Jürgen", surname="Müller & Söhne", line1="Łąkowa 3", country="DE"),
    ),
    FullOrderSeed(
        number="7000000000003",
        customer="C003",
        currency="JPY",
        lines=(_line("P2001-WHT-M", 3, "1100", vat="10"), _line("P2002-BLU-L", 1, "1980", vat="10")),
        discounts=(Decimal(500),),
    ),
    FullOrderSeed(
        number="7000000000004",
        customer="C004",
        currency="KWD",
        lines=(_line("P1001-BLK-080", 2, "6.375", vat="0"), _line("P1001-BLK-090", 1, "8.400", vat="0")),
        discounts=(Decimal("1.000"),),
    ),
    FullOrderSeed(
        number="7000000000005",
        lines=(
            LineSeed(sku="P4000-GIFT", quantity=2, price=Decimal("79.99"), parts=GIFT_BOX),
            _line("P2001-WHT-M", 1, "19.99"),
        ),
    ),
    FullOrderSeed(number="7000000000006", status="Closed", archived=True, lines=(_line("P1001-BLK-080", 2, "210.00"),)),
    FullOrderSeed(number="7000000000007", status="Closed", lines=(_line("P2002-BLU-L", 1, "60.00"),)),
    FullOrderSeed(number="7000000000008", lines=(_line("P9001-OLD", 1, "30.00"), _line("P2001-WHT-M", 1, "19.99"))),
    FullOrderSeed(number="7000000000009", status="Entered", lines=(_line("P2001-WHT-M", 1, "19.99"),)),
]

STOCK = [
    StockSeed(sku="P1001-BLK-080", quantity=12),
    StockSeed(sku="P1001-BLK-090", quantity=3),
    StockSeed(sku="P2001-WHT-M", quantity=40),
    StockSeed(sku="P2002-BLU-L", depot="02", quantity=7),
    StockSeed(sku="P4001-RED-S", quantity=4),
    StockSeed(sku="P4002-RED-OS", quantity=4),
    StockSeed(sku="P4003-OAK", quantity=6),
]


def varied_world() -> PatchworksWorld:
    """A new world with ITEMS, ORDERS and STOCK."""
    world = PatchworksWorld()
    for item in ITEMS:
        add_item(world, item)
    for order in ORDERS:
        add_order(world, order, ("RM24",))
    for stock in STOCK:
        add_stock(world, stock)
    return world
