"""Tables of the console's accounts and of who is signed in. No secret is in them that opens anything by itself."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from store.columns import UtcDateTime


class AccountRow(SQLModel, table=True):
    """An account. `password_hash` is argon2id's, with its salt and costs; empty where a provider checks."""

    __tablename__: ClassVar[Any] = "accounts"

    name: str = Field(primary_key=True)
    source: str
    password_hash: str = ""
    roles: list[str] = Field(sa_type=JSON)
    disabled: bool = False
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SessionRow(SQLModel, table=True):
    """One signed-in browser. `key` is the SHA-256 of the token that the browser holds."""

    __tablename__: ClassVar[Any] = "sessions"

    key: str = Field(primary_key=True)
    account: str = Field(index=True, foreign_key="accounts.name")
    csrf: str
    notices: list[dict[str, str]] = Field(default=[], sa_type=JSON)
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class SignInFailureRow(SQLModel, table=True):
    """Failed tries in a row for one name, known or not. `key` is a digest: people type passwords into that field."""

    __tablename__: ClassVar[Any] = "sign_in_failures"

    key: str = Field(primary_key=True)
    failures: int
    last_at: datetime = Field(sa_type=UtcDateTime, index=True)


class SignInFlowRow(SQLModel, table=True):
    """A sign-in that is under way at the provider. `key` is the digest of its state, used up by the first answer."""

    __tablename__: ClassVar[Any] = "sign_in_flows"

    key: str = Field(primary_key=True)
    browser: str
    nonce: str
    verifier: str
    next: str
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)
