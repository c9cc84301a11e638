"""How a route gets at the parts of its bridge."""

from typing import cast

from fastapi import Request

from starter.bridge.parts import BridgeParts


def parts_of(request: Request) -> BridgeParts:
    """The parts that `create_bridge` put together."""
    return cast(BridgeParts, request.app.state.parts)
