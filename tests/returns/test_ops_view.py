"""What operations read in Temporal (D9), and what nobody may read there (D8)."""

import asyncio
import base64
import json
import re
from typing import Any

from temporalio.api.sdk.v1 import WorkflowMetadata

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.messages import ATTENTION_ATTRIBUTE, CONNECTION_ATTRIBUTE, RETURN_ATTRIBUTE
from domain.returns import ReturnRef
from sandbox.kit.wanted import CUSTOMERS, CustomerSpec
from tests.patience import PATIENCE
from tests.world import COAT, World

SHOPPER = CustomerSpec("rosalind.quimby@example.com", "Rosalind", "Quimby-Oyelaran", "GB")


async def attributes(world: World, ref: ReturnRef) -> dict[str, Any]:
    described = await world.handle(ref).describe()
    return {pair.key.name: pair.value for pair in described.typed_search_attributes}


async def details(world: World, ref: ReturnRef) -> str:
    """The current details, as the Temporal UI asks for them."""
    await world.caught_up(ref)
    metadata: WorkflowMetadata = await world.handle(ref).query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    return metadata.current_details


async def test_D9_search_attributes_and_summary_are_there_from_the_start(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    assert {name: value for name, value in (await attributes(world, ref)).items() if name.startswith("Backhaul")} == {
        CONNECTION_ATTRIBUTE: "uk",
        RETURN_ATTRIBUTE: ref.return_id,
        ATTENTION_ATTRIBUTE: "none",
    }
    described = await world.handle(ref).describe()
    assert await described.static_summary() == f"Return {ref.return_id} (reveni to prima)"
    assert f"backhaul show uk/{ref.return_id}" in (await described.static_details() or "")
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)


async def test_D9_details_say_what_the_return_waits_for_since_when_and_until_when(world: World) -> None:
    ref = world.returned(world.order())
    record = await world.stage(ref, "AWAITING_GOODS")
    text = await details(world, ref)
    assert text.startswith("**AWAITING_GOODS** (as of 20")
    assert "waits for the warehouse to inspect 1 unit(s)" in text
    assert f"RMA {record.rma_number} for order {record.order_number}" in text
    assert f"goods are expected until {record.deadline:%Y-%m-%d %H:%M:%S} UTC" in text
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)
    assert (await details(world, ref)).startswith("**CLOSED**")


async def test_D9_R68_a_parked_return_shows_its_owner_and_what_to_do(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="NEW-HUB")
    item = await world.parked(ref)
    assert item.code is ExceptionCode.LOCATION_UNMAPPED
    assert (await attributes(world, ref))[ATTENTION_ATTRIBUTE] == "warehouse"
    text = await details(world, ref)
    assert "**Parked: LOCATION_UNMAPPED** (goods track, since 20" in text
    assert "owner warehouse" in text
    assert item.reason in text
    assert f"backhaul resolve {item.id}" in text
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-1"})
    await world.closed(ref)
    assert (await attributes(world, ref))[ATTENTION_ATTRIBUTE] == "none"
    assert "Parked" not in await details(world, ref)


async def test_D8_no_personal_data_is_anywhere_in_temporal(world: World) -> None:
    ref = world.returned(world.order(), customer=SHOPPER)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="NEW-HUB")
    item = await world.parked(ref)
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-1"})
    await world.closed(ref)
    assert SHOPPER.email in json.dumps(world.reveni["uk"].get(ref.return_id))
    history = await world.handle(ref).fetch_history()
    seen = readable(history.to_json())
    assert '"inspection_id":"scan-1"' in seen
    seen += json.dumps(await attributes(world, ref)) + ref.workflow_id + await details(world, ref)
    people = [SHOPPER, *CUSTOMERS]
    private = {word for person in people for word in (person.email, person.first_name, person.last_name)}
    order = world.prima.world.order(await order_of(world, ref))
    private |= {order.email, *order.delivery.values()}
    assert {word for word in private if len(word) > 2 and word in seen} == set()


def readable(history: str) -> str:
    """A history as JSON, with what its payloads hold in plain text beside it."""
    payloads = re.findall(r'"data": ?"([A-Za-z0-9+/=]+)"', history)
    return "\n".join([history, *(base64.b64decode(payload).decode() for payload in payloads)])


async def order_of(world: World, ref: ReturnRef) -> str:
    record = await world.record(ref)
    assert record is not None
    return record.order_number


async def timers(world: World, ref: ReturnRef) -> list[str]:
    """Summaries of the timers that the return has started."""
    history = await world.handle(ref).fetch_history()
    started = [event for event in history.events if event.HasField("timer_started_event_attributes")]
    return [event.user_metadata.summary.data.decode() for event in started]


async def test_D9_reminders_and_deadline_are_visible_timers(world: World) -> None:
    ref = world.returned(world.order(), connection="fast")
    await world.stage(ref, "AWAITING_GOODS")
    async with asyncio.timeout(PATIENCE):
        while len(started := await timers(world, ref)) < 2:
            await asyncio.sleep(0.1)
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)
    assert started == ['"next reminder about the missing parcel"', '"deadline for the goods"']
