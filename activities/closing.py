"""What happens with the last fact of a return."""

from datetime import datetime

from domain.progress import Stage
from domain.returns import ReturnRef
from store.unit import Unit


async def close_if_settled(unit: Unit, ref: ReturnRef, now: datetime) -> None:
    """When everything is final, say so, and free the units that were rejected: they may come back once more.

    Units that finance gave up stay claimed, because the goods are here.
    """
    progress = await unit.returns.refresh_progress(ref, now)
    if progress.stage is not Stage.CLOSED:
        return
    facts = await unit.returns.facts(ref)
    if not facts.finance_closed_by_hand:
        await unit.slots.release(ref)
    await unit.timeline.add(ref, "closed", now, "backhaul", "closed", "every track is final")
