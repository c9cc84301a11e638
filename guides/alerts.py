"""One page for each kind of alert: what it tells, and what to do (R102)."""

from domain.alert_rules import ALERT_RULES, AlertRule, RuleId, rule_of
from domain.catalogue import CATALOGUE
from domain.exceptions import ExceptionCode, Owner
from guides.blocks import Page, Ref, Section
from guides.roles import to_guide
from guides.runbook_page import to_runbook
from guides.screens import SCREENS
from guides.words import TEAMS

_PARTS = (
    "What: what happened, in a sentence or two.",
    "Which return, or which connection. Where there are many, five are named and the rest is counted.",
    "At stake: money and units.",
    "Who: the team that it is for. It never names a person.",
    "Next step, with a link to the page of the console where it is done.",
)


def to_alert(rule: RuleId) -> Ref:
    """A link to the page of an alert."""
    return Ref(text=ALERT_RULES[rule].title, page=f"alerts/{rule}")


def alerts_of(owner: Owner) -> list[AlertRule]:
    """The alerts that may go to a team: its own ones, and those that go to the owner of an exception."""
    return [rule for rule in ALERT_RULES.values() if rule.owner in (owner, None)]


def alert_page(rule_id: RuleId) -> Page:
    """The page ``alerts/<rule>``."""
    rule = ALERT_RULES[rule_id]
    who = TEAMS[rule.owner] if rule.owner else "the team that owns the exception"
    codes = [code for code in ExceptionCode if _announces(rule_id, code)]
    sections = [
        Section(title="Who gets it", paragraphs=(_who(rule, who),)),
        Section(title="What to do", steps=rule.steps, points=(("Open ", screen_of(rule), "."),)),
        Section(title="What stands in it", points=_PARTS),
        Section(
            title="Once for one cause",
            paragraphs=(
                (
                    "The same cause is told once, however many returns it stops. If it comes again after it was mended,"
                    " it is told again."
                ),
            ),
        ),
    ]
    if codes:
        refs = tuple((to_runbook(code), f" – {CATALOGUE[code].title}") for code in codes)
        sections.insert(2, Section(title="Exceptions behind it", points=refs))
    return Page(path=f"alerts/{rule_id}", title=f"Alert: {rule.title}", intro=rule.meaning, sections=tuple(sections))


def screen_of(rule: AlertRule) -> Ref:
    """The page of the console that an alert points at."""
    known = [screen for screen in SCREENS.values() if screen.path == rule.screen]
    return Ref(text=known[0].title if known else rule.screen, screen=str(rule.screen))


def _who(rule: AlertRule, who: str) -> tuple[str | Ref, ...]:
    guide = (" Its guide: ", to_guide(rule.owner), ".") if rule.owner else ()
    return (f"It goes to {who}.", *guide)


def _announces(rule_id: RuleId, code: ExceptionCode) -> bool:
    """Whether a newly opened exception of this code is told by this rule; the general one is not listed."""
    return rule_id is not RuleId.EXCEPTION_OPENED and rule_of(code) is rule_id
