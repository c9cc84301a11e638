"""One event told to both readers: the timeline for the people of the return, the audit for everybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from domain.returns import ReturnRef
from store.audit import Audit
from store.timeline import Timeline


@dataclass(frozen=True)
class Trail:
    """Timeline and audit of one transaction."""

    timeline: Timeline
    audit: Audit

    async def note(
        self,
        subject: str,
        ref: ReturnRef | None,
        action: str,
        text: str,
        actor: str,
        detail: Mapping[str, JsonValue],
        at: datetime,
        nth: int | None = None,
    ) -> None:
        """Write the audit entry, and the timeline entry when it concerns one return.

        `nth` tells entries apart that one subject may have several times; without it the timeline has only the first.
        """
        await self.audit.add(actor, action, subject, detail, at)
        if ref is not None:
            kind, _, _ = action.partition(".")
            key = f"{action}:{subject}" if nth is None else f"{action}:{subject}:{nth}"
            await self.timeline.add(ref, key, at, actor, kind, text, {kind: subject})
