"""The registry: one line a vendor, and everything a connection lacks, said at once (R18, R104)."""

from datetime import date
from typing import Any, TypeVar

import httpx
import pytest
from pydantic import BaseModel

from adapters.bluecherry import mapping as bluecherry
from adapters.bluecherry.settings import BlueCherrySettings
from adapters.kit.outside import Outside
from adapters.patchworks import mapping as patchworks
from adapters.patchworks.settings import PatchworksSettings
from adapters.registry import (
    ERPS,
    PLATFORMS,
    ErpAdapter,
    PlatformAdapter,
    connection_problems,
)
from adapters.resolving import resolve_settings
from adapters.reveni.settings import ReveniSettings
from domain.connection import Connection
from domain.dispositions import Disposition
from domain.documents import MovementLine, ReceiptRequest
from domain.keys import Step, business_key
from domain.outcomes import Rejected
from domain.returns import ReturnRef

S = TypeVar("S", bound=BaseModel)
ENVIRON = {"REVENI_UK_API_KEY": "very-secret-key"}
MAPPINGS: dict[str, Any] = {
    "locations": {"LDN-1": {"sellable": "01"}},
    "stock_actions": {
        d: {"document": "receipt", "bucket": "sellable"} if d is Disposition.SELLABLE else {"document": "none"}
        for d in Disposition
    },
    "reasons": {"changed_mind": "CM"},
    "return_types": {"refund": "RET", "exchange": "EXC", "mixed": "MIX"},
    "credit_statuses": {"Posted": "live", "Reversed": "void"},
    "tax_codes": {"20.00": "20.00"},
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


BLUECHERRY: dict[str, Any] = {
    "erp": "bluecherry",
    "erp_settings": {
        "base_url": "http://erp.example/bcapi/v1",
        "api_key_env": "BC_KEY",
        "division": "10",
        "warehouses": {"10": ["01", "QT"]},
        "return_warehouse": "QT",
        "exchange_warehouse": "01",
        "exchange_order_type": "EX",
        "drop": {"kind": "directory", "path": "/drop"},
    },
    "timing": {name: {"opens": ["22:00"], "length": "15m"} for name in ("rma", "stock", "credit")},
}
CENTRA: dict[str, Any] = {
    "erp": "centra",
    "erp_settings": {
        "base_url": "http://erp.example",
        "order_api_url": "http://erp.example/orders",
        "token_env": "CENTRA_TOKEN",
        "order_api_key_env": "CENTRA_KEY",
        "exchange_warehouses": [1],
    },
}
PATCHWORKS: dict[str, Any] = {
    "erp": "patchworks",
    "erp_settings": {
        "company": "c",
        "callback_id": "cb",
        "signature_env": "PW_SIGNATURE",
        "api_key_env": "PW_KEY",
        "inbound_token_env": "PW_TOKEN",
        "source_platform": "reveni",
        "exchange_order_type": "EX",
    },
}
WORDS = "damaged, missing, new, opened, quarantine, refurbish, restock, return_to_customer, scrap, used"
STOCK_PROBLEMS = {
    "a BlueCherry grade that is none": (
        *(BLUECHERRY, "10/01", "Z"),
        "mappings.stock_actions.SELLABLE: condition 'Z' is no word of bluecherry; known are A, B, C, D.",
    ),
    "a BlueCherry receipt without its grade": (
        *(BLUECHERRY, "10/01", ""),
        "mappings.stock_actions.SELLABLE: condition '' is no word of bluecherry; known are A, B, C, D.",
    ),
    "a BlueCherry depot without its division": (
        *(BLUECHERRY, "01", "A"),
        "mappings.locations: depot '01' is not written division/warehouse, such as '10/01'.",
    ),
    "a Centra depot that is no id": (
        *(CENTRA, "10/01", "anything"),
        "mappings.locations: depot '10/01' is no id of a Centra warehouse, which is a number.",
    ),
    "a Patchworks condition that is no word": (
        *(PATCHWORKS, "01", "Z9"),
        f"mappings.stock_actions.SELLABLE: condition 'Z9' is no word of patchworks; known are {WORDS}.",
    ),
}
FITTING = {
    "BlueCherry": (BLUECHERRY, "10/01", "A"),
    "Centra": (CENTRA, "7", "anything"),
    "Patchworks": (PATCHWORKS, "01", ""),
    "Prima": ({}, "01", "anything"),
}


def booking(system: dict[str, Any], depot: str, condition: str) -> Connection:
    """A connection with this ERP, whose sellable units go into this depot in this condition."""
    action = {"document": "receipt", "bucket": "sellable", "condition": condition}
    mappings = {
        "locations": {"LDN-1": {"sellable": depot}},
        "stock_actions": MAPPINGS["stock_actions"] | {Disposition.SELLABLE: action},
        "credit_statuses": dict.fromkeys(ERPS[system.get("erp", "prima")].credit_statuses, "live"),
    }
    return connection(mappings, **system)


@pytest.mark.parametrize("case", FITTING)
def test_R23_R104_stock_that_the_erp_takes_is_no_problem(case: str) -> None:
    assert connection_problems(booking(*FITTING[case])) == []


@pytest.mark.parametrize("case", STOCK_PROBLEMS)
def test_R23_R104_stock_that_its_adapter_would_always_refuse_is_told_before_any_goods_come(case: str) -> None:
    system, depot, condition, problem = STOCK_PROBLEMS[case]
    found = booking(system, depot, condition)
    assert connection_problems(found) == [f"Connection uk: {problem}"]
    told = connection_problems(found, {"REVENI_UK_API_KEY": "given"})  # the ERP's secrets are not
    assert f"Connection uk: {problem}" in told and any("is not set" in one for one in told)


@pytest.mark.parametrize("condition", ["", "A", "D", "E", "R", "restock", "damaged", "Z9"])
@pytest.mark.parametrize("erp", ["bluecherry", "patchworks"])
def test_R23_R104_the_check_refuses_those_conditions_that_the_adapter_refuses(erp: str, condition: str) -> None:
    request = ReceiptRequest(
        key=business_key(ReturnRef(connection="uk", return_id="r-1"), Step.GOODS, 1),
        rma_number="RA1",
        order_number="1",
        depot="10/01",
        condition=condition,
        received_on=date(2026, 3, 2),
        lines=[MovementLine(rma_line_no=1, sku="P-1", quantity=1)],
    )
    system = {"bluecherry": BLUECHERRY, "patchworks": PATCHWORKS}[erp]
    try:
        if erp == "bluecherry":
            bluecherry.receipt(request, resolved(system, BlueCherrySettings))
        else:
            patchworks.receipt(request, resolved(system, PatchworksSettings))
        refused = False
    except Rejected:
        refused = True
    assert bool(connection_problems(booking(system, "10/01", condition))) is refused


def resolved(system: dict[str, Any], model: type[S]) -> S:
    """The ERP's settings, with its secrets."""
    variables = dict.fromkeys(("BC_KEY", "PW_SIGNATURE", "PW_KEY", "PW_TOKEN"), "k" * 32)
    settings, problems = resolve_settings(system["erp_settings"], variables, model)
    assert settings is not None, problems
    return settings


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
