"""``backhaul guides``: writes the pages from the configuration alone, and says when a folder is not current."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from starter.cli import app
from tests.guides.conftest import ROOT


def invoke(*arguments: str, config: Path = ROOT / "backhaul.example.toml") -> Result:
    return CliRunner().invoke(app, ["--config", str(config), "guides", *arguments])


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither secrets nor addresses are set: a guide needs none."""
    for name in ("BACKHAUL_REVENI_API_KEY", "BACKHAUL_DATABASE_URL", "BACKHAUL_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def test_R101_the_guides_are_written_and_then_current(tmp_path: Path, written: dict[str, str]) -> None:
    result = invoke("--out", str(tmp_path / "handbook"))
    assert (result.exit_code, result.output.count("were written")) == (0, 1)
    assert (tmp_path / "handbook" / "finance.md").read_text(encoding="utf-8") == written["finance.md"]
    assert invoke("--out", str(tmp_path / "handbook"), "--check").exit_code == 0


def test_R101_a_change_of_the_configuration_is_noticed(tmp_path: Path) -> None:
    invoke("--out", str(tmp_path))
    text = (ROOT / "backhaul.example.toml").read_text(encoding="utf-8")
    own = tmp_path / "own.toml"
    own.write_text(text.replace('other = "OT"', 'other = "OT"\ntoo_itchy = "TI"'), encoding="utf-8")
    result = invoke("--out", str(tmp_path), "--check", "--json", config=own)
    assert result.exit_code == 1
    problems = json.loads(result.output)["problems"]
    assert {"connections/uk.md", "operating-model.md", "runbooks/REASON_UNMAPPED.md"} <= set(problems)
    assert "glossary.md" not in problems


def test_R101_pages_of_the_console_become_links(tmp_path: Path) -> None:
    invoke("--out", str(tmp_path), "--console", "https://returns.example")
    text = (tmp_path / "cx.md").read_text(encoding="utf-8")
    assert "[Exceptions](https://returns.example/exceptions?owner=cx)" in text


def test_R101_a_bad_configuration_is_refused_with_what_is_wrong(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[connections.uk]\nplatform = 3\n", encoding="utf-8")
    result = invoke("--out", str(tmp_path / "out"), config=own)
    assert result.exit_code == 1
    assert "Connection uk" in result.output
    assert not (tmp_path / "out").exists()


def test_R101_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    result = invoke("--out", str(tmp_path / "taken" / "below"))
    assert result.exit_code == 1
    assert "cannot be written" in result.output
