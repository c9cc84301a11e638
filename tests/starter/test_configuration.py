"""A configuration is right as a whole, or refused with everything that is wrong in it (D10)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.assembly import load_connections
from domain.configuration import ConfigurationError, connections_from
from domain.connection import Connection, ExchangeOn
from runtime import problems
from starter.configuration import configured_connections
from tests.starter.given import ENVIRON, EXAMPLE, example

NAMES = ("uk", "uk-fast", "uk-careful", "uk-outlet", "de-centra", "us-bluecherry", "nl-patchworks")
"""The connections of the example; all up to uk-outlet share one Prima."""


def wrong(data: dict[str, Any], environ: dict[str, str] | None = None) -> list[str]:
    """Every problem of a configuration."""
    with pytest.raises(ConfigurationError) as caught:
        load_connections(data, ENVIRON if environ is None else environ)
    return list(caught.value.problems)


def only(data: dict[str, Any]) -> dict[str, Any]:
    """The example without its other connections; its first one to bend."""
    table: dict[str, Any] = data["connections"]["uk"]
    data["connections"] = {"uk": table}
    return table


def test_the_example_is_a_configuration_that_starts() -> None:
    ready = {one.name: one for one in load_connections(example(), ENVIRON)}

    assert tuple(ready) == NAMES
    assert ready["uk"].connection.policy.deadline == timedelta(days=30)
    assert ready["uk-fast"].connection.policy.deadline < timedelta(minutes=1)
    assert {one.connection.books for one in ready.values()} == {"prima-uk", *NAMES[4:]}
    assert ready["uk-careful"].connection.policy.exchange_on is ExchangeOn.ACCEPTANCE
    assert ready["uk"].connection.mappings == ready["uk-fast"].connection.mappings


def test_secrets_do_not_show_in_what_is_printed() -> None:
    ready = load_connections(example(), {**ENVIRON, "BACKHAUL_REVENI_API_KEY": "very-secret-key"})
    assert "very-secret-key" not in repr(ready)


def test_addresses_come_from_the_environment_or_their_default() -> None:
    moved = load_connections(example(), {**ENVIRON, "BACKHAUL_REVENI_URL": "http://127.0.0.1:9"})[0]
    assert moved.connection.platform_settings["base_url"] == "http://127.0.0.1:9"
    assert load_connections(example(), ENVIRON)[0].connection.erp_settings["url"] == (
        "http://127.0.0.1:8080/wsadevtest/wsadevtest"
    )


@pytest.mark.parametrize("kind", ["refund", "exchange", "mixed"])
def test_R18_every_return_type_of_the_platform_needs_a_target(kind: str) -> None:
    data = example()
    del only(data)["mappings"]["return_types"][kind]
    [problem] = wrong(data)
    assert "uk" in problem
    assert kind in problem


@pytest.mark.parametrize("status", ["Posted", "Reversed"])
def test_R18_every_credit_status_of_the_erp_needs_a_target(status: str) -> None:
    data = example()
    del only(data)["mappings"]["credit_statuses"][status]
    [problem] = wrong(data)
    assert status in problem


@pytest.mark.parametrize(
    "disposition", ["SELLABLE", "DAMAGED", "QUARANTINE", "RETURN_TO_CUSTOMER", "DISPOSED", "MISSING"]
)
def test_R23_every_disposition_needs_an_action(disposition: str) -> None:
    data = example()
    del only(data)["mappings"]["stock_actions"][disposition]
    assert any(f"no entry for {disposition}" in problem for problem in wrong(data))


def test_R23_an_action_needs_a_depot_at_every_location() -> None:
    data = example()
    del only(data)["mappings"]["locations"]["LDN-1"]["damaged"]
    [problem] = wrong(data)
    assert "LDN-1 has no depot for damaged" in problem


def test_R18_R23_all_problems_of_all_connections_are_told_at_once() -> None:
    data = example()
    uk, fast = data["connections"]["uk"], data["connections"]["uk-fast"]
    del uk["mappings"]["return_types"]["mixed"]
    del uk["mappings"]["stock_actions"]["MISSING"]
    del uk["mappings"]["reasons"]
    uk["reveni"]["store_id"] = "${NOT_SET}"
    uk["prima"]["url"] = "ftp://prima"
    uk["mapings"] = {}
    fast["policy"]["deadline"] = "soon"
    data["conections"] = {}
    told = wrong(data, {})

    expected = [
        "conections is not known",
        "Connection uk: mappings.return_types has no target for mixed",
        "Connection uk: mappings: stock_actions has no entry for MISSING.",
        "Connection uk: mappings.reasons is missing.",
        "Connection uk: reveni.store_id names NOT_SET, which is not set",
        "BACKHAUL_REVENI_API_KEY, which is not set",
        "Connection uk: erp_settings.url",
        "Connection uk: mapings is not a setting; is it misspelt?",
        "Connection uk-fast: policy.deadline is 'soon', which is no duration",
    ]
    missing = [part for part in expected if not any(part in problem for problem in told)]
    assert not missing, told


def test_a_secret_in_the_file_is_refused_and_not_repeated() -> None:
    data = example()
    table = only(data)
    table["reveni"].pop("api_key_env")
    table["reveni"]["api_key"] = "very-secret-key"
    told = wrong(data)
    assert any("api_key" in problem for problem in told)
    assert "very-secret-key" not in str(told)


@pytest.mark.parametrize(
    ("like", "words"),
    [("nobody", "no other connection"), ("uk-fast", "no other connection"), (5, "no other connection")],
)
def test_like_must_name_another_connection(like: object, words: str) -> None:
    data = example()
    data["connections"]["uk-fast"]["like"] = like
    assert words in str(wrong(data))


def test_like_does_not_chain() -> None:
    data = example()
    data["connections"]["third"] = {"like": "uk-fast"}
    assert "stands alone" in str(wrong(data))


def test_connections_with_one_ledger_agree_about_its_erp() -> None:
    data = example()
    data["connections"]["uk-fast"]["prima"] = {"return_depot": "DM"}
    data["connections"]["uk-fast"]["policy"]["rate_per_second"] = 1
    told = wrong(data)
    assert any("settings of prima" in problem for problem in told)
    assert any("rate_per_second" in problem for problem in told)


@pytest.mark.parametrize("data", [{}, {"connections": {}}, {"connections": []}, {"connections": {"uk": 1}}])
def test_a_file_without_connections_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        connections_from(data, {})


def test_settings_may_stand_under_their_general_names() -> None:
    data = example()
    table = only(data)
    table["platform_settings"] = table.pop("reveni")
    [connection] = connections_from(data, ENVIRON)
    assert isinstance(connection, Connection)
    table["reveni"] = {}
    assert "both" in str(wrong(data))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[connections.uk", "TOML"),
        ("connections = 5", "no [connections.<name>] table"),
        ("[connections.'Not A Name']\nplatform = 'reveni'", "Not A Name"),
    ],
)
def test_a_malformed_file_is_refused_with_its_name(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "backhaul.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(problems.ConfigurationError) as caught:
        configured_connections(path, ENVIRON)
    assert words in str(caught.value)
    assert "backhaul.toml" in str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(problems.ConfigurationError, match="no such file"):
        configured_connections(tmp_path / "nothing.toml", ENVIRON)


def test_the_example_file_itself_can_be_used() -> None:
    assert tuple(ready.name for ready in configured_connections(EXAMPLE, ENVIRON)) == NAMES
