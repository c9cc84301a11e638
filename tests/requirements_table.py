"""Writes docs/requirements.md, each requirement with its tests: ``python -m tests.requirements_table``."""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "requirements.md"

#: What each requirement asks for, in a line. The ids are those of the product's requirements.
REQUIREMENTS = {
    "R1": "Each authorised return becomes one durable case that survives a restart.",
    "R2": "A webhook makes the case visible within seconds.",
    "R3": "Only what was bought can come back: wrong lines and quantities park, no RMA.",
    "R4": "Every RMA line names a line of the original order.",
    "R5": "Every document carries the original order's number, which nobody can change.",
    "R6": "SKUs are checked against the item master; dead ones park for merchandising.",
    "R7": "Tax codes without a mapping are caught before a credit note exists.",
    "R8": "Impossible or incomplete platform data never reaches stock or ledger.",
    "R9": "Repeated, late and reordered signals have no second effect.",
    "R11": "Return reasons are kept as sent and mapped; unmapped ones park.",
    "R12": "An ERP's refusal of an RMA is visible with its message and owner.",
    "R13": "The RMA is opened first, right after the return is authorised.",
    "R14": "The warehouse finds expected lines by RMA, tracking number or order.",
    "R15": "An RMA that is late is watched: an outage shows as one exception for the connection.",
    "R16": "Closed and archived orders get a standalone RMA; the order is not touched.",
    "R17": "Where that is impossible, the exception says where the order is.",
    "R18": "Start-up refuses a return type or credit status without a target.",
    "R20": "No stock moves before the inspection.",
    "R21": "The final inspection starts the stock document by itself.",
    "R22": "An inspection without quantity, disposition or location is refused or parked by field.",
    "R23": "Each disposition has a stock action; unknown ones park.",
    "R25": "Damaged goods never enter sellable stock.",
    "R26": "Accepted units become the ERP's own stock document.",
    "R27": "Goods go to the depot of the place that received them.",
    "R29": "A depot is never guessed.",
    "R30": "Transient ERP errors never lose a stock update.",
    "R31": "A resent inspection moves stock once.",
    "R32": "Sellable, damaged and quarantined are separate buckets.",
    "R33": "One part of a bundle comes back alone.",
    "R39": "A confirmed refund ends in one credit note or one exception; never neither, never two.",
    "R40": "The credit note is posted against the original order.",
    "R41": "The order alone gives the amounts, discounts and tax included.",
    "R42": "A refund that differs parks for finance, with figures and the likely cause.",
    "R43": "Discounts, partial refunds, shipping and fees come out right to the minor unit.",
    "R44": "Each credit line references its order line, SKU, tax code and quantity.",
    "R46": "A second refund for the same goods parks before any posting.",
    "R50": "Tax on the credit is the proportional reversal of the order's tax per code.",
    "R53": "Clean returns need no hand at all.",
    "R67": "One exception queue; every field of an item is filled.",
    "R68": "Every exception code has exactly one owner.",
    "R69": "After a decision only the failed step runs again.",
    "R70": "Any permanent fault gives exactly one open exception.",
    "R71": "Transient errors are retried; only a refusal for good needs a person.",
    "R86": "From any document back to the order and on to every other document.",
    "R87": "Where a return is, what it waits for and since when.",
    "R110": "Webhooks are authenticated; decisions are limited by role and recorded.",
    "R111": "Credit notes name the original document, the tax per rate and the reason.",
    "R112": "Nothing is written to Prima that does not come from a validated return.",
    "R113": "Physical places map to Prima depots.",
    "R114": "Damaged goes to a non-sellable depot, sellable to main stock.",
    "R115": "Stock by goods receipt or by adjustment journal, per disposition.",
    "R116": "The financial document is a credit note that names the order.",
}


def names_by_id() -> dict[str, list[str]]:
    """Requirement id → test names with their files, sorted."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for number in re.findall(r"(?<=_)R\d+(?=_|$)", node.name):
                    found[number].add(f"`{path.relative_to(ROOT)}::{node.name}`")
    return {number: sorted(names) for number, names in found.items()}


def render() -> str:
    """The page: every requirement with at most three of its tests; `pytest -k ID` finds all."""
    tests = names_by_id()
    lines = [
        "# Requirements and their tests",
        "",
        "Written by `python -m tests.requirements_table` from the tests' names; a test keeps it true.",
        "`make test ARGS='-k R25'` runs all tests of one requirement.",
        "",
        "| id | requirement | tests | for example |",
        "| --- | --- | --- | --- |",
    ]
    for number, text in REQUIREMENTS.items():
        names = tests.get(number, [])
        lines.append(f"| {number} | {text} | {len(names)} | {'<br>'.join(names[:3])} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render())
