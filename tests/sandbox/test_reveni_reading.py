"""What a client may read from the emulated Reveni, against the wire contract."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from sandbox.kit.server import serve
from sandbox.reveni import CustomerSpec, ExchangeSpec, ItemSpec, ReturnSpec, ReveniSandbox

KEY = "sandbox-reveni-key"
START = datetime(2026, 3, 2, 10, 15, 30, 500_000, tzinfo=UTC)
HEX = re.compile(r"[0-9a-f]{32}")

EXAMPLE = ReturnSpec(
    order_external_id="5551234567890",
    order_number="#1001",
    mode="instant",
    type="mixed",
    fees=Decimal("3.42"),
    customer=CustomerSpec("zoe@example.com", "Zoë", "Müller-O'Brien", "ES"),
    items=(
        ItemSpec("11223344", "TS-BLU-M", 1, Decimal("29.95"), reason="size_too_small", name="T-shirt blue M"),
        ItemSpec(
            "11223345",
            "TR-BLK-40",
            1,
            Decimal("49.95"),
            exchange=ExchangeSpec("TR-BLK-42", 1, Decimal("49.95"), "998877"),
        ),
    ),
)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def simple(order: str, **more: object) -> ReturnSpec:
    return ReturnSpec(order, (ItemSpec("1", "SKU-1", 1, Decimal(10)),), **more)  # type: ignore[arg-type]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def reveni(clock: Clock) -> AsyncIterator[ReveniSandbox]:
    async with ReveniSandbox("store-1", KEY, clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
async def client(reveni: ReveniSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with serve(reveni.app) as server:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(base_url=server.url + reveni.base_path, headers=headers) as client:
            yield client


async def test_the_return_of_the_contract(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = reveni.add_return(EXAMPLE)
    answer = await client.get(f"/returns/{return_id}")
    body = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert HEX.fullmatch(return_id)
    assert HEX.fullmatch(body["order"]["id"])
    assert body | {"order": 0, "customer": 0, "return_items": 0, "refunds": 0, "shipment": 0} == {
        "id": return_id,
        "type": "mixed",
        "mode": "instant",
        "status": "in_progress",
        "amount": "76.4800",
        "currency": "EUR",
        "created_at": "2026-03-02T10:15:30Z",
        "updated_at": "2026-03-02T10:15:30Z",
        "expires_at": "2026-04-01T10:15:30Z",
        "order": 0,
        "customer": 0,
        "return_items": 0,
        "breakdown": {
            "return_items": "79.9000",
            "exchange_items": "49.9500",
            "fees": "3.4200",
            "shipping_refund": "0.0000",
            "bonus": "0.0000",
            "total": "26.5300",
        },
        "refunds": 0,
        "payments": [],
        "exchange_orders": [],
        "shipment": 0,
    }
    assert body["customer"]["last_name"] == "Müller-O'Brien"
    assert body["shipment"].keys() == {"carrier", "tracking_number", "tracking_url", "label_url"}


async def test_items_and_refunds_of_the_contract(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = reveni.add_return(EXAMPLE)
    body = (await client.get(f"/returns/{return_id}")).json()
    shirt, trousers = body["return_items"]
    assert shirt | {"id": 0} == {
        "id": 0,
        "external_id": "11223344",
        "sku": "TS-BLU-M",
        "name": "T-shirt blue M",
        "quantity": 1,
        "unit_price": "29.9500",
        "discount": "0.0000",
        "tax": "5.1979",
        "tax_rate": "0.2100",
        "tax_included": True,
        "return_reason": "size_too_small",
        "return_reason_text": "",
        "status": "pending",
        "reject_reason": None,
        "reject_reason_text": None,
        "exchange": None,
        "keep_item": False,
    }
    assert trousers["tax"] == "8.6690"
    wanted = {"sku": "TR-BLK-42", "variant_external_id": "998877", "quantity": 1, "unit_price": "49.9500"}
    assert trousers["exchange"] == wanted
    (refund,) = body["refunds"]
    assert refund | {"id": 0} == {
        "id": 0,
        "return_id": return_id,
        "kind": "default",
        "method": "instant_bank_transfer",
        "status": "paid",
        "amount": "26.5300",
        "currency": "EUR",
        "created_at": "2026-03-02T10:15:30Z",
        "paid_at": "2026-03-02T10:15:30Z",
    }


@pytest.mark.parametrize(("currency", "price"), [("JPY", "1980"), ("EUR", "19.8"), ("KWD", "1.985")])
async def test_four_decimals_in_every_currency(
    reveni: ReveniSandbox, client: httpx.AsyncClient, currency: str, price: str
) -> None:
    spec = ReturnSpec("SO-1", (ItemSpec("1", "SKU-1", 1, Decimal(price)),), currency=currency)
    body = (await client.get(f"/returns/{reveni.add_return(spec)}")).json()
    assert re.fullmatch(r"\d+\.\d{4}", body["amount"])
    assert Decimal(body["amount"]) == Decimal(price)


async def test_tax_on_top_counts(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    item = ItemSpec("1", "SKU-1", 2, Decimal(10), Decimal(1), tax_rate=Decimal("0.1"), tax_included=False)
    body = (await client.get(f"/returns/{reveni.add_return(ReturnSpec('SO-1', (item,)))}")).json()
    assert (body["return_items"][0]["tax"], body["breakdown"]["total"]) == ("1.9000", "20.9000")


async def test_pages(reveni: ReveniSandbox, client: httpx.AsyncClient, clock: Clock) -> None:
    ids = []
    for number in range(5):
        clock.now += timedelta(minutes=1)
        ids.append(reveni.add_return(simple(f"SO-{number}")))
    url: str | None = "/returns?page_size=2&status=in_progress"
    seen, pages = [], []
    while url:
        body = (await client.get(url)).json()
        assert body["count"] == 5
        seen += [row["id"] for row in body["results"]]
        pages.append(body)
        url = body["next"]
    assert seen == ids
    assert len(pages) == 3
    assert pages[0]["previous"] is None
    assert pages[1]["previous"].startswith("http://127.0.0.1")
    assert "status=in_progress" in pages[1]["previous"]
    assert (await client.get("/returns?page=9")).json() == {"detail": "Invalid page."}


async def test_page_size_is_capped(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    for number in range(101):
        reveni.add_return(simple(f"SO-{number}"))
    body = (await client.get("/returns?page_size=1000")).json()
    assert (body["count"], len(body["results"])) == (101, 100)


async def test_list_filters(reveni: ReveniSandbox, client: httpx.AsyncClient, clock: Clock) -> None:
    old = reveni.add_return(simple("SO-1"))
    clock.now += timedelta(hours=1)
    new = reveni.add_return(simple("SO-2", status="incomplete"))

    async def found(query: str) -> list[str]:
        return [row["id"] for row in (await client.get(f"/returns?{query}")).json()["results"]]

    assert await found("updated_after=2026-03-02T11:15:30Z") == [new]
    assert await found("updated_after=2026-03-02T11:15:31Z") == []
    assert await found("status=incomplete") == [new]
    clock.now += timedelta(hours=1)
    reveni.receive(old)
    assert await found("updated_after=2026-03-02T12:00:00Z") == [old]
    assert await found("") == [new, old]
    assert (await client.get("/returns?status=lost")).json().keys() == {"status"}
    bad = await client.get("/returns?updated_after=yesterday")
    assert (bad.status_code, bad.json()) == (400, {"updated_after": ["Enter a valid date/time."]})


async def test_orders(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    first, second = (reveni.add_return(simple("SO-1", order_number="#7")) for _ in range(2))
    orders = [(await client.get(f"/returns/{return_id}")).json()["order"] for return_id in (first, second)]
    assert orders[0] == orders[1]
    page = (await client.get("/orders?external_id=SO-1")).json()
    assert page["results"] == [orders[0]]
    assert (await client.get(f"/orders/{orders[0]['id']}")).json() == orders[0]
    assert (await client.get("/orders?external_id=SO-2")).json()["count"] == 0


async def test_refunds_between_two_times(reveni: ReveniSandbox, client: httpx.AsyncClient, clock: Clock) -> None:
    reveni.add_return(simple("SO-1", mode="instant"))
    clock.now += timedelta(days=1)
    late = reveni.add_return(simple("SO-2", mode="instant"))
    everything = (await client.get("/refunds")).json()
    assert everything["count"] == 2
    window = "created_after=2026-03-03T00:00:00Z&created_before=2026-03-04T00:00:00Z"
    assert [r["return_id"] for r in (await client.get(f"/refunds?{window}")).json()["results"]] == [late]


async def test_webhook_registration(client: httpx.AsyncClient) -> None:
    wanted = {"event_types": ["return.created", "return.updated"], "url": "http://127.0.0.1:9/hook"}
    made = await client.post("/webhooks", json=wanted)
    assert made.status_code == 201
    assert made.json() == wanted | {"id": made.json()["id"]}
    assert (await client.get("/webhooks")).json() == [made.json()]
    gone = await client.delete(f"/webhooks/{made.json()['id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await client.get("/webhooks")).json() == []
    assert (await client.delete(f"/webhooks/{made.json()['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"event_types": ["refund.paid"], "url": "http://x"}, "event_types"),
        ({"event_types": [], "url": "http://x"}, "event_types"),
        ({"event_types": ["return.updated"], "url": "x"}, "url"),
        ([], "non_field_errors"),
    ],
)
async def test_webhook_refusals(client: httpx.AsyncClient, body: object, field: str) -> None:
    answer = await client.post("/webhooks", json=body)
    assert answer.status_code == 400
    assert answer.json().keys() == {field}
