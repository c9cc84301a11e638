"""Alerts: what is told to a team without anybody having asked (R91).

An alert is told once for one cause. Everything in it is words, quantities and references; it names no person.
"""

from datetime import datetime

from pydantic import Field

from domain.alert_rules import RuleId
from domain.exceptions import Owner
from domain.model import Value
from domain.money import Money
from domain.returns import ReturnRef

#: Returns that one alert names; the rest is counted.
NAMED = 5
#: Levels that an exception may go up to (R74); each may have channels of its own.
LEVELS = (1, 2)


class AlertSubject(Value):
    """One thing that an alert is about. `reason` says what is wrong with this one, where each has its own."""

    ref: ReturnRef | None = None
    order_number: str = ""
    sku: str = ""
    reason: str = ""


class Alert(Value):
    """One message to one team.

    key: one per cause and occasion; what has the same key is the same alert
    topic: what later alerts about the same matter share
    what: one sentence or two, in plain words; cause: the one thing that is wrong, empty where there is no such thing
    subjects: up to NAMED returns; `count`: how many things it is about in all
    money: what is at stake, one sum per currency; units: units of goods at stake; at_least: there is more of both
    level: how often it went up without anybody handling it; next_step: what to do first; path: page of the console
    also: further teams that are told; stake: what is at stake where it is neither money nor units
    """

    key: str = Field(min_length=1, max_length=160)
    topic: str = Field(min_length=1, max_length=140)
    rule: RuleId
    connection: str
    owner: Owner
    level: int = 0
    title: str
    what: str
    cause: str = ""
    subjects: list[AlertSubject] = Field(default=[], max_length=NAMED)
    count: int = Field(default=1, ge=1)
    money: list[Money] = []
    units: int = 0
    at_least: bool = False
    since: datetime | None = None
    next_step: str
    path: str
    also: list[Owner] = []
    stake: str = ""
