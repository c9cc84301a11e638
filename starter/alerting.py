"""What alerts are made of: the site's routes and limits, and the way to its channels."""

from desk.alerts import Announcer
from runtime.notify import AppriseNotifier
from runtime.settings import Settings
from starter.configuration import Site
from store import Store


def announcer_of(site: Site, store: Store, settings: Settings) -> Announcer:
    """The announcer of this site. Without any channel its alerts are only shown."""
    return Announcer(
        store,
        AppriseNotifier(),
        {ready.name: ready.connection.limits for ready in site.connections},
        site.routes,
        console_url=settings.console_url,
        quotas=[quota for ready in site.connections if (quota := ready.quota) is not None],
    )
