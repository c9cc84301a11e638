"""What stands before a sandbox and counts who comes in: the only judge of our limits."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send


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

    def most_within(self, seconds: float) -> int:
        """The most requests that came within any span of this length."""
        return max((sum(at <= other < at + seconds for other in self.arrived) for at in self.arrived), default=0)
