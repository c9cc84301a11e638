"""The ERP is never asked by more at once, nor faster, than the settings say (R34, D11); counted at the ERP's door."""

import asyncio

from sandbox.kit.faults import Fault
from tests.conformance.case import COAT
from tests.conformance.desk import ErpDesk

MANY = 12


async def test_R34_no_more_calls_at_once_than_allowed(erp: ErpDesk) -> None:
    (most,) = erp.stage.in_flight.values()
    port = erp.port(None, **erp.stage.in_flight)
    erp.faults.add(Fault(kind="latency", seconds=0.03, times=None))
    erp.front.reset()
    await asyncio.gather(*(port.check_items([COAT]) for _ in range(MANY)))
    assert erp.front.most == most, "all that is allowed is used, and no more"
    assert len(erp.front.arrived) >= MANY


async def test_R34_no_faster_than_our_pace(erp: ErpDesk) -> None:
    """An ERP without a pace of its own in the adapter has that of its task queue."""
    pace = erp.stage.pace
    if pace is None:
        assert not [name for name in erp.stage.settings("http://erp.example") if "per_" in name]
        return
    port = erp.port(None, **pace.settings)
    erp.front.reset()
    calls = [asyncio.create_task(port.check_items([COAT])) for _ in range(pace.calls + 5)]
    await asyncio.wait(calls, timeout=0.8)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert len(erp.front.arrived) >= pace.calls
    assert erp.front.most_within(pace.seconds) <= pace.calls
