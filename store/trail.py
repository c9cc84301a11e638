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
    ) -> None:
        """Write the audit entry, and the timeline entry when it concerns one return."""
        await self.audit.add(actor, action, subject, detail, at)
        if ref is not None:
            kind, _, _ = action.partition(".")
            await self.timeline.add(ref, f"{action}:{subject}", at, actor, kind, text, {kind: subject})
