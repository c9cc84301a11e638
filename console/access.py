"""Who may open what: one line a route. What is not here cannot be reached; a test walks every route as every role."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.accounts import AccountRole

_FORM_BYTES = 65_536
#: 200,000 lines of a payout report.
_REPORT_BYTES = 24_000_000


@dataclass(frozen=True)
class Access:
    """Who may use a route.

    roles: one of them is needed; None: no sign-in at all
    body: largest form in bytes; files: how many uploads it may have
    """

    roles: frozenset[AccountRole] | None
    body: int = _FORM_BYTES
    files: int = 0


@dataclass(frozen=True)
class Place:
    """An entry of the menu, for those who may open it."""

    path: str
    label: str


def only(*roles: AccountRole, body: int = _FORM_BYTES, files: int = 0) -> Access:
    """These roles and administrators."""
    return Access(frozenset({*roles, AccountRole.ADMIN}), body, files)


OPEN = Access(None)
EVERYONE = Access(frozenset(AccountRole))
RECEIVERS = only(AccountRole.WAREHOUSE)
FINANCE = only(AccountRole.FINANCE)
DECIDERS = Access(frozenset(AccountRole) - {AccountRole.VIEWER})  # whose decision it is, each exception says itself

ACCESS: Mapping[str, Access] = {
    "GET /healthz": OPEN,
    "GET /metrics": OPEN,  # for programs: a token of its own
    "GET /static/{name}": OPEN,
    "GET /sign-in": OPEN,
    "POST /sign-in": OPEN,
    "GET /sign-in/provider": OPEN,
    "GET /sign-in/back": OPEN,
    "POST /sign-out": EVERYONE,
    "GET /": EVERYONE,
    "GET /account": EVERYONE,
    "POST /account/password": EVERYONE,
    "POST /account/sign-out": EVERYONE,
    "GET /returns": EVERYONE,
    "GET /returns/{connection}/{return_id}": EVERYONE,
    "GET /receiving": RECEIVERS,
    "GET /receiving/unknown": RECEIVERS,
    "POST /receiving/unknown": RECEIVERS,
    "GET /receiving/{connection}/{return_id}": RECEIVERS,
    "POST /receiving/{connection}/{return_id}": RECEIVERS,
    "GET /receiving/{connection}/{return_id}/regrade": RECEIVERS,
    "POST /receiving/{connection}/{return_id}/regrade": RECEIVERS,
    "GET /exceptions": EVERYONE,
    "GET /exceptions/groups": EVERYONE,
    "GET /exceptions/groups/{group_id}": EVERYONE,
    "POST /exceptions/groups/{group_id}": DECIDERS,
    "GET /exceptions/groups/{group_id}/run": EVERYONE,
    "GET /exceptions/{exception_id:path}": EVERYONE,
    "POST /exceptions/{exception_id:path}": DECIDERS,
    "GET /overview": EVERYONE,
    "GET /charts/{name}.svg": EVERYONE,
    "GET /finance": EVERYONE,
    "GET /finance/reconciliation": EVERYONE,
    "POST /finance/reconciliation": FINANCE,
    "GET /finance/reconciliation/{name:path}": EVERYONE,
    "GET /finance/differences": EVERYONE,
    "GET /finance/differences.csv": EVERYONE,
    "GET /finance/depots": EVERYONE,
    "GET /finance/depots.csv": EVERYONE,
    "GET /finance/exposure": EVERYONE,
    "GET /finance/exposure.csv": EVERYONE,
    "GET /finance/periods": EVERYONE,
    "POST /finance/periods": FINANCE,
    "GET /finance/payouts": FINANCE,
    "POST /finance/payouts": only(AccountRole.FINANCE, body=_REPORT_BYTES, files=1),
    "GET /administration/alerts": only(AccountRole.INTEGRATION),
    "GET /administration/accounts": only(),
    "POST /administration/accounts": only(),
    "GET /administration/accounts/{name}": only(),
    "POST /administration/accounts/{name}": only(),
    "GET /administration/audit": only(),
    "GET /runbooks": EVERYONE,
    "GET /runbooks/{code}": EVERYONE,
    "GET /guides/{path:path}": EVERYONE,
}

MENU: tuple[Place, ...] = (
    Place("/returns", "Returns"),
    Place("/receiving", "Receiving"),
    Place("/exceptions", "Exceptions"),
    Place("/finance/reconciliation", "Finance"),
    Place("/overview", "Overview"),
    Place("/runbooks", "Runbooks"),
    Place("/administration/alerts", "Administration"),
)


def access_to(method: str, path: str) -> Access | None:
    """What the table says of a route's template; None: nothing."""
    return ACCESS.get(f"{method} {path}")


def menu_for(roles: frozenset[AccountRole]) -> list[Place]:
    """The menu of somebody with these roles."""
    return [place for place in MENU if roles & (ACCESS[f"GET {place.path}"].roles or frozenset())]
