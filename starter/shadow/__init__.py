"""A rehearsal (N9): returns of the past run through the live flow with posting off; what it would have done."""

from starter.shadow.plan import Plan
from starter.shadow.report import ShadowReport
from starter.shadow.run import rehearse
from starter.shadow.trouble import ShadowTrouble

__all__ = ["Plan", "ShadowReport", "ShadowTrouble", "rehearse"]
