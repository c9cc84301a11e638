"""The commands that workflow code can give, in the order of the code: ``python -m tests.replay.fingerprint`` renews it.

A second guard beside the recorded histories (E69): what moves a command of a path that no history covers shows here.
Renew the baseline only for a change that open returns survive: one behind a patch (`workflows/versions.py`), or one
that only a new signal, update or policy field can reach.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
BASELINE = Path(__file__).with_name("commands.txt")

#: Calls that put a command into the history, or decide about one.
_COMMANDS = {
    "run_step",
    "run_exchange",
    "execute_activity_method",
    "execute_child_workflow",
    "upsert_search_attributes",
    "continue_as_new",
    "patched",
    "deprecate_patch",
    "sleep",
}
#: Waits that make a timer when they have a limit.
_WAITS = {"until", "wait_condition"}


def fingerprint() -> str:
    """One line per command: ``module.function: call detail``."""
    lines = []
    for path in sorted((ROOT / "workflows").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for function in _functions(ast.parse(path.read_text(encoding="utf-8"))):
            lines += [f"{module}.{function.name}: {command}" for command in _commands(function)]
    return "\n".join(lines) + "\n"


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _commands(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Calls of this function itself, in the order of the text; inner functions speak for themselves."""
    calls = sorted(_calls(function.body), key=lambda call: (call.lineno, call.col_offset))
    for call in calls:
        name = _name(call.func)
        limited = any(word.arg == "timeout" for word in call.keywords)
        if name in _COMMANDS or (name in _WAITS and limited):
            yield f"{name} {_detail(call)}".strip()


def _calls(body: list[ast.stmt]) -> Iterator[ast.Call]:
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(node, ast.Call):
            yield node
        waiting.extend(ast.iter_child_nodes(node))


def _name(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _detail(call: ast.Call) -> str:
    """What tells one command from another: the activity, or the patch."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Attribute | ast.Constant):
        return ast.unparse(first)
    return "limited" if _name(call.func) in _WAITS else ""


if __name__ == "__main__":
    BASELINE.write_text(fingerprint(), encoding="utf-8")
