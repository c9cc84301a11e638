"""A platform asks for the original order, and gets what was paid and what can still come back (R10)."""

import httpx

from tests.running import ORDERS_TOKEN
from tests.world import COAT, SHIRT, World


async def look(world: World, order: str, token: str = ORDERS_TOKEN, connection: str = "uk") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await world.http.get(f"{world.bridge_url}/orders/{connection}/{order}", headers=headers)


async def test_R10_lines_paid_prices_discounts_and_taxes_come_from_the_erp(world: World) -> None:
    order = world.order()
    answer = (await look(world, order)).json()
    assert (answer["order_number"], answer["currency"], answer["tax_mode"]) == (order, "GBP", "inclusive")
    assert (answer["shipping"], answer["discounts"], answer["total"]) == ("4.95", "49.00", "475.95")
    coats, shirts = answer["lines"]
    assert (coats["sku"], coats["quantity"], coats["returnable_quantity"], coats["paid"]) == (COAT, 2, 2, "441.00")
    assert [unit["paid"] for unit in coats["units"]] == ["220.50", "220.50"]
    assert coats["units"][0]["taxes"] == [{"code": "20.00", "rate": "20.00", "amount": "36.75"}]
    assert (shirts["sku"], shirts["returnable_quantity"]) == (SHIRT, 1)


async def test_R10_units_of_an_open_return_cannot_come_back_again(world: World) -> None:
    order = world.order()
    ref = world.returned(order)
    await world.stage(ref, "AWAITING_GOODS")
    coats = (await look(world, order)).json()["lines"][0]
    assert (coats["quantity"], coats["returnable_quantity"]) == (2, 1)
    assert [unit["returnable"] for unit in coats["units"]] == [False, True]


async def test_R10_no_personal_data_leaves_the_erp(world: World) -> None:
    text = (await look(world, world.order())).text
    assert not [word for word in ("ada@example.com", "Byron", "High St") if word in text]


async def test_R10_who_has_no_token_learns_nothing(world: World) -> None:
    order = world.order()
    for token in ("", "a-wrong-token-of-some-length"):
        answer = await look(world, order, token)
        assert answer.status_code == 401
        assert order not in answer.text


async def test_R10_an_unknown_order_or_connection_is_404_and_an_erp_that_is_down_503(world: World) -> None:
    assert (await look(world, "no-such-order")).status_code == 404
    assert (await look(world, "1", connection="nowhere")).status_code == 404
    order = world.order()
    world.fault("prima", None, "OrderDetail", "unavailable", times=1)
    answer = await look(world, order)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
