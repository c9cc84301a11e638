"""All pages of the guides, as values: Markdown is written from them, and the console shows them."""

from collections.abc import Sequence

from domain.alert_rules import RuleId
from domain.connection import Connection
from domain.exceptions import ExceptionCode, Owner
from domain.progress import Stage
from guides.alerts import alert_page
from guides.blocks import Page
from guides.connection_page import connection_page
from guides.glossary import glossary
from guides.index_page import index_page
from guides.operating_model import operating_model
from guides.role_page import role_page
from guides.runbook_page import runbook
from guides.stage_page import stage_page
from guides.temporal_page import temporal_page
from guides.tracks_page import tracks_page

__all__ = ["alert_page", "all_pages", "find_page", "role_page", "runbook", "stage_page"]


def all_pages(connections: Sequence[Connection]) -> list[Page]:
    """Every page, the first one first."""
    return [
        index_page(connections),
        operating_model(connections),
        *(role_page(owner, connections) for owner in Owner),
        glossary(),
        tracks_page(),
        temporal_page(connections),
        *(connection_page(connection, connections) for connection in connections),
        *(runbook(code, connections) for code in ExceptionCode),
        *(alert_page(rule) for rule in RuleId),
        *(stage_page(stage, connections) for stage in Stage),
    ]


def find_page(path: str, connections: Sequence[Connection]) -> Page | None:
    """The page with this path, such as ``finance`` or ``runbooks/LOST_PARCEL``; None when there is none."""
    return next((page for page in all_pages(connections) if page.path == path), None)
