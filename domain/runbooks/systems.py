"""Runbooks of operations: systems, messages and settings."""

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.runbooks.entry import Runbook

SYSTEMS = (
    Runbook(
        code=ExceptionCode.CONNECTION_DOWN,
        stake="Every return of the connection stands still until the system answers.",
        meanwhile="Webhooks are still taken and kept. Everything waits and is tried again by itself, for as long as it"
        " takes. There is one item for the system, not one for each return.",
        afterwards="It closes with the first call that succeeds; one about an ERP's files, with the next file that is"
        " answered. Everything that waited goes on by itself.",
        decisions={},
        figures={"system": "prima"},
        prevention=(
            "Ask vendors to announce maintenance, and tell the teams.",
            "Renew credentials before they expire. A new one needs a new start of the worker.",
        ),
    ),
    Runbook(
        code=ExceptionCode.EVENT_CONFLICT,
        stake="Usually nothing: the return itself is read again before anything is done.",
        meanwhile="The first content counts. The return goes on.",
        afterwards="The return is read from the platform, and its present state counts.",
        decisions={
            ResolutionKind.RETRY: "The return is read from the platform again.",
            ResolutionKind.DONE_BY_HAND: "You cleared it up with the platform. Give the reference of that.",
            ResolutionKind.CANCEL_TRACK: "The first content stands, for the reason that you give.",
        },
        figures={"delivery_id": "d-881", "event": "return.updated", "second_digest": "9f2c…"},
        prevention=("Report it to the platform: an id must never be used for two messages.",),
    ),
    Runbook(
        code=ExceptionCode.EVENT_INVALID,
        stake="A message or an answer could not be used, so something may not have been noticed.",
        meanwhile="Nothing is booked from what cannot be understood. The rest of the return goes on.",
        afterwards="The step is run again. For a message, the return is read from the platform.",
        decisions={
            ResolutionKind.RETRY: "The step is run again. Right after the vendor corrected its answer.",
            ResolutionKind.DONE_BY_HAND: "You did what the step should have done. Give the document's number.",
            ResolutionKind.CANCEL_TRACK: "This part of the return ends here, for the reason that you give.",
        },
        figures={"vendor_code": "400", "inspection": "scan-140"},
        prevention=("Keep the vendor's changes in view: a new field or word is the usual cause.",),
    ),
    Runbook(
        code=ExceptionCode.CONFIG_INVALID,
        stake="Returns that need the setting stand still, often many of them at once.",
        meanwhile="Returns that do not need the setting go on.",
        afterwards="The setting counts from the next start of the worker. What is parked is then tried again.",
        decisions={
            ResolutionKind.RETRY: "The step is run again. Right after the setting was corrected and the worker started"
            " again.",
            ResolutionKind.CANCEL_TRACK: "This part of the return ends here, for the reason that you give.",
        },
        figures={"charge": "fee", "disposition": "DAMAGED", "return_type": "mixed", "vendor_code": "403"},
        prevention=("Run `backhaul check` after every change of the configuration, before the worker starts.",),
    ),
)
