"""What stands before a sandbox and counts who comes in: the only judge of our limits."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.conformance.erp_stage import Pace


class Front:
    """Passes every request on.

    most: the most that were inside at once; arrived: when each came, in seconds; statuses: what each was answered
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._inside = 0
        self.most = 0
        self.arrived: list[float] = []
        self.statuses: list[int] = []

    def reset(self) -> None:
        """Count from now on."""
        self.most = self._inside
        self.arrived = []
        self.statuses = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.arrived.append(time.monotonic())
        self._inside += 1
        self.most = max(self.most, self._inside)
        try:
            await self._app(scope, receive, self._noting(send))
        finally:
            self._inside -= 1

    def _noting(self, send: Send) -> Send:
        async def note(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.statuses.append(message["status"])
            await send(message)

        return note

    def too_early(self, since: float, pace: Pace) -> list[float]:
        """Requests of callers that began at `since` and came before their turn, as seconds since then.

        A machine that stands still for a moment may squeeze two requests together; it never brings one forward.
        """
        after = [at - since for at in self.arrived]
        return [at for turn, at in enumerate(after) if at < turn // pace.calls * pace.seconds]
