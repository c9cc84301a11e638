"""Every vendor of the registry goes through the suite (`make vendor` begins here)."""

import pytest

from adapters import registry
from tests.conformance.erp_stage import BatchStage
from tests.conformance.erps import ERPS
from tests.conformance.platforms import PLATFORMS


def missing_stage(role: str, name: str) -> str:
    file, base, table = (
        ("erp_stage", "ErpStage", "ERPS") if role == "ERP" else ("platform_stage", "PlatformStage", "PLATFORMS")
    )
    return (
        f"The {role} {name!r} of adapters/registry.py does not go through the conformance suite: write its stage in"
        f" tests/conformance/stages/{name}.py (a class of tests.conformance.{file}.{base}) and add the line"
        f' "{name}": …Stage to {table} in tests/conformance/{role.lower()}s.py.'
    )


@pytest.mark.parametrize("name", registry.ERPS)
def test_every_erp_has_a_stage(name: str) -> None:
    assert name in ERPS, missing_stage("ERP", name)


@pytest.mark.parametrize("name", registry.PLATFORMS)
def test_every_platform_has_a_stage(name: str) -> None:
    assert name in PLATFORMS, missing_stage("platform", name)


def test_every_stage_is_of_a_registered_vendor() -> None:
    assert set(ERPS) - set(registry.ERPS) == set()
    assert set(PLATFORMS) - set(registry.PLATFORMS) == set()


@pytest.mark.parametrize("name", [name for name in registry.ERPS if name in ERPS])
def test_a_batch_erp_has_a_batch_stage_and_no_other_has(name: str) -> None:
    assert issubclass(ERPS[name], BatchStage) == registry.ERPS[name].capabilities.batch
