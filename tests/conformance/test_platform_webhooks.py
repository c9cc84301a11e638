"""Webhooks: the genuine one is a hint where to look, everything else is refused, and nothing crashes (R9, R110)."""

import json
import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from domain.ports import BadDelivery, UnreadableDelivery
from domain.returns import Delivery
from tests.conformance.hostile import STRANGE, twisted
from tests.conformance.platform_desk import PlatformDesk
from tests.conformance.platform_stage import Sent
from tests.conformance.privacy import CANARY, leaks

NOW = datetime(2026, 3, 20, 9, 8, 5, tzinfo=UTC)
TWISTS = 200


def verify(platform: PlatformDesk, sent: Sent, now: datetime | None = None) -> Delivery:
    return platform.webhooks().verify(sent.headers, sent.body, now or datetime.now(UTC), sent.token)


async def test_a_genuine_delivery_names_its_return(platform: PlatformDesk) -> None:
    return_id, sent = await platform.delivery()
    found = verify(platform, sent)
    assert found.return_id == return_id
    assert found.delivery_id
    assert found.event
    assert not leaks(found.model_dump_json())


async def test_R9_a_delivery_that_comes_twice_is_one_delivery(platform: PlatformDesk) -> None:
    (_, sent), (_, other) = await platform.delivery(), await platform.delivery()
    assert verify(platform, sent).delivery_id == verify(platform, sent).delivery_id
    assert verify(platform, sent).delivery_id != verify(platform, other).delivery_id


async def test_R110_a_replayed_delivery(platform: PlatformDesk) -> None:
    """A signature grows stale. Where nothing is signed a replay is the same delivery again, and so has no effect."""
    _, sent = await platform.delivery()
    for late in (timedelta(days=1), timedelta(days=400)):
        if platform.able.signs_webhooks:
            with pytest.raises(BadDelivery):
                verify(platform, sent, datetime.now(UTC) + late)
        else:
            assert verify(platform, sent, datetime.now(UTC) + late) == verify(platform, sent)


async def test_R110_nobody_else_can_send_one(platform: PlatformDesk) -> None:
    _, sent = await platform.delivery()
    forged = platform.stage.forged(sent)
    assert forged
    for one in forged:
        with pytest.raises(BadDelivery) as refused:
            verify(platform, one)
        assert not isinstance(refused.value, UnreadableDelivery), "it is not even read"
        assert not leaks(str(refused.value))


@pytest.mark.parametrize("body", STRANGE)
def test_nonsense_from_the_platform_itself(platform: PlatformDesk, body: str) -> None:
    """With a good signature it is a disagreement that somebody must hear of; without one it is nothing."""
    sent = platform.stage.genuine(STRANGE[body], NOW)
    with pytest.raises(UnreadableDelivery) as unreadable:
        verify(platform, sent, NOW)
    assert not leaks(str(unreadable.value), CANARY)
    with pytest.raises(BadDelivery):
        verify(platform, Sent({}, STRANGE[body]), NOW)


async def test_deliveries_in_which_something_is_changed(platform: PlatformDesk) -> None:
    """They name a return, or none, or are unreadable; nothing else."""
    dice = random.Random(platform.name)
    body = (await platform.delivery())[1].body
    for _ in range(TWISTS):
        sent = platform.stage.genuine(twisted(body, dice), NOW)
        with suppress(BadDelivery):
            found = verify(platform, sent, NOW)
            assert found.return_id is None or len(found.return_id) <= 64


async def test_an_event_that_we_do_not_know_points_nowhere(platform: PlatformDesk) -> None:
    body = json.loads((await platform.delivery())[1].body)
    (name,) = {"event", "eventName"} & body.keys()
    body[name] = "something.new"
    found = verify(platform, platform.stage.genuine(json.dumps(body).encode(), NOW), NOW)
    assert found.return_id is None
