"""What the warehouse decides about a returned unit, and what that means for stock and money."""

from enum import StrEnum

from domain.model import Value


class Disposition(StrEnum):
    """Where an inspected unit goes (domain.md 5.1)."""

    SELLABLE = "SELLABLE"
    DAMAGED = "DAMAGED"
    QUARANTINE = "QUARANTINE"
    RETURN_TO_CUSTOMER = "RETURN_TO_CUSTOMER"
    DISPOSED = "DISPOSED"
    MISSING = "MISSING"
    LOST_IN_TRANSIT = "LOST_IN_TRANSIT"  # never scanned: finance credits what the carrier lost (E31)

    @property
    def scanned(self) -> bool:
        """Whether a warehouse can find it, so that every connection must say what it does in the ledger (R23)."""
        return self is not Disposition.LOST_IN_TRANSIT

    @property
    def accepted(self) -> bool:
        """Whether the customer is owed the unit's value (E21–E23: quarantine counts, missing does not)."""
        return self not in (Disposition.RETURN_TO_CUSTOMER, Disposition.MISSING)

    @property
    def arrived(self) -> bool:
        """Whether a physical unit exists that must be booked somewhere."""
        return self not in (Disposition.MISSING, Disposition.LOST_IN_TRANSIT)


class StockDocument(StrEnum):
    """The ERP's own document that brings units into stock (R26, R115)."""

    RECEIPT = "receipt"
    ADJUSTMENT = "adjustment"
    NONE = "none"  # nothing enters the ledger: missing, disposed on arrival


class StockAction(Value):
    """What one disposition does in the stock ledger. `bucket` names the kind of location, e.g. ``sellable``."""

    document: StockDocument
    bucket: str = ""
    condition: str = ""
    """The ERP's condition or reason code for this disposition, where it wants one."""
