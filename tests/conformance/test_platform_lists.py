"""Listings are read to their last page, each row once, within the asked time (R78, R2's sweep)."""

from datetime import UTC, datetime, timedelta

from domain.outcomes import RetryLater
from sandbox.kit.faults import Fault
from sandbox.kit.wanted import ItemSpec
from tests.conformance.desk import patiently
from tests.conformance.faults import LOST
from tests.conformance.platform_desk import SHIRTS, PlatformDesk
from tests.conformance.privacy import trouble_of

HOUR = timedelta(hours=1)
#: More than any platform gives on one page.
MANY = 520


async def test_every_page_of_refunds_and_of_returns(platform: PlatformDesk) -> None:
    now = datetime.now(UTC)
    shirt = ItemSpec("1", "TS", 1, SHIRTS.unit_price)
    asked = [platform.ask(shirt, mode="instant") for _ in range(MANY)]
    paid = {refund: one for one in asked for refund in platform.page(one).refunds}
    assert len(paid) == MANY
    platform.faults.script()
    refunds = await platform.platform.list_refunds(now - HOUR, now + HOUR)
    assert len(platform.faults.asked) > 1, "one page held them all: the test is too small"
    ids = [refund.refund_id for refund in refunds]
    assert len(ids) == len(set(ids))
    assert set(paid) <= set(ids)
    moments = [refund.created_at for refund in refunds if refund.created_at]
    assert moments == sorted(moments)
    listed = await platform.platform.list_returns(now - HOUR, now + HOUR)
    returns = [one.return_id for one in listed]
    assert len(returns) == len(set(returns))
    assert all(now - HOUR <= one.changed_at <= now + HOUR for one in listed if one.changed_at)
    assert set(asked) <= set(returns)


async def test_only_what_is_of_the_time_that_was_asked_for(platform: PlatformDesk) -> None:
    platform.ask(mode="instant")
    now = datetime.now(UTC)
    assert await platform.platform.list_refunds(now - 3 * HOUR, now - 2 * HOUR) == []
    assert await platform.platform.list_refunds(now + 2 * HOUR, now + 3 * HOUR) == []
    assert await platform.platform.list_returns(now + 2 * HOUR, now + 3 * HOUR) == []


async def test_a_listing_of_which_a_page_is_lost_is_read_anew(platform: PlatformDesk) -> None:
    """None of it is better than a part of it: a part would look like all there is."""
    now = datetime.now(UTC)
    platform.ask(mode="instant")
    whole = await platform.platform.list_refunds(now - HOUR, now + HOUR)
    for fault in (*LOST.values(), Fault(kind="unavailable", status=503)):
        platform.faults.script(None, fault)
        trouble = await trouble_of(platform.platform.list_refunds(now - HOUR, now + HOUR))
        assert isinstance(trouble, RetryLater) or platform.faults.unused
    again = await patiently(lambda: platform.platform.list_refunds(now - HOUR, now + HOUR))
    assert [refund.refund_id for refund in again] == [refund.refund_id for refund in whole]
