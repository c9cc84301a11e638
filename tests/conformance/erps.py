"""Every ERP that runs through the suite, one line each. A vendor of the registry without one fails the suite."""

from collections.abc import Mapping
from types import MappingProxyType

from tests.conformance.erp_stage import ErpStage
from tests.conformance.stages.bluecherry import BlueCherryStage
from tests.conformance.stages.centra import CentraStage
from tests.conformance.stages.patchworks import PatchworksStage
from tests.conformance.stages.prima import PrimaStage

ERPS: Mapping[str, type[ErpStage]] = MappingProxyType(
    {
        "bluecherry": BlueCherryStage,
        "centra": CentraStage,
        "patchworks": PatchworksStage,
        "prima": PrimaStage,
    }
)
