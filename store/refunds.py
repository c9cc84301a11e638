"""What we made of each refund: its credit, or a final decision without one."""

from datetime import datetime
from typing import Any

from sqlmodel import col, update

from domain.returns import ReturnRef
from store.errors import UnknownReturn
from store.scope import Scope
from store.tables import RefundRow


class Refunds:
    """Refunds of one transaction. The platform's side of them is saved with the return."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def set_credit(self, ref: ReturnRef, refund_id: str, credit_key: str, now: datetime | None = None) -> None:
        """The refund is answered by this credit document. UnknownReturn when the refund was never saved."""
        await self._set(ref, refund_id, now, credit_key=credit_key)

    async def decide(self, ref: ReturnRef, refund_id: str, decision: str, now: datetime | None = None) -> None:
        """The refund is final without a credit, for the reason given. UnknownReturn as above."""
        await self._set(ref, refund_id, now, decision=decision)

    async def _set(self, ref: ReturnRef, refund_id: str, now: datetime | None, **values: Any) -> None:
        changed = await self._scope.change(
            update(RefundRow)
            .where(col(RefundRow.connection) == ref.connection, col(RefundRow.return_id) == ref.return_id)
            .where(col(RefundRow.refund_id) == refund_id)
            .values(**values)
        )
        if not changed:
            raise UnknownReturn(f"refund {refund_id} of return {ref} was never saved")
        self._scope.touch(ref, now)
