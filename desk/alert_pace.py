"""How quickly alerts go out, how many, and how often a channel is tried."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class AlertPace:
    """Times and counts of alerts.

    look: news are looked for this often; watch: deadlines, trends and quotas this often
    settle, longest_settle: exceptions of one cause come in a burst; it is told once no more came for so long
    gather: after an alert, more of the same kind is gathered for so long and told together
    gather_exchanges: the same for exchanges that cannot be created, each of which is told within a minute (R63)
    most: alerts about different causes of one kind within `gather`; what is more becomes one alert
    lease: another process may send what this one has claimed and not settled for so long
    first_retry, longest_retry: wait after a channel did not take an alert, doubling; tries: then it has failed
    batch, per_channel: alerts on their way at once, in all and over one channel
    """

    look: timedelta = timedelta(seconds=2)
    watch: timedelta = timedelta(minutes=1)
    settle: timedelta = timedelta(seconds=5)
    longest_settle: timedelta = timedelta(seconds=20)
    gather: timedelta = timedelta(minutes=15)
    gather_exchanges: timedelta = timedelta(seconds=20)
    most: int = 5
    lease: timedelta = timedelta(minutes=3)
    first_retry: timedelta = timedelta(seconds=30)
    longest_retry: timedelta = timedelta(minutes=30)
    tries: int = 8
    batch: int = 50
    per_channel: int = 5

    def retry(self, attempts: int) -> timedelta:
        """How long to wait after so many failures before this one."""
        doubled: timedelta = self.first_retry * (1 << min(attempts, 16))
        return min(doubled, self.longest_retry)
