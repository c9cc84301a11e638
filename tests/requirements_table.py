"""Writes docs/requirements.md, each requirement with its tests: ``python -m tests.requirements_table``."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.edge_cases import EDGE_CASES

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "requirements.md"

#: What each requirement asks for, in a line. The ids are those of the product's requirements.
REQUIREMENTS = {
    "R1": "Each authorised return becomes one durable case that survives a restart.",
    "R2": "A webhook makes the case visible within seconds; one that never came is found by the sweep.",
    "R3": "Only what was bought can come back: wrong lines and quantities park, no RMA.",
    "R4": "Every RMA line names a line of the original order.",
    "R5": "Every document carries the original order's number, which nobody can change.",
    "R6": "SKUs are checked against the item master; dead ones park for merchandising.",
    "R7": "Tax codes without a mapping are caught before a credit note exists.",
    "R8": "Impossible or incomplete platform data never reaches stock or ledger.",
    "R9": "Repeated, late and reordered signals have no second effect.",
    "R10": "A platform can read the original order: lines, paid prices, discounts, taxes, what is still returnable.",
    "R11": "Return reasons are kept as sent and mapped; unmapped ones park.",
    "R12": "An ERP's refusal of an RMA is visible with its message and owner.",
    "R13": "The RMA is opened first, right after the return is authorised.",
    "R14": "The warehouse finds expected lines by RMA, tracking number or order.",
    "R15": "An RMA that is late is alerted; an outage shows as one exception for the connection.",
    "R16": "Closed and archived orders get a standalone RMA; the order is not touched.",
    "R17": "Where that is impossible, the exception says where the order is.",
    "R18": "Start-up refuses a return type or credit status without a target.",
    "R19": "Documents appear in the order of the physical process, whatever came first.",
    "R20": "No stock moves before the inspection.",
    "R21": "The final inspection starts the stock document by itself.",
    "R22": "An inspection without quantity, disposition or location is refused or parked by field.",
    "R23": "Each disposition has a stock action; unknown ones park.",
    "R24": "A return's reason may decide the disposition; the record says so.",
    "R25": "Damaged goods never enter sellable stock.",
    "R26": "Accepted units become the ERP's own stock document.",
    "R27": "Goods go to the depot of the place that received them.",
    "R28": "A return's reason may steer the depot; the record says which rule won.",
    "R29": "A depot is never guessed.",
    "R30": "Transient ERP errors never lose a stock update.",
    "R31": "A resent inspection moves stock once.",
    "R32": "Sellable, damaged and quarantined are separate buckets.",
    "R33": "One part of a bundle comes back alone.",
    "R34": "Calls to an ERP keep to its rate.",
    "R35": "For batch ERPs documents are queued for the next window, each goes once and only in it.",
    "R36": "RMA, stock and credit are each at once or at windows, per connection.",
    "R37": "Stock for an exchange is read fresh before it is promised.",
    "R38": "Units credited and units restocked must agree; a difference is reported with both numbers.",
    "R39": "A confirmed refund ends in one credit note or one exception; never neither, never two.",
    "R40": "The credit note is posted against the original order.",
    "R41": "The order alone gives the amounts, discounts and tax included.",
    "R42": "A refund that differs parks for finance, with figures and the likely cause.",
    "R43": "Discounts, partial refunds, shipping and fees come out right to the minor unit.",
    "R44": "Each credit line references its order line, SKU, tax code and quantity.",
    "R45": "The credit is applied to its invoice; without an open one it parks.",
    "R46": "A second refund for the same goods parks before any posting.",
    "R47": "A refund without an ERP document inside the agreed time is shown and alerted once.",
    "R48": "A refund that failed after its note is surfaced, and the return stays open.",
    "R49": "Instant refunds are credited when paid; stock still waits for the inspection.",
    "R50": "Tax on the credit is the proportional reversal of the order's tax per code.",
    "R51": "Financial documents may go in agreed intervals, each with its own references.",
    "R52": "Refunds made outside the platform are found.",
    "R53": "Clean returns need no hand at all.",
    "R54": "An exchange is two linked transactions, each naming the other.",
    "R55": "The new order is made as soon as the exchange is confirmed, or accepted where configured.",
    "R56": "It has zero value and carries the original order.",
    "R57": "It has an order type of its own.",
    "R58": "Availability and customer data are checked before it is made; every fault is listed.",
    "R59": "Customer and delivery data are copied from the original order.",
    "R60": "Order and RMA lead to each other and to the original order.",
    "R61": "A failing exchange stops nothing else of its return.",
    "R62": "A failed exchange is fixed and made once; the customer's wish stays readable.",
    "R63": "An exchange that cannot be made is raised and alerted within a minute, naming return, SKU and reason.",
    "R64": "Nothing out of stock is promised.",
    "R65": "A customer who was told yes and has no order is never silent.",
    "R66": "The replacement order is as releasable as any other.",
    "R67": "One exception queue; every field of an item is filled.",
    "R68": "Every exception code has exactly one owner.",
    "R69": "After a decision only the failed step runs again.",
    "R70": "Any permanent fault gives exactly one open exception.",
    "R71": "Transient errors are retried; only a refusal for good needs a person.",
    "R72": "Returns that wait for one cause are one group, and one correction clears it.",
    "R73": "A rejected credit note shows the ERP's words, their class and the runbook's steps.",
    "R74": "What nobody handles goes up once per level.",
    "R75": "The common kinds of trouble are first-class: code, owner, runbook, test.",
    "R76": "A correction made by hand is known, and nothing is posted again.",
    "R77": "Drift and half-done returns are caught.",
    "R78": "Refunds of the platform against credit notes of the ERP, per return; sums foot to both systems.",
    "R79": "Each line of a settlement is matched or listed.",
    "R80": "Gateway payouts line up with credit notes; unmatched ones are listed.",
    "R81": "Rounding is told apart from mismatch.",
    "R82": "Daily: inspected against posted units per depot, SKU and disposition.",
    "R83": "Returns on the platform that the ERP lacks are found.",
    "R84": "A period is ready to close, or says with values what is in the way.",
    "R85": "Small differences are added up, and the sum is raised.",
    "R86": "From any document back to the order and on to every other document.",
    "R87": "Where a return is, what it waits for and since when.",
    "R88": "A return with a gap never looks complete.",
    "R89": "Returns that are stuck between systems are alerted, with stage and blocker.",
    "R90": "The time from receipt to stock document is measured per ERP and depot.",
    "R91": "Alerts can be read by business users and say what to do.",
    "R92": "Differences of the two systems show within a sweep.",
    "R93": "A cause that comes again and again is named.",
    "R94": "A peak loses and doubles nothing, and the backlog drains.",
    "R95": "Health lists each connection: last success, backlog, oldest item.",
    "R96": "The manual effort is measured.",
    "R97": "One table says which system is master of what.",
    "R98": "A guide for each role.",
    "R99": "Daily checks point at screens that exist.",
    "R100": "The ownership matrix is the code's.",
    "R101": "The reference changes with code and mappings.",
    "R102": "Every alert has a runbook.",
    "R103": "The guide states the site's own modes and maps.",
    "R104": "Preflight lists all gaps and unreachable systems before go-live.",
    "R105": "A mapping may change while returns are open; each document names the version it used.",
    "R106": "CX owns status; only the platform talks to customers.",
    "R107": "Each stage has one owner.",
    "R110": "Webhooks are authenticated; decisions are limited by role and recorded.",
    "R111": "Credit notes name the original document, the tax per rate and the reason.",
    "R112": "Nothing is written to Prima that does not come from a validated return.",
    "R113": "Physical places map to Prima depots.",
    "R114": "Damaged goes to a non-sellable depot, sellable to main stock.",
    "R115": "Stock by goods receipt or by adjustment journal, per disposition.",
    "R116": "The financial document is a credit note that names the order.",
    "R117": "Stock may follow the warehouse's verification cycles (Prima).",
    "R118": "Prima's replacement orders have an order type of their own.",
    "R119": "Refund values come from Centra's order alone.",
    "R120": "The credit is Centra's completed return, or the connected ERP's.",
    "R121": "Centra's stock changes per SKU once the disposition is known.",
    "R122": "Centra's replacement order is made after a fresh look at stock.",
    "R123": "Orders that Centra archived can come back.",
    "R124": "Every BlueCherry document names its sales order.",
    "R125": "BlueCherry's memo is built from the order as it was read.",
    "R126": "BlueCherry's depots are division and warehouse, checked at start.",
    "R127": "BlueCherry's schedule is kept.",
    "R128": "Sellable, damaged and quarantined goods have warehouses of their own in BlueCherry.",
    "R129": "BlueCherry's item master is definitive.",
    "R130": "How long received goods wait for their window, and for their journal, is known.",
    "R131": "BlueCherry's memos go in scheduled windows.",
    "R132": "A closed order gets a standalone authorisation that names customer and order.",
    "R133": "The item receipt names the precise location.",
    "R134": "The credit memo finds its invoice and is applied to it.",
    "R135": "Bundles are received as their components.",
    "R136": "ERP and commerce platform are both told, or the drift is an exception.",
    "R137": "All kinds of Reveni's events are understood.",
    "R138": "Reveni's instant refunds are credited when paid.",
    "R139": "Only ReturnGO's final status moves stock and money.",
    "R140": "Exchanges of ReturnGO reach the ERP with customer, address and references.",
}


#: Beyond every peer.
BEYOND = {
    "N1": "Every unit has one fixed credit value; all partial returns add up, under concurrency and voids.",
    "N2": "Posted once in ERPs that have no idempotency.",
    "N3": "A confirmed refund has a credit note or an open exception; never neither.",
    "N4": "A mismatch is explained: the likeliest hypothesis first.",
    "N5": "Independent tracks: parking one blocks no other, and only the failed step runs again.",
    "N6": "Three-way reconciliation: each defect class found once, sums foot.",
    "N7": "The order of events does not show in the books: all 720 orders of six events.",
    "N8": "Regrades move stock once and money never.",
    "N9": "Preflight finds every gap; a rehearsal writes nothing and foretells live work.",
    "N10": "A latency budget per stage, with waiting for windows apart.",
    "N11": "Exposure register for instant refunds, with alarms before the cover lapses.",
    "N12": "A frozen order; changes of it are noticed before a credit.",
    "N13": "A replacement carries the value of what it replaced.",
    "N14": "A credit never moves stock a second time.",
    "N15": "Evidence outlives the middleware: found by any id after years.",
    "N16": "Runbooks are bound to the code.",
    "N17": "An ERP that says yes and drops a line is found out by reading back.",
    "N18": "Bulk replay by root cause, counted first, at a rate.",
}
#: Arguments of these types stand for a real Temporal server with everything on it.
_REAL = ("World", "DevServer", "WorkflowEnvironment", "Skipping")


@cache
def names_by_id() -> dict[str, list[str]]:
    """Id → test names with their files, sorted. An edge case counts on a real Temporal server only, or by replay."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                real = _on_temporal(node) or "replay" in path.parts
                for number in re.findall(r"(?<=_)[REN]\d+(?=_|$)", node.name):
                    if real or not number.startswith("E"):
                        found[number].add(f"`{path.relative_to(ROOT)}::{node.name}`")
    return {number: sorted(names) for number, names in found.items()}


def _on_temporal(test: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    types = [ast.unparse(argument.annotation) for argument in test.args.args if argument.annotation]
    return any(name in text for name in _REAL for text in types)


def render() -> str:
    """The page: every id with at most three of its tests; `pytest -k ID` finds all."""
    lines = [
        "# Requirements and their tests",
        "",
        "Written by `python -m tests.requirements_table` from the tests' names; a test keeps it true.",
        "`make test ARGS='-k R25'` and `make verify ARGS='-k R25'` run all tests of one requirement.",
    ]
    lines += _table("Requirements", REQUIREMENTS)
    lines += _table("Beyond", BEYOND)
    lines += _table("Edge cases, each on a real Temporal server", EDGE_CASES)
    return "\n".join(lines) + "\n"


def _table(title: str, texts: dict[str, str]) -> list[str]:
    tests = names_by_id()
    rows = [
        f"| {number} | {text} | {len(names)} | {'<br>'.join(names[:3])} |"
        for number, text in texts.items()
        for names in [tests.get(number, [])]
    ]
    return ["", f"## {title}", "", "| id | what | tests | for example |", "| --- | --- | --- | --- |", *rows]


if __name__ == "__main__":
    PAGE.write_text(render())
