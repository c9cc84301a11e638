"""The command ``backhaul`` about exchanges and exposure: what people see of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.clock import utc_now
from desk.view import find_views
from domain.connection import ExchangeOn
from domain.documents import DocumentKind
from domain.exceptions import Track
from domain.exchange import ExchangeState
from domain.progress import Stage
from domain.returns import ExchangeWish, PlatformPhase, PlatformReturn, ReturnKind, ReturnLine, ReturnRef
from store import Store
from store.exchange_records import ExchangePlan, ExposureKind, ExposureState, OpenExposure
from store.records import DocumentPlan
from tests.starter.test_cli import Backhaul, backhaul, data, parked, returned

__all__ = ["backhaul"]

REF = ReturnRef(connection="uk", return_id="e1")
KEY = "bh-e1-x-1"
COVER = utc_now() + timedelta(days=30)


async def wished(store: Store, rma: str = "R-1", on: ExchangeOn = ExchangeOn.CONFIRMATION, keep: bool = False) -> None:
    """A return of two units that are to be exchanged, authorised when there is an RMA number."""
    wish = ExchangeWish(
        exchange_id="1/P1>P2", line_id="1/P1", quantity=2, sku="P2", replacement_quantity=2, price_text="12.50"
    )
    found = PlatformReturn(
        return_id=REF.return_id,
        order_number="O-1",
        kind=ReturnKind.EXCHANGE,
        phase=PlatformPhase.AUTHORISED,
        platform_status="open",
        currency="GBP",
        lines=[ReturnLine(line_id="1/P1", order_line_id="1", sku="P1", quantity=2, exchange=True, keep=keep)],
        exchanges=[] if keep else [wish],
    )
    now = utc_now()
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, found, now)
        if rma:
            await unit.returns.set_authorised(REF, rma, False, "hash", now, now, exchange_on=on)


async def begun(store: Store, state: ExchangeState, price: int = 2500, units: int = 2) -> None:
    """One replacement for `units` of them, in this state; the order of one that is not final is planned."""
    plan = ExchangePlan(
        key=KEY,
        ref=REF,
        number=1,
        exchange_id="1/P1>P2",
        line_id="1/P1",
        units=units,
        sku="P2",
        quantity=units,
        carried=2000,
        price=price,
        currency="GBP",
        slot_line_id="1/P1",
    )
    async with store.begin() as unit:
        await unit.exchanges.plan(plan, utc_now())
        number = KEY if state is ExchangeState.ORDERED else ""
        await unit.exchanges.mark(KEY, state, order_number=number, now=utc_now())


async def exposed(store: Store, ref: ReturnRef, amount: int = 1000, reference: str = "bh-c-1", units: int = 2) -> None:
    rows = [
        OpenExposure(
            ref=ref,
            slot_line_id="1/P1",
            slot_no=no,
            line_id="1/P1",
            amount=amount,
            currency="GBP",
            kind=ExposureKind.EXCHANGE if "-x-" in reference else ExposureKind.REFUND,
            reference=reference,
            cover_until=None if "-x-" in reference else COVER,
        )
        for no in range(1, units + 1)
    ]
    async with store.begin() as unit:
        await unit.exposures.open(rows, utc_now())


async def view(store: Store) -> dict[str, Any]:
    [found] = await find_views(store, REF.return_id)
    return found.model_dump(mode="json")


async def track(store: Store, name: str = "exchange") -> tuple[str, str]:
    [found] = [track for track in (await view(store))["tracks"] if track["track"] == name]
    assert found["since"]
    return found["state"], found["waits_for"]


async def test_R87_a_return_without_a_wish_has_no_exchange_track(store: Store) -> None:
    ref = await returned(store)
    [found] = await find_views(store, ref.return_id)
    assert Track.EXCHANGE not in [track.track for track in found.tracks]
    assert (found.exchanges, found.exposure) == ([], [])


async def test_R87_R54_the_exchange_track_says_where_it_is_and_what_it_waits_for(store: Store) -> None:
    await wished(store, rma="")
    assert await track(store) == ("REQUESTED", "the RMA in the ERP")
    await wished(store)
    assert await track(store) == ("CHECKING", "the check of the replacement")
    await begun(store, ExchangeState.REQUESTED)
    assert await track(store) == ("CHECKING", "the check of the replacement")
    await begun(store, ExchangeState.AWAITING_PAYMENT)
    assert await track(store) == ("AWAITING_PAYMENT", "the customer to pay 5.00 GBP on the platform")
    async with store.begin() as unit:
        await unit.exchanges.mark(KEY, ExchangeState.REQUESTED, now=utc_now())
        plan = DocumentPlan(key=KEY, ref=REF, kind=DocumentKind.EXCHANGE, order_number="O-1")
        await unit.documents.plan(plan, utc_now())
    assert await track(store) == ("POSTING", "the ERP to order the replacement")
    async with store.begin() as unit:
        await unit.windows.queue(KEY, datetime(2026, 3, 14, 22, tzinfo=UTC), REF.workflow_id, utc_now())
    assert await track(store) == ("QUEUED", "the window at 2026-03-14 22:00 UTC")
    await begun(store, ExchangeState.ORDERED)
    assert await track(store) == ("ORDERED", "")


async def test_R87_an_exchange_at_acceptance_waits_for_accepted_units(store: Store) -> None:
    await wished(store, on=ExchangeOn.ACCEPTANCE)
    assert await track(store) == ("REQUESTED", "units to be accepted")
    await begun(store, ExchangeState.ORDERED, units=1)
    assert await track(store) == ("REQUESTED", "units to be accepted")


@pytest.mark.parametrize("state", [ExchangeState.CONVERTED_TO_REFUND, ExchangeState.CANCELLED])
async def test_E59_an_exchange_that_was_given_up_says_how(store: Store, state: ExchangeState) -> None:
    await wished(store)
    assert await track(store, "finance") == ("NOTHING_DUE", "")
    await begun(store, state)
    assert await track(store) == (state, "")
    assert await track(store, "finance") == ("AWAITING_REFUND", "units to be accepted")


async def test_E58_an_exchange_of_a_cancelled_return_is_over(store: Store) -> None:
    await wished(store)
    async with store.begin() as unit:
        await unit.returns.set_ended(REF, Stage.CANCELLED, utc_now())
    assert await track(store) == ("CANCELLED", "")
    assert [exchange["state"] for exchange in (await view(store))["exchanges"]] == ["CANCELLED"]


async def test_R87_a_parked_exchange_names_owner_code_and_exception(store: Store) -> None:
    await wished(store)
    name = await parked(store, REF, Track.EXCHANGE)
    assert await track(store) == ("PARKED", f"finance to decide REFUND_MISMATCH ({name})")


async def test_E52_a_cheaper_replacement_leaves_finance_waiting_for_the_difference(store: Store) -> None:
    await wished(store)
    await begun(store, ExchangeState.ORDERED, price=1500)
    assert await track(store, "finance") == ("AWAITING_REFUND", "the platform to confirm the refund")


async def test_U31_no_goods_are_required_of_what_the_customer_keeps(store: Store) -> None:
    await wished(store, keep=True)
    assert await track(store, "goods") == ("NOT_REQUIRED", "")


async def test_R87_show_has_wish_state_order_number_and_difference(backhaul: Backhaul, store: Store) -> None:
    await wished(store, on=ExchangeOn.ACCEPTANCE)
    await begun(store, ExchangeState.ORDERED, units=1, price=2500)
    [found] = data(await backhaul("show", "e1", "--json"))["returns"]
    one, rest = found["exchanges"]
    assert (one["units"], one["sku"], one["state"], one["order_number"]) == (1, "P2", "ORDERED", KEY)
    assert one["difference"] == {"amount": 500, "currency": "GBP"}
    assert (rest["units"], rest["quantity"], rest["state"], rest["key"]) == (1, 1, "REQUESTED", "")
    assert (rest["price"], rest["difference"]) == ({"amount": 1250, "currency": "GBP"}, None)

    people = (await backhaul("show", "e1")).stdout
    for words in ("Exchanges", "1 × P2", KEY, "ORDERED", "5.00 GBP to pay"):
        assert words in people


@pytest.mark.parametrize(("price", "words"), [(1500, "5.00 GBP to credit"), (2000, "none")])
async def test_E52_show_says_who_pays_whom(backhaul: Backhaul, store: Store, price: int, words: str) -> None:
    await wished(store)
    await begun(store, ExchangeState.ORDERED, price=price)
    assert words in (await backhaul("show", "e1")).stdout


async def test_N11_show_has_the_exposure_that_is_still_open(backhaul: Backhaul, store: Store) -> None:
    await wished(store)
    await exposed(store, REF)
    async with store.begin() as unit:
        await unit.exposures.clear(REF, "1/P1", 1, ExposureState.CLEARED, "scan-1", utc_now())
    [found] = data(await backhaul("show", "e1", "--json"))["returns"]
    [exposure] = found["exposure"]
    assert (exposure["amount"], exposure["units"]) == ({"amount": 1000, "currency": "GBP"}, 1)
    people = (await backhaul("show", "e1")).stdout
    assert "Open exposure" in people
    assert f"{COVER:%Y-%m-%d %H:%M:%S} UTC" in people


async def test_N11_the_register_lists_what_is_out_and_its_totals(backhaul: Backhaul, store: Store) -> None:
    ref = await returned(store)
    await exposed(store, REF, amount=700, reference=KEY, units=1)
    await exposed(store, ref)
    content = data(await backhaul("exposure", "--json"))
    assert [(row["return_id"], row["kind"], row["units"], row["amount"]["amount"]) for row in content["exposures"]] == [
        (ref.return_id, "refund", 2, 2000),
        ("e1", "exchange", 1, 700),
    ]
    assert content["totals"] == [{"amount": 2700, "currency": "GBP"}]

    people = (await backhaul("exposure")).stdout
    for words in (str(ref), "20.00 GBP", f"{COVER:%Y-%m-%d %H:%M:%S} UTC", "refund", "exchange", "Total 27.00 GBP"):
        assert words in people
    elsewhere = await backhaul("exposure", "--connection", "de")
    assert (elsewhere.exit_code, elsewhere.stdout) == (0, "There is none.\n")
