"""The webhook bridge: verify, keep, answer; dispatch to Temporal beside it."""

from starter.bridge.app import create_bridge
from starter.bridge.dispatch import Dispatcher, Pace
from starter.bridge.parts import BridgeLimits

__all__ = ["BridgeLimits", "Dispatcher", "Pace", "create_bridge"]
