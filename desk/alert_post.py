"""Puts alerts on their way: into the outbox, for every channel of everybody whom they concern."""

from datetime import datetime

from domain.alert_routes import AlertRoutes
from domain.alerts import Alert
from store import Unit


class AlertPost:
    """The outbox, with the routes of this site."""

    def __init__(self, routes: AlertRoutes) -> None:
        self.routes = routes

    async def put(self, unit: Unit, alert: Alert, now: datetime, without: str = "") -> bool:
        """Write an alert down for sending; whether it is new. `without`: a channel whose address is left out."""
        unfit = self.routes.url(without)
        channels = [channel for channel, url in self.routes.of(alert).items() if url != unfit]
        note = "" if channels else f"no channel is configured for {alert.owner.value}, so it is only shown here"
        return await unit.alerts.add(alert, channels, now, note)

    async def next_key(self, unit: Unit, topic: str) -> str:
        """The key of the next alert of a topic. Take the lock before."""
        return f"{topic}#{await unit.alerts.made(topic) + 1}"
