"""The ERP is never asked by more at once, nor faster, than the settings say (R34, D11); counted at the ERP's door."""

import asyncio
import time

import pytest

from adapters import registry
from domain.outcomes import RetryLater
from sandbox.kit.faults import Fault
from tests.conformance.case import COAT
from tests.conformance.desk import ErpDesk
from tests.conformance.effects import effect_of
from tests.conformance.writes import BY_LABEL, expected
from tests.patience import PATIENCE

MANY = 12


async def test_R34_no_more_calls_at_once_than_allowed(erp: ErpDesk) -> None:
    (most,) = erp.stage.in_flight.values()
    port = erp.port(None, **erp.stage.in_flight)
    erp.faults.add(Fault(kind="latency", seconds=0.03, times=None))
    erp.front.reset()
    await asyncio.gather(*(port.check_items([COAT]) for _ in range(MANY)))
    assert erp.front.most == most, "all that is allowed is used, and no more"
    assert len(erp.front.arrived) >= MANY


async def test_R34_every_pace_of_an_adapter_is_tried_here(erp: ErpDesk) -> None:
    """What has none in its adapter has that of its task queue: `test_erp_queue`."""
    kept = {name for name in registry.ERPS[erp.name].settings.model_fields if "_per_" in name}
    tried = [pace.settings for pace in (erp.stage.pace, erp.stage.pace_of_writes) if pace is not None]
    assert kept == {name for settings in tried for name in settings}


async def test_R34_no_faster_than_our_pace(erp: ErpDesk) -> None:
    pace = erp.stage.pace
    if pace is None:
        return
    port = erp.port(None, **pace.settings)
    erp.front.reset()
    started = time.monotonic()
    calls = [asyncio.create_task(port.check_items([COAT])) for _ in range(2 * pace.calls + 1)]
    async with asyncio.timeout(PATIENCE):
        while len(erp.front.arrived) < pace.calls:
            await asyncio.sleep(0.02)
    await asyncio.wait(calls, timeout=0.8)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert erp.front.too_early(started, pace) == []


async def test_R34_no_more_writes_than_our_pace(erp: ErpDesk) -> None:
    """Counted by what the ERP did: one request may have several effects. What does not fit comes again later."""
    pace = erp.stage.pace_of_writes
    if pace is None:
        return
    part = BY_LABEL["post_credit of a part"]
    cases = [await erp.prepared(part) for _ in range(pace.calls)]
    mark, port = erp.journal.mark, erp.port(None, **pace.settings)
    with pytest.raises(RetryLater) as full:
        for case in cases:
            await part.call(port, part.ask(case))
    most = len(erp.effects_since(mark))
    assert pace.calls - 2 < most <= pace.calls
    assert full.value.delay is not None
    assert full.value.delay.total_seconds() <= pace.seconds
    await erp.post(part, case)
    found = effect_of(erp.name, erp.journal.since(cases[0].mark), case.return_id)
    assert found == expected(part, case, erp.able), "what was cut short is finished"
