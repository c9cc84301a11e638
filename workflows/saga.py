"""What must be undone when a return stops before goods arrived (D5): newest first, each registered before its step."""

from collections.abc import Awaitable, Callable

from workflows.case import Withdrawal

Undo = Callable[[Withdrawal], Awaitable[None]]


class Saga:
    """The compensations of one return. Each tolerates that its step never happened."""

    def __init__(self) -> None:
        self._undos: list[Undo] = []

    def before(self, undo: Undo) -> None:
        """Register a compensation; call it before the step, whose result may be lost."""
        self._undos.append(undo)

    async def unwind(self, withdrawal: Withdrawal) -> None:
        """Undo everything, newest first."""
        while self._undos:
            await self._undos[-1](withdrawal)
            self._undos.pop()
