"""Charts as SVG, made on the server (R90, R96). Each stands beside a table with the same numbers."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.drawing import Style, pygal
from console.report import report_of
from console.report_time import asked_days
from console.trouble import not_found
from desk.measures import CauseFigure, StageLatency
from store.measure_records import DayFlow

router = APIRouter()

#: pygal puts its style into the picture; nothing else may be in there.
_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "Cache-Control": "no-store"}
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#4a5766",
    foreground_strong="#16202c",
    foreground_subtle="#8592a3",
    colors=("#1d4f91", "#b34700", "#14602f"),
    font_family="system-ui, sans-serif",
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=14,
    title_font_size=15,
)
_WIDTH, _HEIGHT = 800, 320
_SHORT = 38


@router.get("/charts/{name}.svg")
async def chart(request: Request, name: str) -> Response:
    """One of the pictures of the overview. Raises Trouble for any other name."""
    report = await report_of(request, asked_days(request))
    match name:
        case "flow":
            picture = flow_chart(report.effort.days)
        case "latency":
            picture = latency_chart(report.measured)
        case "causes":
            picture = cause_chart(report.effort.causes)
        case _:
            raise not_found("chart")
    return Response(picture, media_type="image/svg+xml", headers=_HEADERS)


def flow_chart(days: Sequence[DayFlow]) -> bytes:
    """Opened and closed returns by day."""
    picture = pygal.Line(**_settings(), x_label_rotation=30, show_minor_x_labels=False, dots_size=2)
    labels = [f"{day.day:%d %b}" for day in days]
    picture.x_labels = labels
    picture.x_labels_major = labels[:: max(len(labels) // 10, 1)]
    picture.add("Opened", [day.opened for day in days])
    picture.add("Closed", [day.closed for day in days])
    return _rendered(picture)


def latency_chart(measured: Sequence[StageLatency]) -> bytes:
    """Minutes within which 19 of 20 documents reached the ERP, windows apart, per stage and connection."""
    picture = pygal.HorizontalBar(**_settings(), value_formatter=lambda minutes: f"{minutes:.1f} min")
    worst: dict[str, tuple[float, float]] = {}
    for one in measured:
        label = f"{one.stage}, {one.connection}"
        delay, window = worst.get(label, (0.0, 0.0))
        worst[label] = max(delay, one.p95_seconds / 60), max(window, one.window_mean_seconds / 60)
    picture.x_labels = [label[:_SHORT] for label in worst]
    picture.add("Delay, 19 of 20", [round(delay, 2) for delay, _ in worst.values()])
    picture.add("Waiting for the window, mean", [round(window, 2) for _, window in worst.values()])
    return _rendered(picture)


def cause_chart(causes: Sequence[CauseFigure]) -> bytes:
    """Exceptions by root cause, the most frequent first."""
    picture = pygal.HorizontalBar(**_settings())
    shown = list(reversed(causes))
    picture.x_labels = [cause_words(one)[:_SHORT] for one in shown]
    picture.add("Opened", [one.count for one in shown])
    picture.add("Open now", [one.open for one in shown])
    return _rendered(picture)


def cause_words(one: CauseFigure) -> str:
    """A cause in one line."""
    return f"{one.title}: {one.wrong}" if one.wrong else one.title


def _settings() -> dict[str, object]:
    return {
        "style": _STYLE,
        "width": _WIDTH,
        "height": _HEIGHT,
        "js": [],  # nothing moves, and nothing comes from elsewhere
        "disable_xml_declaration": False,
        "no_data_text": "Nothing in this time",
        "legend_at_bottom": True,
    }


def _rendered(picture: pygal.graph.graph.Graph) -> bytes:
    picture.add_xml_filter(_without_scripts)
    content: bytes = picture.render()
    return content


def _without_scripts(root: Element) -> Element:
    """pygal also writes its settings for a script of its own; these pictures have none."""
    for parent in list(root.iter()):
        for child in [one for one in parent if str(one.tag).endswith("script")]:
            parent.remove(child)
    return root
