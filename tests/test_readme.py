"""What README.md and the guides name exists: files, targets, commands, variables, example connections."""

import re
import tomllib
from pathlib import Path

import pytest

from adapters.registry import ERPS, PLATFORMS
from domain.windows import Timing
from runtime.settings import Settings
from starter.cli import app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_make_target_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    texts = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert set(re.findall(r"(?:^|`)make ([a-z]+)", texts, re.MULTILINE)) <= targets


def test_every_command_is_there() -> None:
    known = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    known |= {group.name or "" for group in app.registered_groups}
    named = set(re.findall(r"`backhaul ([a-z-]+)", README))
    assert named <= {name.replace("_", "-").strip("-") for name in known}


def test_the_table_of_pairs_names_vendors_and_examples_that_are_there() -> None:
    examples = tomllib.loads((ROOT / "backhaul.example.toml").read_text(encoding="utf-8"))["connections"]
    rows = re.findall(r"^\| \*\*(\w+)\*\* \| (.+) \|$", README, re.MULTILINE)
    (head,) = re.findall(r"^\| \| (.+) \|$", README, re.MULTILINE)
    erps = [name.lower() for name in head.split(" | ")]
    assert set(erps) <= set(ERPS)
    assert {platform.lower() for platform, _ in rows} <= set(PLATFORMS)
    for platform, cells in rows:
        for erp, cell in zip(erps, cells.split(" | "), strict=True):
            for name in re.findall(r"`([\w-]+)`", cell):
                example = examples[name]
                base = examples[example["like"]] if "like" in example else {}
                assert {**base, **example}["platform"] == platform.lower()
                assert {**base, **example}["erp"] == erp


def test_the_windows_of_the_readme_are_windows() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    timing = Timing.model_validate(tomllib.loads(block)["connections"]["us-bluecherry"]["timing"])
    assert timing.rma and timing.stock and timing.credit


def test_every_variable_of_the_process_is_known() -> None:
    fields = {f"BACKHAUL_{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"^\| `(BACKHAUL_[A-Z_]+)`", README, re.MULTILINE))
    assert named <= fields
