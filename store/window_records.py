"""What the store gives back about files for batch ERPs (D7)."""

from datetime import datetime

from domain.batches import BatchRef
from domain.model import Value


class BatchRecord(Value):
    """A file for a batch ERP.

    window_at: the window that it goes over in; file: its name once it lies there; answered: nothing more is expected
    """

    books: str
    ref: BatchRef
    window_at: datetime
    file: str
    answered: bool
