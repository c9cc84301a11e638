"""The measures of the house in one place: times, health, effort and the flow (R90, R95, R96, N10)."""

from desk.effort import (
    CauseFigure,
    EffortReport,
    HandlingTime,
    Touchless,
    effort,
    exceptions_by_cause,
    exposure_totals,
    flow,
    handling_times,
    touchless,
)
from desk.health import ConnectionHealth, QuotaUse, SideHealth, health
from desk.latency import OpenAge, StageLatency, latencies, open_ages, red_stages

__all__ = [
    "CauseFigure",
    "ConnectionHealth",
    "EffortReport",
    "HandlingTime",
    "OpenAge",
    "QuotaUse",
    "SideHealth",
    "StageLatency",
    "Touchless",
    "effort",
    "exceptions_by_cause",
    "exposure_totals",
    "flow",
    "handling_times",
    "health",
    "latencies",
    "open_ages",
    "red_stages",
    "touchless",
]
