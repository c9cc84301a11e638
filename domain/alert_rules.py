"""The catalogue of alerts: what each kind means, whose it is, what to do, and where to look (R102, N16)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from domain.exceptions import ExceptionCode, Owner, Track
from domain.lateness import StuckKind
from domain.model import Value


class RuleId(StrEnum):
    """Every reason to send an alert."""

    EXCEPTION_OPENED = "EXCEPTION_OPENED"
    EXCEPTION_ESCALATED = "EXCEPTION_ESCALATED"
    EXCHANGE_FAILED = "EXCHANGE_FAILED"
    EXCHANGE_LATE = "EXCHANGE_LATE"
    RMA_LATE = "RMA_LATE"
    STOCK_LATE = "STOCK_LATE"
    CREDIT_LATE = "CREDIT_LATE"
    NOTE_OVERDUE = "NOTE_OVERDUE"
    RETURN_STUCK = "RETURN_STUCK"
    NEWS_WAITING = "NEWS_WAITING"
    EXPOSURE_DUE = "EXPOSURE_DUE"
    ROUNDING_DRIFT = "ROUNDING_DRIFT"
    CONNECTION_DOWN = "CONNECTION_DOWN"
    TREND = "TREND"
    QUOTA_NEAR = "QUOTA_NEAR"
    NOT_DELIVERED = "NOT_DELIVERED"


class AlertRule(Value):
    """What people need to know about one kind of alert.

    meaning: what it tells, for business users; steps: what to do, in order
    owner: the team that it goes to; None: the owner of the exception that it is about
    screen: path of the console page that shows more
    """

    id: RuleId
    title: str
    meaning: str
    steps: tuple[str, ...]
    screen: str
    owner: Owner | None = None


class Screen(StrEnum):
    """Pages of the console that alerts point at."""

    EXCEPTIONS = "/exceptions"
    RETURNS = "/returns"
    EXPOSURE = "/finance/exposure"
    OVERVIEW = "/overview"
    ALERTS = "/administration/alerts"


#: The rule of what takes longer than agreed.
LATE_RULES: Mapping[StuckKind, RuleId] = MappingProxyType(
    {
        StuckKind.RMA: RuleId.RMA_LATE,
        StuckKind.STOCK: RuleId.STOCK_LATE,
        StuckKind.CREDIT: RuleId.CREDIT_LATE,
        StuckKind.NOTE_AGE: RuleId.NOTE_OVERDUE,
        StuckKind.EXCHANGE: RuleId.EXCHANGE_LATE,
        StuckKind.STAGE: RuleId.RETURN_STUCK,
        StuckKind.UNDELIVERED: RuleId.NEWS_WAITING,
    }
)


def rule_of(code: ExceptionCode, track: Track | None = None) -> RuleId:
    """The rule under which a newly opened exception is announced."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    return RuleId.EXCHANGE_FAILED if track is Track.EXCHANGE else RuleId.EXCEPTION_OPENED


_BY_CODE: Mapping[ExceptionCode, RuleId] = MappingProxyType(
    {
        ExceptionCode.EXCHANGE_OOS: RuleId.EXCHANGE_FAILED,
        ExceptionCode.EXCHANGE_DATA: RuleId.EXCHANGE_FAILED,
        ExceptionCode.EXCHANGE_PAYMENT_MISSING: RuleId.EXCHANGE_FAILED,
        ExceptionCode.EXCHANGE_EXPOSURE: RuleId.EXPOSURE_DUE,
        ExceptionCode.EXPOSURE_DUE: RuleId.EXPOSURE_DUE,
        ExceptionCode.CREDIT_OVERDUE: RuleId.CREDIT_LATE,
        ExceptionCode.ROUNDING_DRIFT: RuleId.ROUNDING_DRIFT,
        ExceptionCode.CONNECTION_DOWN: RuleId.CONNECTION_DOWN,
    }
)

_RULES = (
    AlertRule(
        id=RuleId.EXCEPTION_OPENED,
        title="Something waits for a decision",
        meaning="A return has stopped at one step and goes on only when somebody decides. Its other steps go on.",
        steps=(
            "Open the link: the queue shows the reason, the figures and the decisions that are possible.",
            "Mend the cause first. When many returns wait for the same cause, decide them as a group.",
        ),
        screen=Screen.EXCEPTIONS,
    ),
    AlertRule(
        id=RuleId.EXCEPTION_ESCALATED,
        title="Nobody has handled this in time",
        meaning="An exception has been open for longer than its team agreed to. It is told once for each level.",
        steps=(
            "Ask its owner whether somebody works on it.",
            "Decide it, or have somebody named who does. Nothing else happens by itself.",
        ),
        screen=Screen.EXCEPTIONS,
    ),
    AlertRule(
        id=RuleId.EXCHANGE_FAILED,
        title="An exchange cannot be created",
        meaning="A customer was promised a replacement and no order could be made for it. The return itself goes on.",
        steps=(
            "Open the exception: it names the item and everything that the order lacks.",
            "Offer another item or a refund, or correct the data, and decide so.",
        ),
        screen=Screen.EXCEPTIONS,
        owner=Owner.CX,
    ),
    AlertRule(
        id=RuleId.EXCHANGE_LATE,
        title="A confirmed exchange has no order",
        meaning="The customer was told yes, the agreed time has passed, and there is still no replacement order.",
        steps=(
            "Open the return and read what its exchange waits for.",
            "Clear that up, or make the order by hand in the ERP and link it.",
        ),
        screen=Screen.RETURNS,
        owner=Owner.CX,
    ),
    AlertRule(
        id=RuleId.RMA_LATE,
        title="A return has no RMA in the ERP",
        meaning="The return was authorised and the agreed time has passed without an RMA."
        " The warehouse cannot check the parcel in, so restock and refund will wait too.",
        steps=(
            "Open the return: it says what the RMA waits for.",
            "If the ERP does not answer, see to the connection. If the return is parked, decide its exception.",
        ),
        screen=Screen.RETURNS,
        owner=Owner.WAREHOUSE,
    ),
    AlertRule(
        id=RuleId.STOCK_LATE,
        title="Inspected goods are not in stock",
        meaning="Units were inspected and the agreed time has passed without their stock document in the ERP.",
        steps=(
            "Open the return: it says what the stock document waits for.",
            "Clear that up. Do not book the units by hand as well, or give the document's number when you do.",
        ),
        screen=Screen.RETURNS,
        owner=Owner.WAREHOUSE,
    ),
    AlertRule(
        id=RuleId.CREDIT_LATE,
        title="A refund has no credit note",
        meaning="The customer was refunded and the agreed time has passed without a credit note in the ERP.",
        steps=(
            "Open the return: it says what the credit note waits for.",
            "Clear that up, or link the credit note if it exists already.",
        ),
        screen=Screen.EXCEPTIONS,
        owner=Owner.FINANCE,
    ),
    AlertRule(
        id=RuleId.NOTE_OVERDUE,
        title="A credit note is overdue by the books",
        meaning="The customer was refunded so long ago that a missing credit note becomes a matter for tax and audit.",
        steps=(
            "Make the credit note today, by whatever way works, and give its number on the return.",
            "Then find out why nobody acted on the earlier alert.",
        ),
        screen=Screen.RETURNS,
        owner=Owner.FINANCE,
    ),
    AlertRule(
        id=RuleId.RETURN_STUCK,
        title="A return does not move",
        meaning="Nothing has happened to the return for longer than its stage allows. The two systems may both"
        " look right while nothing passes between them.",
        steps=(
            "Open the return: stage and blocker stand at its head.",
            "Clear the blocker up, or decide the exception that stops it.",
        ),
        screen=Screen.RETURNS,
        owner=Owner.INTEGRATION,
    ),
    AlertRule(
        id=RuleId.NEWS_WAITING,
        title="Messages of a platform are not worked on",
        meaning="The platform's messages are received and kept, but no return has been told of them for too long."
        " Nothing is lost, and nothing moves.",
        steps=(
            "Look whether Temporal and the worker are running.",
            "Nothing else to do: once they run, all messages are worked on in their order.",
        ),
        screen=Screen.OVERVIEW,
        owner=Owner.INTEGRATION,
    ),
    AlertRule(
        id=RuleId.EXPOSURE_DUE,
        title="Money is out and the goods are not in",
        meaning="The customer has the refund or the replacement, the goods were not accepted, and the time"
        " in which the loss can be claimed runs out.",
        steps=(
            "Contact the customer, or find the parcel.",
            "Claim the cover of the platform before its own deadline, or write the value off with a reason.",
        ),
        screen=Screen.EXPOSURE,
        owner=Owner.CX,
    ),
    AlertRule(
        id=RuleId.ROUNDING_DRIFT,
        title="Rounding differences add up",
        meaning="Each difference was small enough to pass; together they have come to more than was agreed.",
        steps=(
            "Look on the finance page from which connection and which days they come.",
            "Have the rounding of tax or discounts checked on the side that differs.",
        ),
        screen=Screen.EXCEPTIONS,
        owner=Owner.FINANCE,
    ),
    AlertRule(
        id=RuleId.CONNECTION_DOWN,
        title="A system does not answer",
        meaning="A platform or an ERP cannot be reached or refuses our credentials. All its returns wait;"
        " nothing is lost, and they go on by themselves.",
        steps=(
            "Check the vendor's status page, the network and the credentials.",
            "Nothing else to do: the exception closes with the first call that works.",
        ),
        screen=Screen.OVERVIEW,
        owner=Owner.INTEGRATION,
    ),
    AlertRule(
        id=RuleId.TREND,
        title="The same cause keeps coming back",
        meaning="One cause has stopped returns again and again, also when each of them was decided in between.",
        steps=(
            "Mend the cause where it arises: the mapping, the item data or the rule that is named.",
            "Then decide what still waits for it as one group.",
        ),
        screen=Screen.EXCEPTIONS,
    ),
    AlertRule(
        id=RuleId.QUOTA_NEAR,
        title="A daily limit of a vendor is nearly used up",
        meaning="A vendor answers only so many calls a day. When they are used up, returns wait until tomorrow.",
        steps=(
            "Look whether something asks far more often than usual.",
            "Ask the vendor for a higher limit if the business has grown.",
        ),
        screen=Screen.OVERVIEW,
        owner=Owner.INTEGRATION,
    ),
    AlertRule(
        id=RuleId.NOT_DELIVERED,
        title="Alerts do not reach a channel",
        meaning="A mail address or chat channel of a team has taken no alert, although each was tried several times."
        " The console shows what was not delivered.",
        steps=(
            "Run `backhaul alerts --test` for that team: it says what the channel answers.",
            "Correct the channel's address in the environment and start the bridge again.",
        ),
        screen=Screen.ALERTS,
        owner=Owner.INTEGRATION,
    ),
)

ALERT_RULES: Mapping[RuleId, AlertRule] = MappingProxyType({rule.id: rule for rule in _RULES})
