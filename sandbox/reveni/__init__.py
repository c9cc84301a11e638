"""Reveni, emulated over real HTTP from its wire contract. It imports nothing of the product."""

from sandbox.kit.wanted import CustomerSpec, DeliveryPolicy, ExchangeSpec, ItemEdit, ItemSpec, ReturnSpec
from sandbox.reveni.sandbox import ReveniSandbox

__all__ = ["CustomerSpec", "DeliveryPolicy", "ExchangeSpec", "ItemEdit", "ItemSpec", "ReturnSpec", "ReveniSandbox"]
