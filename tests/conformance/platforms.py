"""Every returns platform that runs through the suite, one line each. A vendor of the registry without one fails it."""

from collections.abc import Mapping
from types import MappingProxyType

from tests.conformance.platform_stage import PlatformStage
from tests.conformance.stages.returngo import ReturnGoStage
from tests.conformance.stages.reveni import ReveniStage

PLATFORMS: Mapping[str, type[PlatformStage]] = MappingProxyType(
    {
        "returngo": ReturnGoStage,
        "reveni": ReveniStage,
    }
)
