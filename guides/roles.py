"""What each team is there for: duties, first hour, what it leaves to others (R98)."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.exceptions import Owner
from domain.model import Value
from guides.blocks import Given, Ref, Words
from guides.screens import ScreenId, to_queue, to_screen


class RoleGuide(Value):
    """The words of one team's guide that no catalogue has. Everything else is taken from the catalogues.

    page: its file; about: what the team answers for; trust: which system it may believe about what
    never: what must not be done by hand; first_hour: what a new colleague does, in order
    task: the work that the team does most, by its title; steps: how, in order
    """

    owner: Owner
    page: str
    title: str
    about: tuple[Words, ...]
    trust: tuple[Words, ...]
    never: tuple[Words, ...]
    task: str
    steps: tuple[Words, ...]
    first_hour: tuple[Words, ...]


_CONNECTIONS = "Read the page of your connections: it states what was decided for them."
_MASTERS: Given = ("Read who is master of what in the ", Ref(text="operating model", page="operating-model"), ".")
_GLOSSARY: Given = ("Keep the ", Ref(text="glossary", page="glossary"), " open: every screen uses these words.")


def _signed_in(screen: Ref) -> Given:
    return ("Sign in to the console, and open ", screen, ".")


_GUIDES = (
    RoleGuide(
        owner=Owner.FINANCE,
        page="finance",
        title="Finance",
        about=(
            (
                "You answer for every credit note: that each refund has exactly one, over the right amount and in the"
                " right period. You decide about money on every exception, whoever owns it."
            ),
            "Clean returns need nothing from you. You see what differs, with both figures and the likely cause.",
        ),
        trust=(
            "Amounts: the original order in the ERP, as it was when the return began.",
            "Whether money moved: the platform. The payout file of the payment provider is the proof.",
            "Whether it is booked: the ERP. A credit note counts when the ERP has it, not when it was sent.",
        ),
        never=(
            "Do not enter a credit note by hand for a return that is open here, unless you give its number.",
            "Do not correct a refund in the ledger. Correct it on the platform, or accept it with a reason.",
            "Do not void a credit note without telling CX: the customer has the money.",
        ),
        task="Closing a period",
        steps=(
            ("Open ", to_screen(ScreenId.PERIODS), ", and choose the connection and the month."),
            "Read the statement. It says ready, or lists every item that is in the way, with its value.",
            "Open each item and decide it, or ask its owner to. Wait for what is still on its way into the ERP.",
            "Compare the month again when the statement says that something was within the agreed time.",
            "Compare the totals with both systems. They must agree before you go on.",
            ("Close the period. For your auditor, ", to_screen(ScreenId.DIFFERENCES), " can be exported."),
            "Close the period in the ERP as well. A credit note that comes later follows the policy of its connection.",
            "What is found later does not change the statement. It is an exception as usual, and is shown beside it.",
        ),
        first_hour=(
            _MASTERS,
            _signed_in(to_queue(Owner.FINANCE)),
            "Open one item. Read its reason, its figures and its runbook. Decide nothing yet.",
            (
                "Search the return in ",
                to_screen(ScreenId.RETURNS),
                ", and follow its timeline from request to credit note.",
            ),
            ("Open ", to_screen(ScreenId.PERIODS), ", and see what stands between last month and its close."),
            "Decide one item together with a colleague.",
        ),
    ),
    RoleGuide(
        owner=Owner.WAREHOUSE,
        page="warehouse",
        title="Warehouse",
        about=(
            (
                "You answer for what is physically there: that every parcel is inspected, and every unit lies in the"
                " depot in which the ERP has it. Nothing moves in stock before you have inspected it."
            ),
            (
                "What you record is booked as it is, whatever was announced. Whether the customer gets money for it is"
                " decided elsewhere."
            ),
        ),
        trust=(
            "What should be in a parcel: the receiving page. It shows the RMA's lines.",
            "What is in it: your eyes. Record what you found, not what was announced.",
            "What is in a depot: the ERP. The depot report shows where the two differ.",
        ),
        never=(
            "Do not book returned goods in the ERP by hand, unless an exception asks you to, and you give the number.",
            "Do not put a unit on a sellable shelf before it is inspected.",
            "Do not inspect the same parcel twice. Use the regrade when a unit turns out to be something else.",
        ),
        task="Receiving a parcel",
        steps=(
            ("Open ", to_screen(ScreenId.RECEIVING), ", and scan the RMA or the tracking number."),
            "Compare the list with what is in the parcel, unit by unit.",
            "Say for each unit what it is good for and where it lies. Damaged is damaged, whatever the customer wrote.",
            "If there is more or something else, count again and confirm it. It goes to quarantine.",
            "Save. Pressing twice changes nothing.",
            "If the label belongs to no return, record the parcel as one without a return.",
        ),
        first_hour=(
            _MASTERS,
            "Read the page of your connections: locations, depots, and your codes for dispositions.",
            _signed_in(to_screen(ScreenId.RECEIVING)),
            "Scan the label of one parcel. Compare what is expected with what is there.",
            "Record one sellable and one damaged unit. See in the return where each was booked.",
            ("Open ", to_queue(Owner.WAREHOUSE), ", and read the runbook of the oldest item."),
        ),
    ),
    RoleGuide(
        owner=Owner.CX,
        page="cx",
        title="Customer experience (CX)",
        about=(
            (
                "You answer for what the customer is told and promised: status, exchange, refund that did not arrive,"
                " parcel that is lost. The platform speaks to the customer, and you through it."
            ),
            "No message to a customer is ever sent from here.",
        ),
        trust=(
            "What the customer asked for and was told: the platform.",
            "Where a return really is: the returns page. It says what it waits for, since when and until when.",
            "Whether a replacement can be had: only the order in the ERP. Until it exists, nothing is promised.",
        ),
        never=(
            "Do not refund in the shop or at the payment provider. Such a refund has no credit note.",
            "Do not make a replacement order by hand, unless you give its number to the exception.",
            "Do not cancel a return on the platform once its goods or its money have moved.",
        ),
        task="An exchange that cannot be ordered",
        steps=(
            ("Open the item in ", to_queue(Owner.CX), ". It names the item and everything that is missing."),
            "Ask the customer through the platform: another item, the money, or waiting.",
            "Choose Send another item, Convert to refund, or Retry when it is there again.",
            "If only data were missing, correct them at their source, and retry.",
            "Look into the return afterwards: its exchange must say that it is ordered.",
        ),
        first_hour=(
            _MASTERS,
            _GLOSSARY,
            _signed_in(to_screen(ScreenId.RETURNS)),
            "Search a return by its order number, and read its four tracks. Do it once more by tracking number.",
            ("Open ", to_queue(Owner.CX), ", and read the runbook of the oldest item."),
            ("Open ", to_screen(ScreenId.EXPOSURE), ", and find the nearest deadline."),
        ),
    ),
    RoleGuide(
        owner=Owner.MERCHANDISING,
        page="merchandising",
        title="Merchandising and item data",
        about=(
            (
                "You answer for the data of items: that every SKU that was sold can come back, that every bundle has"
                " its recipe, and that every return reason has a code."
            ),
            "One correction of yours usually clears many returns at once.",
        ),
        trust=(
            "Items: the item master of the ERP. Nothing is posted for an item that it does not know.",
            "Reasons: the platform has the customer's words, the mapping says what they mean in the ERP.",
        ),
        never=(
            "Do not make a SKU inactive while units of it may still come back.",
            "Do not point a SKU at another one to get rid of an item: stock and value would follow.",
        ),
        task="A SKU that the ERP does not know",
        steps=(
            ("Open ", to_screen(ScreenId.GROUPS, owner="merchandising"), ", and choose the SKU's group."),
            "Create the SKU in the ERP or make it active. If the platform uses another name for it, tell operations.",
            "Choose Retry for the group. Look at the count before you confirm.",
            "Watch the group become empty. What stays has another cause.",
        ),
        first_hour=(
            _MASTERS,
            _signed_in(to_queue(Owner.MERCHANDISING)),
            ("Open ", to_screen(ScreenId.GROUPS, owner="merchandising"), ", and see how many returns one SKU stops."),
            "Read the mapping of reasons and SKUs on the page of your connections.",
            "Mend one item in the ERP, and try its group again with a count first.",
        ),
    ),
    RoleGuide(
        owner=Owner.INTEGRATION,
        page="operations",
        title="Operations",
        about=(
            (
                "You answer for the way between the systems: connections, credentials, mappings, agreed times, accounts"
                " and alerts. You look after returns that simply do not move."
            ),
            "Business decisions are made by the teams. You make sure that they see them.",
        ),
        trust=(
            "Where a return stands and why: the console.",
            (
                "What the machinery does at this moment: the ",
                Ref(text="Temporal UI", page="temporal-ui"),
                ".",
            ),
            "What is set up: the configuration. The pages of the connections are written from it.",
        ),
        never=(
            "Do not terminate the workflow of a return. Its compensation would not run, and its case would be lost.",
            "Do not change the name of a connection. It is part of every id.",
            "Do not change a mapping to let one return pass. Correct that return instead.",
        ),
        task="Changing a mapping",
        steps=(
            "Agree on it with the team that it concerns.",
            "Change it in the configuration, and run `backhaul check`.",
            "Start worker, bridge and console again. Returns that are under way go on with the new mapping.",
            ("Open ", to_screen(ScreenId.GROUPS, owner="all"), ", and retry what waited for it, with a count first."),
            "Run `backhaul guides`, and tell the teams what has changed.",
        ),
        first_hour=(
            _MASTERS,
            _CONNECTIONS,
            "Run `backhaul check`. It lists everything that is missing, and asks every system.",
            _signed_in(to_screen(ScreenId.OVERVIEW)),
            ("Open ", to_screen(ScreenId.GROUPS, owner="all"), ", and read what the largest group waits for."),
            ("Open the ", Ref(text="Temporal UI", page="temporal-ui"), ", and save the first search there."),
            "Send yourself an alert with `backhaul alerts --test`.",
        ),
    ),
)

ROLE_GUIDES: Mapping[Owner, RoleGuide] = MappingProxyType({guide.owner: guide for guide in _GUIDES})


def to_guide(owner: Owner) -> Ref:
    """A link to the guide of a team."""
    guide = ROLE_GUIDES[owner]
    return Ref(text=guide.title, page=guide.page)
