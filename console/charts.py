"""Charts as SVG, made on the server (R90, R96). Each stands beside a table with the same numbers."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from fastapi import APIRouter, Request
from starlette.responses import Response

from console.drawing import Style, pygal
from console.report import report_of
from console.report_time import asked_days
from console.trouble import not_found
from console.words import words
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
    foreground_subtle="#c3ccd6",
    guide_stroke_color="#c3ccd6",
    major_guide_stroke_color="#c3ccd6",
    opacity="0.9",
    colors=("#1d4f91", "#b34700"),
    font_family="system-ui, sans-serif",
    label_font_size=15,
    major_label_font_size=15,
    legend_font_size=15,
    title_font_size=15,
    no_data_font_size=18,
)
#: Lines that show, and the same in the dark: the picture follows the page, as the browser is set.
_OWN = """inline:.series .line { stroke-width: 2.5px !important }
@media (prefers-color-scheme: dark) {
  .graph, .graph text { fill: #b3bfcc !important }
  .axis text.major, text.no_data { fill: #e9eef4 !important }
  .axis .line { stroke: #76869a !important }
  .axis .guide.line { stroke: #33404e !important }
  .color-0 { fill: #8fbcff !important; stroke: #8fbcff !important }
  .color-1 { fill: #ffb066 !important; stroke: #ffb066 !important }
}"""
_WIDTH, _HEIGHT = 800, 320
#: Rows of bars: so high is each, and what is around all of them.
_ROW, _AROUND = 44, 110
_LONGEST = 44
_MAJOR_DAYS = 8


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
    picture = pygal.Line(
        **_settings(), show_minor_x_labels=False, dots_size=3, min_scale=2, max_scale=6, include_x_axis=True
    )
    labels = [f"{day.day:%d %b}".lstrip("0") for day in days]
    picture.x_labels = labels
    picture.x_labels_major = labels[:: -(-len(labels) // _MAJOR_DAYS) or 1]
    picture.value_formatter = lambda number: f"{number:g}"
    picture.add("Opened", [day.opened for day in days])
    picture.add("Closed", [day.closed for day in days])
    return _rendered(picture)


def latency_chart(measured: Sequence[StageLatency]) -> bytes:
    """Minutes within which 19 of 20 documents reached the ERP, windows apart, per stage and connection."""
    worst: dict[str, tuple[float, float]] = {}
    for one in measured:
        label = f"{words(one.stage)}, {one.connection}"
        delay, window = worst.get(label, (0.0, 0.0))
        worst[label] = max(delay, one.p95_seconds / 60), max(window, one.window_mean_seconds / 60)
    picture = _bars(list(worst))
    picture.value_formatter = lambda minutes: f"{minutes:g}"
    picture.add("Minutes of delay, 19 of 20", [round(worst[label][0], 2) for label in reversed(worst)])
    picture.add("Minutes in the window, mean", [round(worst[label][1], 2) for label in reversed(worst)])
    return _rendered(picture)


def cause_chart(causes: Sequence[CauseFigure]) -> bytes:
    """Exceptions by root cause, the most frequent first."""
    picture = _bars([cause_words(one) for one in causes])
    picture.value_formatter = lambda number: f"{number:g}"
    picture.add("Opened", [one.count for one in reversed(causes)])
    picture.add("Open now", [one.open for one in reversed(causes)])
    return _rendered(picture)


def _bars(labels: Sequence[str]) -> pygal.graph.graph.Graph:
    """Rows of bars, the first one on top: pygal begins at the bottom, so values are added the other way round."""
    picture = pygal.HorizontalBar(**_settings(_AROUND + _ROW * max(len(labels), 2)), min_scale=2, max_scale=6)
    picture.x_labels = [_short(label) for label in reversed(labels)]
    return picture


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1].rstrip() + "…"


def cause_words(one: CauseFigure) -> str:
    """A cause in one line."""
    return f"{one.title}: {one.wrong}" if one.wrong else one.title


def _settings(height: int = _HEIGHT) -> dict[str, object]:
    return {
        "style": _STYLE,
        "width": _WIDTH,
        "height": height,
        "explicit_size": True,
        "css": ["file://style.css", "file://graph.css", _OWN],
        "truncate_label": -1,
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
