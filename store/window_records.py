"""What the store gives back about files for batch ERPs (D7)."""

from datetime import datetime

from domain.batches import BatchRef
from domain.model import Value


class BatchRecord(Value):
    """A file for a batch ERP. `answered`: nothing more is expected of it."""

    books: str
    ref: BatchRef
    window_at: datetime
    file: str
    answered: bool
