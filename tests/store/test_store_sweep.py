"""What sweeps know, on both databases: watermarks, sides, and a look at everything (R2, R77, R89)."""

from datetime import timedelta

from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.lateness import StuckKind
from domain.progress import Stage
from domain.returns import PlatformPhase, ReturnKind
from store import Store
from store.exchange_records import ExposureKind, OpenExposure
from store.sweep_records import HeardOf, Side
from tests.store.given import LINE, NOW, booked, delivery, inspection, later, line
from tests.sweep.looking import DAY, NAME, ago, paid, shop_with, wish


async def test_R2_a_watermark_never_goes_back(store: Store) -> None:
    async with store.begin() as unit:
        assert await unit.sweep.watermark(NAME, "returns") is None
        for at in (NOW, later(5), later(-5)):
            await unit.sweep.looked_until(NAME, "returns", at)
        assert await unit.sweep.watermark(NAME, "returns") == later(5)
        assert await unit.sweep.watermark("other", "returns") is None


async def test_E63_a_side_tells_since_when_it_is_silent(store: Store) -> None:
    async with store.begin() as unit:
        assert await unit.sweep.failed(NAME, Side.ERP, "prima", "no answer", NOW) == NOW
        assert await unit.sweep.failed(NAME, Side.ERP, "prima", "HTTP 503", later()) == NOW
        await unit.sweep.answered(NAME, Side.ERP, "prima", later(2))
        await unit.sweep.answered(NAME, Side.PLATFORM, "reveni", later(2))
        assert await unit.sweep.failed(NAME, Side.ERP, "prima", "no answer", later(3)) == later(3)
        erp, platform = await unit.sweep.sides(NAME)
        assert (erp.answered_at, erp.trouble_since, erp.trouble) == (later(2), later(3), "no answer")
        assert (platform.answered_at, platform.trouble_since, platform.trouble) == (later(2), None, "")
        assert await unit.sweep.sides("other") == []


async def test_R2_what_was_heard_of_a_return(store: Store) -> None:
    shop = shop_with(store)
    await shop.returned("read", since=ago(hours=1))
    async with store.begin() as unit:
        await unit.inbox.accept(NAME, delivery("D1", "told"), "digest", "", NOW)
        await unit.inbox.settle(NAME, ["D1"], "started", NOW)
        await unit.inbox.accept(NAME, delivery("D2", "waiting"), "digest", "", NOW)
        assert await unit.sweep.deliveries(NAME, ["D1", "D3"]) == {"D1"}
        assert await unit.sweep.heard_of(NAME, ["read", "told", "waiting", "never"]) == {
            "read": HeardOf(known=True, seen=ago(hours=1), read_at=ago(hours=1)),
            "told": HeardOf(told_at=NOW),
            "waiting": HeardOf(told_at=NOW, undelivered=True),
            "never": HeardOf(),
        }


async def test_R15_R30_R47_R65_R77_R89_N11_one_look_finds_every_kind_and_the_next_finds_it_over(store: Store) -> None:
    shop = shop_with(store)
    late = [
        await shop.returned("rma", since=ago(hours=1), rma=False),
        await shop.returned("stock", since=ago(days=1)),
        await shop.returned("credit", since=ago(days=11), refunds=[paid(ago(days=11))]),
        await shop.returned("swap", since=ago(days=1), kind=ReturnKind.EXCHANGE, exchanges=[wish()]),
        await shop.returned("stage", since=ago(days=20)),
    ]
    await shop.planned(late[1], DocumentKind.RECEIPT, ago(hours=5))
    accepted = [line().model_copy(update={"accepted": 2})]
    drifting = await shop.returned("drift", since=ago(hours=5), phase=PlatformPhase.ACCEPTED, lines=accepted)
    lapsing = await shop.returned("cover", since=ago(days=25))
    exposure = OpenExposure(
        ref=lapsing,
        slot_line_id=LINE,
        slot_no=1,
        line_id=LINE,
        amount=1000,
        currency="GBP",
        kind=ExposureKind.REFUND,
        reference="bh-cover-c-1",
        cover_until=NOW + DAY,
    )
    async with store.begin() as unit:
        await unit.inspections.save(late[4], inspection(), booked(), ago(days=8))
        await unit.returns.set_reported(late[4], ago(days=8))
    async with store.begin() as unit:
        await unit.exposures.open([exposure], ago(days=25))
        await unit.returns.set_ended(lapsing, Stage.EXPIRED, ago(days=1))
        await unit.inbox.accept(NAME, delivery(), "digest", "", ago(hours=1))
    found = await shop.sweep()
    kinds = (
        StuckKind.RMA,
        StuckKind.STOCK,
        StuckKind.CREDIT,
        StuckKind.NOTE_AGE,
        StuckKind.EXCHANGE,
        StuckKind.STAGE,
        StuckKind.UNDELIVERED,
    )
    assert found.late == dict.fromkeys(kinds, 1)
    codes = {item.code: item.ref for item in await shop.exceptions()}
    assert codes == {
        ExceptionCode.CREDIT_OVERDUE: late[2],
        ExceptionCode.STATUS_DRIFT: drifting,
        ExceptionCode.EXPOSURE_DUE: lapsing,
    }
    assert [one.return_id for one in await shop.stuck()][:2] == ["credit", "credit"], "the longest first"
    async with store.reading() as unit:
        [told] = await unit.sweep.stuck_of(NAME, "stock")
        untold = await unit.sweep.open_stuck(NAME, untold=True)
        swept_at = await unit.sweep.watermark(NAME, "swept")
    assert told.kind is StuckKind.STOCK
    assert StuckKind.CREDIT not in {one.kind for one in untold}
    assert swept_at == NOW
    async with store.begin() as unit:
        for ref in (*late, drifting, lapsing):
            await unit.returns.set_ended(ref, Stage.CANCELLED, NOW)
        await unit.refunds.decide(late[2], "RF1", "settled in the shop", NOW)
        await unit.documents.mark("bh-stock-receipt", "cancelled", now=NOW)  # type: ignore[arg-type]
        await unit.exposures.void("bh-cover-c-1", NOW)
        await unit.inbox.settle(NAME, ["D1"], "started", NOW)
    over = await shop.sweep(NOW + timedelta(minutes=15))
    assert (over.late, over.raised, over.cleared) == ({}, 0, 3)
    assert (await shop.stuck(), await shop.exceptions()) == ([], [])
