"""Alerts as values: the catalogue, the words, and who hears of what (R91, R102, N16)."""

import pytest

from domain.alert_routes import AlertRoutes, known_routes, read_routes
from domain.alert_rules import ALERT_RULES, LATE_RULES, RuleId, Screen, rule_of
from domain.alert_text import render
from domain.alerts import Alert, AlertSubject
from domain.exceptions import ExceptionCode, Owner, Track
from domain.lateness import StuckKind
from domain.money import Money
from domain.returns import ReturnRef
from guides.screens import ScreenId

REF = ReturnRef(connection="uk", return_id="R-1")
#: Alerts that are about an exception have its owner.
OF_EXCEPTIONS = {RuleId.EXCEPTION_OPENED, RuleId.EXCEPTION_ESCALATED, RuleId.TREND}


def alert(**more: object) -> Alert:
    given: dict[str, object] = {
        "key": "k#1",
        "topic": "k",
        "rule": RuleId.EXCEPTION_OPENED,
        "connection": "uk",
        "owner": Owner.FINANCE,
        "title": "Refund and order do not agree",
        "what": "The platform refunded another amount.",
        "subjects": [AlertSubject(ref=REF, order_number="10042", reason="paid 20.00 EUR")],
        "money": [Money(amount=191, currency="EUR"), Money(amount=50, currency="GBP")],
        "units": 3,
        "next_step": "Compare both amounts.",
        "path": "/exceptions?id=x",
        **more,
    }
    return Alert.model_validate(given)


@pytest.mark.parametrize("rule", RuleId)
def test_N16_R102_every_alert_has_an_owner_a_meaning_steps_and_a_page_of_the_console(rule: RuleId) -> None:
    entry = ALERT_RULES[rule]
    assert (entry.owner is None) == (rule in OF_EXCEPTIONS)
    assert len(entry.meaning.split()) > 8
    assert entry.title
    assert len(entry.steps) >= 2
    assert entry.screen in {screen.value for screen in ScreenId}


def test_N16_everything_that_may_be_late_and_every_exception_has_a_rule() -> None:
    assert set(LATE_RULES) == set(StuckKind)
    assert {rule_of(code) for code in ExceptionCode} <= set(RuleId)
    assert rule_of(ExceptionCode.CONFIG_INVALID, Track.EXCHANGE) is RuleId.EXCHANGE_FAILED
    assert {screen.value for screen in Screen} <= {screen.value for screen in ScreenId}


def test_R91_an_alert_says_what_which_return_what_is_at_stake_who_and_the_next_step_with_its_link() -> None:
    text = render(alert(), "https://backhaul.example/")
    assert text.subject == "[uk] Refund and order do not agree (return R-1)"
    assert text.text.splitlines() == [
        "Refund and order do not agree",
        "",
        "What: The platform refunded another amount.",
        "Which return: R-1 (connection uk)",
        "Reason: order 10042: paid 20.00 EUR",
        "At stake: 1.91 EUR and 0.50 GBP, 3 units",
        "Who: Finance",
        "Next step: Compare both amounts.",
        "Open: https://backhaul.example/exceptions?id=x",
    ]


def test_R91_what_a_vendor_wrote_cannot_break_a_message() -> None:
    hostile = "x" * 5_000 + "\n# *bold* <script>alert(1)</script> [click](http://evil)"
    subject = AlertSubject(ref=REF, reason="[click](http://evil) <script>" + hostile)
    text = render(alert(what=hostile, cause=hostile, next_step=hostile, subjects=[subject] * 5, count=5), "")
    assert len(text.subject) <= 150
    assert len(text.markdown) < 8_000
    assert "\n" not in text.subject
    assert "\\[click\\](http://evil) \\<script\\>" in text.markdown
    assert text.text.splitlines()[-1] == "Open: /exceptions?id=x"


def test_R91_every_part_is_said_also_when_little_is_known() -> None:
    text = render(alert(subjects=[], money=[], units=0), "").text
    assert "Which connection: uk" in text
    assert "At stake: no amount is known" in text


def test_a_team_everyone_and_the_level_hear_of_an_alert_each_channel_once() -> None:
    table = {
        "finance": ["mailtos://a.example", "${BOTH}"],
        "everyone": "json://all",
        "cx": ["json://cx"],
        "escalation": {"1": ["json://lead"], "2": ["json://head"]},
    }
    routes, problems = read_routes({"alerts": table}, {"BOTH": "json://one json://all"})
    assert problems == []
    assert list(routes.of(alert())) == ["finance 1", "finance 2", "finance 3"]
    assert list(routes.of(alert(also=[Owner.CX]))) == ["finance 1", "finance 2", "finance 3", "cx 1"]
    assert list(routes.of(alert(level=2))) == ["escalation.2 1", "finance 1", "finance 2", "finance 3"]
    assert list(routes.of(alert(owner=Owner.WAREHOUSE))) == ["everyone 1"]
    assert [routes.url(name) for name in routes.of(alert())] == ["mailtos://a.example", "json://one", "json://all"]
    assert routes.url("finance 4") is routes.url("nobody 1") is routes.url("finance") is None


def test_channels_that_are_left_empty_are_none() -> None:
    assert read_routes({}, {}) == (AlertRoutes(), [])
    routes, problems = read_routes({"alerts": {"finance": ["${NAME:-}"], "everyone": []}}, {})
    assert (routes.names, problems) == ((), [])


def test_every_mistake_is_told_and_no_address_repeated() -> None:
    secret = "tok3nOfTheChannel"
    table = {
        "finanse": ["json://x"],
        "finance": ["${MISSING}"],
        "cx": [f"{secret}"],
        "warehouse": 5,
        "everyone": [5],
        "escalation": {"3": ["json://x"]},
    }
    _, problems = read_routes({"alerts": table}, {})
    told = "\n".join(problems)
    expected = (
        "alerts.finanse is no team",
        "alerts.finance[0] names MISSING",
        "alerts.cx: channel 1",
        "alerts.warehouse must be a list",
        "alerts.everyone must be a list",
        "alerts.escalation.3 is no team",
    )
    for part in expected:
        assert part in told
    assert secret not in told
    assert ", ".join(known_routes()) in told
    assert read_routes({"alerts": {"escalation": "json://x"}}, {})[1] != []
    assert read_routes({"alerts": ["json://x"]}, {})[1] != []


def test_addresses_do_not_show_in_what_is_printed() -> None:
    routes, _ = read_routes({"alerts": {"finance": ["json://user:tok3n@host"]}}, {})
    assert "tok3n" not in f"{routes!r} {routes} {routes.model_dump_json()}"
