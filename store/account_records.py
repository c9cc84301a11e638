"""What the store says of accounts and sessions: frozen values, without password hashes and tokens."""

from datetime import datetime

from domain.accounts import AccountRole, AccountSource
from domain.model import Value


class AccountRecord(Value):
    """One account. `name` is what the audit shows as actor."""

    name: str
    source: AccountSource
    roles: frozenset[AccountRole]
    disabled: bool
    created_at: datetime
    changed_at: datetime
    signed_in_at: datetime | None


class Notice(Value):
    """A line that the next page shows once. `kind`: good, bad or note; `link`: where to read more, with its text."""

    kind: str
    text: str
    link: str = ""
    link_text: str = ""


class SessionRecord(Value):
    """A browser that is signed in, as of now. `csrf` is the token that its forms must carry."""

    key: str
    account: str
    roles: frozenset[AccountRole]
    source: AccountSource
    csrf: str
    notices: list[Notice]
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


class SignInFlow(Value):
    """A sign-in under way at the provider. `browser` is the digest of the cookie of the browser that began it."""

    browser: str
    nonce: str
    verifier: str
    next: str
    expires_at: datetime
