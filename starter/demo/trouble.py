"""What can go wrong with the demo itself.

DemoError
├── PartFailed    a process did not start, or ended by itself
├── WaitFailed    what was waited for did not happen in time
└── Refused       a part said no to something that the demo asked of it
"""


class DemoError(Exception):
    """Base of everything that a scenario may fail with. The text is for people."""


class PartFailed(DemoError):
    """A process of the demo is not there."""


class WaitFailed(DemoError):
    """A limit was reached; the text says what for."""


class Refused(DemoError):
    """An answer that the demo did not expect."""
