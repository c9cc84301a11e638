"""The emulated vendors: how each is started, what a connection must say about it, and what is done at it by hand."""

from collections.abc import Mapping

from starter.demo.vendors.erp import Erp
from starter.demo.vendors.erps import BlueCherry, Centra, Patchworks, Prima
from starter.demo.vendors.platforms import Platform, ReturnGo, Reveni

__all__ = ["ERPS", "PLATFORMS", "Erp", "Platform"]

ERPS: Mapping[str, type[Erp]] = {one.vendor: one for one in (Prima, Centra, BlueCherry, Patchworks)}
PLATFORMS: Mapping[str, type[Platform]] = {one.vendor: one for one in (Reveni, ReturnGo)}
