"""Steps of a return that its own workflow has not begun: for tests that run them one by one."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from temporalio.testing import ActivityEnvironment

from activities.erp import ErpActivities
from activities.platform import PlatformActivities
from activities.signatures import Decision, OpenRma, ReadReturn, RmaOpened, WithdrawRma
from desk.clock import utc_now
from domain.exchange import ExchangeUnits
from domain.progress import Stage
from domain.returns import PlatformReturn, ReturnRef
from tests.world import World
from worker import build_links


@dataclass
class Steps:
    """A return as the platform has it, and the steps of its ERP."""

    ref: ReturnRef
    erp: ErpActivities
    platform: PlatformReturn

    async def open_rma(
        self, number: int = 1, *, begun: Sequence[ExchangeUnits] = (), decisions: Sequence[Decision] = ()
    ) -> RmaOpened:
        """The step of that name."""
        request = OpenRma(
            ref=self.ref, platform=self.platform, number=number, begun=list(begun), decisions=list(decisions)
        )
        opened: RmaOpened = await environment().run(self.erp.open_rma, request)
        return opened

    async def withdraw_rma(self, number: int = 1) -> None:
        """The step of that name: the customer changed the request."""
        request = WithdrawRma(ref=self.ref, stage=Stage.CANCELLED, reason="changed", number=number)
        await environment().run(self.erp.withdraw_rma, request)


def environment() -> ActivityEnvironment:
    """An attempt that was scheduled now."""
    made = ActivityEnvironment()
    made.info = dataclasses.replace(made.info, scheduled_time=utc_now())
    return made


async def begun(world: World, ref: ReturnRef) -> Steps:
    """The steps of a return that is still a draft: its workflow waits."""
    await world.stage(ref, "RECEIVED")
    link = next(link for link in build_links(world.ready, world.http) if link.connection.name == ref.connection)
    read = PlatformActivities(world.edge, link).read_return
    platform: PlatformReturn = await environment().run(read, ReadReturn(ref=ref))
    return Steps(ref, ErpActivities(world.edge, {ref.connection: link}), platform)
