"""What must survive: inbox, read model, units and money, documents, exceptions, timeline, audit."""

from store.database import Store
from store.unit import Unit

__all__ = ["Store", "Unit"]
