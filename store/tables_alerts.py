"""Tables of alerts: what was told once, about what, and over which channels it went out (R91)."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from store.columns import UtcDateTime


class AlertRow(SQLModel, table=True):
    """One alert. `count` grows when more of the same cause joins it quietly. Rows stay for the audit."""

    __tablename__: ClassVar[Any] = "alerts"
    __table_args__ = (Index("ix_alerts_topic", "topic", "made_at"),)

    key: str = Field(primary_key=True)
    topic: str
    rule: str
    connection: str
    owner: str
    level: int
    title: str
    content: dict[str, Any] = Field(sa_type=JSON)
    count: int
    state: str
    note: str
    made_at: datetime = Field(sa_type=UtcDateTime, index=True)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AlertItemRow(SQLModel, table=True):
    """One thing that an alert told of. The key is the promise that nothing is told twice in the same role."""

    __tablename__: ClassVar[Any] = "alert_items"
    __table_args__ = (ForeignKeyConstraint(["alert_key"], ["alerts.key"]),)

    mark: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    alert_key: str = Field(index=True)
    told_at: datetime = Field(sa_type=UtcDateTime)


class AlertSendRow(SQLModel, table=True):
    """One alert on its way over one channel. `claimed_until`: a process is sending it; no other one does."""

    __tablename__: ClassVar[Any] = "alert_sends"
    __table_args__ = (
        ForeignKeyConstraint(["alert_key"], ["alerts.key"]),
        Index("ix_alert_sends_due", "state", "due_at"),
    )

    alert_key: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    state: str
    attempts: int
    due_at: datetime = Field(sa_type=UtcDateTime)
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
