"""The pages of the console that guides point at: address, title, who works there, and what it shows."""

from collections.abc import Iterable
from enum import StrEnum

from domain.accounts import AccountRole
from domain.exceptions import Owner
from domain.model import Value
from guides.blocks import Ref

_EVERYONE = frozenset(AccountRole)


class ScreenId(StrEnum):
    """Every page that a guide may name. The value is its address."""

    OVERVIEW = "/overview"
    RETURNS = "/returns"
    RECEIVING = "/receiving"
    EXCEPTIONS = "/exceptions"
    GROUPS = "/exceptions/groups"
    RECONCILIATION = "/finance/reconciliation"
    DIFFERENCES = "/finance/differences"
    DEPOTS = "/finance/depots"
    EXPOSURE = "/finance/exposure"
    PERIODS = "/finance/periods"
    PAYOUTS = "/finance/payouts"
    RUNBOOKS = "/runbooks"
    ALERTS = "/administration/alerts"
    ACCOUNTS = "/administration/accounts"
    AUDIT = "/administration/audit"


class Screen(Value):
    """One page of the console. `roles`: those whose work it is for; others may be allowed to look."""

    id: ScreenId
    title: str
    shows: str
    roles: frozenset[AccountRole] = _EVERYONE

    @property
    def path(self) -> str:
        """Its address, without the console's own."""
        return self.id.value


def _only(*roles: AccountRole) -> frozenset[AccountRole]:
    return frozenset({*roles, AccountRole.ADMIN})


SCREENS: dict[ScreenId, Screen] = {
    screen.id: screen
    for screen in (
        Screen(
            id=ScreenId.OVERVIEW,
            title="Overview",
            shows="flow of returns, times of each step, exceptions by cause, and the health of every connection",
        ),
        Screen(
            id=ScreenId.RETURNS,
            title="Returns",
            shows="where any return stands: search by return, order, RMA, tracking number or credit note",
        ),
        Screen(
            id=ScreenId.RECEIVING,
            title="Receiving",
            shows="what a parcel should hold, and the form for what it really holds",
            roles=_only(AccountRole.WAREHOUSE),
        ),
        Screen(
            id=ScreenId.EXCEPTIONS,
            title="Exceptions",
            shows="everything that waits for a decision, by team, with its reason, age and money at stake",
        ),
        Screen(
            id=ScreenId.GROUPS,
            title="Exceptions by cause",
            shows="the same by root cause, so that one correction clears many",
        ),
        Screen(
            id=ScreenId.RECONCILIATION,
            title="Reconciliation",
            shows="the runs that compare refunds, credit notes and stock movements",
        ),
        Screen(
            id=ScreenId.DIFFERENCES,
            title="Differences",
            shows="what did not match, each difference once, with class, value and age",
        ),
        Screen(
            id=ScreenId.DEPOTS,
            title="Depot report",
            shows="inspected against posted units, by depot, SKU and disposition",
        ),
        Screen(
            id=ScreenId.EXPOSURE,
            title="Exposure",
            shows="money and replacements that are out while their goods are not in, with the deadline of each",
        ),
        Screen(
            id=ScreenId.PERIODS,
            title="Periods",
            shows="whether a month is ready to close, and what is in the way; a closed one with what was found since",
        ),
        Screen(
            id=ScreenId.PAYOUTS,
            title="Payouts",
            shows="the form for the payment provider's payout file",
            roles=_only(AccountRole.FINANCE),
        ),
        Screen(
            id=ScreenId.RUNBOOKS,
            title="Runbooks",
            shows="one page for every kind of exception, alert and stage",
        ),
        Screen(
            id=ScreenId.ALERTS,
            title="Alerts",
            shows="which alerts were sent to whom, and which could not be delivered",
            roles=_only(AccountRole.INTEGRATION),
        ),
        Screen(
            id=ScreenId.ACCOUNTS,
            title="Accounts",
            shows="who may sign in, and with which role",
            roles=_only(),
        ),
        Screen(
            id=ScreenId.AUDIT,
            title="Audit trail",
            shows="who decided what, and when",
            roles=_only(),
        ),
    )
}


def to_screen(screen: ScreenId, **narrowed: str) -> Ref:
    """A link to a page of the console, narrowed by what stands behind the question mark of its address."""
    query = "&".join(f"{name}={value}" for name, value in narrowed.items())
    return Ref(text=SCREENS[screen].title, screen=f"{screen.value}?{query}" if query else screen.value)


def to_queue(owner: Owner, **narrowed: str) -> Ref:
    """A link to one team's part of the queue."""
    return to_screen(ScreenId.EXCEPTIONS, owner=owner.value, **narrowed)


def unknown_screens(addresses: Iterable[str]) -> list[str]:
    """Those of the addresses that are no page of the catalogue, whatever they are narrowed by."""
    known = {screen.value for screen in ScreenId}
    return [address for address in addresses if address.partition("?")[0] not in known]
