"""Settings come from the environment; what is wrong is told all at once, with the fix (R104)."""

import base64
from pathlib import Path

import pytest

from runtime.problems import ConfigurationError
from runtime.settings import Settings, load_settings

KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(f"BACKHAUL_{field.upper()}", raising=False)


def refused(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    return caught.value.problems


def test_defaults_need_no_environment() -> None:
    settings = load_settings()
    assert settings.config == Path("backhaul.toml")
    assert settings.database_url.startswith("sqlite://")
    assert settings.inspection_token is None
    assert settings.keys == ()


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_DATABASE_URL", "postgresql://u:p@db:5432/backhaul")
    monkeypatch.setenv("BACKHAUL_BRIDGE_PORT", "0")
    monkeypatch.setenv("BACKHAUL_PAYLOAD_KEYS", f"new:{KEY}, old:{KEY}")
    monkeypatch.setenv("BACKHAUL_METRICS_ADDRESS", "0.0.0.0:9464")
    monkeypatch.setenv("BACKHAUL_LOG_LEVEL", "warning")
    settings = load_settings()
    assert settings.database_url == "postgresql://u:p@db:5432/backhaul"
    assert settings.bridge_port == 0
    assert [key.id for key in settings.keys] == ["new", "old"]
    assert settings.log_level == "WARNING"


def test_an_empty_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_METRICS_ADDRESS", "")
    monkeypatch.setenv("BACKHAUL_BRIDGE_PORT", "")
    assert load_settings().metrics_address is None


def test_all_problems_are_told_at_once_with_variable_and_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    problems = refused(
        monkeypatch,
        BACKHAUL_BRIDGE_PORT="70000",
        BACKHAUL_LOG_FORMAT="xml",
        BACKHAUL_DATABASE_URL="mysql://x",
        BACKHAUL_METRICS_ADDRESS="9464",
    )
    assert len(problems) == 4
    assert problems[1].startswith("BACKHAUL_BRIDGE_PORT is wrong: input should be less than or equal to 65535.")
    assert problems[1].endswith("Expected: A port from 0 to 65535; 0 takes any free one.")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("nocolon", "key 1 is not written keyid:base64"),
        ("a:%%%", "key 1 (a) is not valid base64"),
        (f"a:{KEY},a:{KEY}", "two keys have the same id"),
        ("a:c2hvcnQ=", "key a has 5 bytes; AES-256 needs 32"),
        (f"a b:{KEY}", "a key id has 1 to 40"),
        (",".join(f"k{n}:{KEY}" for n in range(21)), "more than 20 keys"),
    ],
)
def test_bad_keys_are_explained(monkeypatch: pytest.MonkeyPatch, value: str, words: str) -> None:
    [problem] = refused(monkeypatch, BACKHAUL_PAYLOAD_KEYS=value)
    assert problem.startswith("BACKHAUL_PAYLOAD_KEYS")
    assert words in problem


def test_secrets_show_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKHAUL_INSPECTION_TOKEN", "a-very-secret-token")
    monkeypatch.setenv("BACKHAUL_DATABASE_URL", "postgresql://u:hunter2@db/x")
    monkeypatch.setenv("BACKHAUL_PAYLOAD_KEYS", f"k:{KEY}")
    text = repr(load_settings()) + repr(load_settings().keys)
    assert "a-very-secret-token" not in text
    assert "hunter2" not in text
    assert KEY not in text
    assert "short" not in " ".join(refused(monkeypatch, BACKHAUL_INSPECTION_TOKEN="short"))
