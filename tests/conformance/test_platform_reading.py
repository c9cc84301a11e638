"""A return reads the same on every platform: lines, units, money, wishes, phases (R1, R8, R10, R11, R49, U31)."""

from decimal import Decimal

import pytest

from domain.exceptions import ExceptionCode as E
from domain.money import parse_minor
from domain.outcomes import Rejected
from domain.returns import PlatformPhase as P
from domain.returns import RefundState, ReturnKind
from sandbox.kit.wanted import ExchangeSpec, ItemSpec
from tests.conformance.platform_desk import PlatformDesk, totals
from tests.conformance.platform_stage import PlatformCannot
from tests.conformance.privacy import leaks, trouble_of


async def test_R1_a_return_as_it_was_asked_for(platform: PlatformDesk) -> None:
    return_id = platform.ask(order_external_id="SO-4711")
    found = await platform.platform.read_return(return_id)
    assert (found.return_id, found.order_number, found.currency) == (return_id, "SO-4711", "EUR")
    assert (found.kind, found.phase, found.instant, found.final) == (ReturnKind.REFUND, P.AUTHORISED, False, False)
    assert [(line.line_id, line.order_line_id, line.sku, line.quantity) for line in found.lines] == [
        ("1/TS", "1", "TS", 3),
        ("2/TR", "2", "TR", 1),
    ]
    assert [(line.accepted, line.rejected, line.exchange, line.keep) for line in found.lines] == [
        (0, 0, False, False)
    ] * 2
    assert all(line.reason for line in found.lines), "R11"
    assert (found.refunds, found.exchanges, found.graded) == ([], [], [])
    assert not leaks(found.model_dump_json()), "D8"


async def test_a_return_that_nobody_knows(platform: PlatformDesk) -> None:
    for return_id, code in (("99999999", "404"), ("f" * 32, "")):
        trouble = await trouble_of(platform.platform.read_return(return_id))
        assert isinstance(trouble, Rejected)
        assert trouble.code is E.EVENT_INVALID
        assert code in ("", trouble.vendor_code)


async def test_R2_a_return_on_its_way(platform: PlatformDesk) -> None:
    async def phase() -> P:
        return (await platform.platform.read_return(return_id)).phase

    return_id = platform.ask()
    assert await phase() is P.AUTHORISED
    platform.stage.sandbox.ship(return_id)
    assert await phase() is P.IN_TRANSIT
    platform.stage.sandbox.receive(return_id)
    assert await phase() is P.RECEIVED
    platform.stage.sandbox.review(return_id)
    reviewed = P.RECEIVED if PlatformCannot.REVIEW in platform.stage.cannot else P.IN_REVIEW
    assert await phase() is reviewed
    called_off = platform.ask()
    platform.stage.sandbox.cancel(called_off)
    assert (await platform.platform.read_return(called_off)).phase is P.CANCELLED


@pytest.mark.parametrize(
    ("currency", "price", "minor"),
    [("EUR", "29.95", 8985), ("JPY", "1100", 3300), ("KWD", "6.375", 19125)],
)
async def test_a_refund_is_told_to_the_minor_unit(
    platform: PlatformDesk, currency: str, price: str, minor: int
) -> None:
    return_id = platform.on_its_way(ItemSpec("1", "TS", 3, Decimal(price)), currency=currency)
    found = await platform.platform.report_inspection(return_id, [totals(3)])
    assert (found.phase, found.final) == (P.ACCEPTED, platform.able.inspects), "R139: final is asked of graders only"
    (refund,) = found.refunds
    assert (refund.state, refund.currency) == (RefundState.PAID, currency)
    assert parse_minor(refund.amount_text, currency) == minor


async def test_R48_a_refund_that_failed(platform: PlatformDesk) -> None:
    return_id = platform.on_its_way()
    await platform.platform.report_inspection(return_id, [totals(3), totals(1, line="2/TR")])
    platform.stage.sandbox.fail_refund(return_id)
    assert {refund.state for refund in (await platform.platform.read_return(return_id)).refunds} == {RefundState.FAILED}


async def test_R49_an_instant_refund_is_paid_before_the_goods_are_back(platform: PlatformDesk) -> None:
    assert platform.able.instant_refunds
    found = await platform.platform.read_return(platform.ask(mode="instant"))
    assert found.instant
    assert found.phase is P.AUTHORISED
    assert [(refund.state, parse_minor(refund.amount_text, "EUR")) for refund in found.refunds] == [
        (RefundState.PAID, 13980)
    ]


async def test_R53_what_the_customer_wants_instead(platform: PlatformDesk) -> None:
    assert platform.able.exchanges
    wish = ExchangeSpec("TS-L", 1, Decimal("29.95"), "v-1")
    shirt = ItemSpec("1", "TS", 1, Decimal("29.95"), exchange=wish)
    found = await platform.platform.read_return(platform.ask(shirt, ItemSpec("2", "TR", 1, Decimal("49.95"))))
    assert found.kind is ReturnKind.MIXED
    assert [line.exchange for line in found.lines] == [True, False]
    (wanted,) = found.exchanges
    assert (wanted.exchange_id, wanted.line_id) == ("1/TS>TS-L", "1/TS")
    assert (wanted.quantity, wanted.sku, wanted.replacement_quantity) == (1, "TS-L", 1)
    assert parse_minor(wanted.price_text, "EUR") == 2995
    assert (await platform.platform.read_return(platform.ask(shirt))).kind is ReturnKind.EXCHANGE


async def test_U31_what_the_customer_keeps(platform: PlatformDesk) -> None:
    assert platform.able.keep_items
    kept = ItemSpec("1", "TS", 2, Decimal("29.95"), keep_item=True)
    found = await platform.platform.read_return(platform.ask(kept, ItemSpec("2", "TR", 1, Decimal("49.95"))))
    assert [line.keep for line in found.lines] == [True, False]


async def test_what_the_platforms_own_users_found(platform: PlatformDesk) -> None:
    return_id = platform.on_its_way(ItemSpec("1", "TS", 3, Decimal("29.95")))
    platform.stage.sandbox.receive(return_id)
    if not platform.able.inspects:
        with pytest.raises(NotImplementedError):
            platform.stage.inspect(return_id, 2, 1)
        assert (await platform.platform.read_return(return_id)).graded == []
        return
    platform.stage.inspect(return_id, 2, 1)
    found = await platform.platform.read_return(return_id)
    assert sum(units.quantity for units in found.graded) == 3
    assert {(units.line_id, units.sku) for units in found.graded} == {("1/TS", "TS")}
    assert len({units.disposition for units in found.graded}) == 2
    assert found.final
