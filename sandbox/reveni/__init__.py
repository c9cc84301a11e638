"""Reveni, emulated over real HTTP from its wire contract. It imports nothing of the product."""

from sandbox.reveni.sandbox import ReveniSandbox
from sandbox.reveni.specs import CustomerSpec, DeliveryPolicy, ExchangeSpec, ItemEdit, ItemSpec, ReturnSpec

__all__ = ["CustomerSpec", "DeliveryPolicy", "ExchangeSpec", "ItemEdit", "ItemSpec", "ReturnSpec", "ReveniSandbox"]
