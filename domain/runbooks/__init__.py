"""What the catalogue of exceptions leaves open, for the runbooks: one file per field of work, put together here."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.exceptions import ExceptionCode
from domain.runbooks.authorisation import AUTHORISATION
from domain.runbooks.customers import CUSTOMERS
from domain.runbooks.entry import Runbook
from domain.runbooks.exchanges import EXCHANGES
from domain.runbooks.goods import GOODS
from domain.runbooks.notes import NOTES
from domain.runbooks.parcels import PARCELS
from domain.runbooks.refunds import REFUNDS
from domain.runbooks.systems import SYSTEMS

RUNBOOKS: Mapping[ExceptionCode, Runbook] = MappingProxyType(
    {
        runbook.code: runbook
        for runbook in (
            *REFUNDS,
            *NOTES,
            *GOODS,
            *PARCELS,
            *AUTHORISATION,
            *EXCHANGES,
            *CUSTOMERS,
            *SYSTEMS,
        )
    }
)
