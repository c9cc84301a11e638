"""The registry: one line a vendor, and everything a connection lacks, said at once (R18, R104)."""

from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from adapters.kit.outside import Outside
from adapters.registry import (
    ERPS,
    PLATFORMS,
    ErpAdapter,
    PlatformAdapter,
    connection_problems,
    resolve_settings,
)
from adapters.reveni.settings import ReveniSettings
from domain.connection import Connection
from domain.dispositions import Disposition

ENVIRON = {"REVENI_UK_API_KEY": "very-secret-key"}
MAPPINGS: dict[str, Any] = {
    "locations": {"LDN-1": {"sellable": "01"}},
    "stock_actions": {
        d: {"document": "receipt", "bucket": "sellable"} if d is Disposition.SELLABLE else {"document": "none"}
        for d in Disposition
    },
    "reasons": {},
    "return_types": {"refund": "RET", "exchange": "EXC", "mixed": "MIX"},
    "credit_statuses": {"Posted": "live", "Reversed": "void"},
    "tax_codes": {},
}


def connection(mappings: dict[str, Any] | None = None, **changes: Any) -> Connection:
    fields: dict[str, Any] = {
        "name": "uk",
        "platform": "reveni",
        "erp": "prima",
        "platform_settings": {"store_id": "s-1", "api_key_env": "REVENI_UK_API_KEY"},
        "erp_settings": {
            "url": "http://erp.example:8080/wsalive",
            "return_depot": "01",
            "exchange_order_type": "EX",
        },
        "mappings": MAPPINGS | (mappings or {}),
    }
    return Connection.model_validate(fields | changes)


def without(table: str, word: str) -> dict[str, dict[str, str]]:
    return {table: {key: value for key, value in MAPPINGS[table].items() if key != word}}


def test_a_complete_connection_has_no_problems() -> None:
    assert connection_problems(connection(), ENVIRON) == []
    assert connection_problems(connection()) == []


@pytest.mark.parametrize("word", ["refund", "exchange", "mixed"])
def test_every_return_type_needs_a_target(word: str) -> None:
    expected = f"Connection uk: mappings.return_types has no target for {word}, a return type of reveni."
    assert connection_problems(connection(without("return_types", word))) == [expected]
    assert connection_problems(connection({"return_types": MAPPINGS["return_types"] | {word: ""}})) == [expected]


@pytest.mark.parametrize("status", list(ERPS["prima"].credit_statuses))
def test_every_credit_status_needs_a_target(status: str) -> None:
    assert connection_problems(connection(without("credit_statuses", status))) == [
        f"Connection uk: mappings.credit_statuses has no target for {status}, a credit status of prima."
    ]


def test_a_credit_status_is_live_or_void() -> None:
    [problem] = connection_problems(connection({"credit_statuses": {"Posted": "booked", "Reversed": "void"}}))
    assert problem == "Connection uk: mappings.credit_statuses.Posted must be live or void, not 'booked'."


def test_unknown_systems() -> None:
    assert connection_problems(connection(platform="rever", erp="sap")) == [
        f"Connection uk: platform 'rever' is not known; known are {', '.join(PLATFORMS)}.",
        f"Connection uk: erp 'sap' is not known; known are {', '.join(ERPS)}.",
    ]


def test_everything_that_is_missing_is_said_at_once() -> None:
    bad = connection(
        {"return_types": {}, "credit_statuses": {}},
        platform_settings={"api_key_env": "REVENI_UK_API_KEY", "shop": "x"},
        erp_settings={},
    )
    problems = connection_problems(bad, {})
    assert len(problems) == 1 + 2 + 3 + 2 + 3
    assert all(problem.startswith("Connection uk: ") and problem.endswith(".") for problem in problems)
    assert any("platform_settings.api_key_env names REVENI_UK_API_KEY" in problem for problem in problems)
    assert any("platform_settings.store_id" in problem for problem in problems)
    assert any("platform_settings.shop" in problem for problem in problems)
    assert any("erp_settings.url" in problem for problem in problems)
    assert any("erp_settings.exchange_order_type is missing" in problem for problem in problems)


def test_a_secret_in_plain_sight() -> None:
    bad = connection(platform_settings={"store_id": "s-1", "api_key": "oh-no-a-real-key"})
    [problem] = connection_problems(bad, ENVIRON)
    assert "platform_settings.api_key is a secret" in problem
    assert "oh-no" not in problem


def test_every_secret_is_a_field_that_does_not_print_itself() -> None:
    adapters: list[PlatformAdapter[Any] | ErpAdapter[Any]] = [*PLATFORMS.values(), *ERPS.values()]
    for adapter in adapters:
        fields = adapter.settings.model_fields
        hidden = {name for name in fields if "SecretStr" in repr(fields[name].annotation)}
        assert hidden == set(adapter.secrets)


def test_settings_from_the_environment() -> None:
    raw = {"store_id": "s-1", "api_key_env": "REVENI_UK_API_KEY"}
    settings, problems = resolve_settings(raw, ENVIRON, ReveniSettings)
    assert problems == [] and settings is not None
    assert settings.api_key.get_secret_value() == "very-secret-key"
    assert "very-secret" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.store_url == "https://api.reveni.io/merchants/v0/stores/s-1"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ({"api_key_env": "NOT_SET"}, "api_key_env names NOT_SET, which is not set in the environment."),
        ({"api_key_env": "EMPTY"}, "api_key_env names EMPTY, which is not set in the environment."),
        ({"api_key_env": 7}, "api_key_env must be the name of an environment variable."),
        ({"api_key_env": ""}, "api_key_env must be the name of an environment variable."),
        (
            {"api_key_env": "REVENI_UK_API_KEY", "api_key": "x"},
            "api_key_env and api_key are both given; keep one.",
        ),
        ({}, "api_key: Field required."),
        (
            {"api_key_env": "REVENI_UK_API_KEY", "other_env": "X"},
            "other_env: Extra inputs are not permitted.",
        ),
        (
            {"api_key_env": "REVENI_UK_API_KEY", "order_reference": "name"},
            "order_reference: Input should be 'external_id' or 'number'.",
        ),
    ],
)
def test_settings_that_cannot_be_resolved(raw: dict[str, object], problem: str) -> None:
    environ = ENVIRON | {"EMPTY": ""}
    assert resolve_settings({"store_id": "s-1"} | raw, environ, ReveniSettings) == (None, [problem])


def test_any_field_may_come_from_the_environment() -> None:
    class Toy(BaseModel):
        url: str
        plain_env: str = ""

    settings, problems = resolve_settings({"url_env": "U", "plain_env": "kept"}, {"U": "http://x"}, Toy)
    assert (settings, problems) == (Toy(url="http://x", plain_env="kept"), [])


async def test_every_line_builds_what_it_says() -> None:
    reveni, prima = PLATFORMS["reveni"], ERPS["prima"]
    async with httpx.AsyncClient() as http:
        raw = connection()
        settings, _ = resolve_settings(raw.platform_settings, ENVIRON, reveni.settings)
        assert type(reveni.build(settings, Outside(http))).__name__ == "ReveniPlatform"
        assert type(reveni.webhooks(settings)).__name__ == "ReveniWebhooks"
        erp_settings, _ = resolve_settings(raw.erp_settings, ENVIRON, prima.settings)
        assert type(prima.build(erp_settings, Outside(http))).__name__ == "PrimaErp"
