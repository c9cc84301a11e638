"""Commands of workflow code do not move unnoticed, also on paths that no recorded history covers (E69, D12)."""

import ast
from pathlib import Path

from tests.replay.fingerprint import BASELINE, ROOT, fingerprint


def test_E69_D12_no_command_of_the_workflows_moved() -> None:
    advice = (
        "commands of workflow code changed: would an open return survive it? If so (a patch, or only what a new message"
        " or policy reaches), renew the baseline: python -m tests.replay.fingerprint"
    )
    assert fingerprint() == BASELINE.read_text(encoding="utf-8"), advice


def test_D12_patches_are_named_in_one_file() -> None:
    elsewhere = [path for path in (ROOT / "workflows").rglob("*.py") if path.name != "versions.py" and _patches(path)]
    assert elsewhere == []


def _patches(path: Path) -> bool:
    names = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
    return bool(names & {"patched", "deprecate_patch"})
