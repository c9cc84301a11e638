"""Who may sign in to the console, and as what."""

from enum import StrEnum

#: Names of local accounts: references for the audit, never a person's mail address.
NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{1,39}$"


class AccountRole(StrEnum):
    """A hat that an account wears. Everyone who signs in may look; the role says what may be done (R110)."""

    VIEWER = "viewer"
    WAREHOUSE = "warehouse"
    CX = "cx"
    FINANCE = "finance"
    MERCHANDISING = "merchandising"
    INTEGRATION = "integration"
    ADMIN = "admin"


class AccountSource(StrEnum):
    """Who checks that it is the right person."""

    LOCAL = "local"  # a password of ours
    PROVIDER = "provider"  # OpenID Connect
