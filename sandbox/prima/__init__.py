"""An emulated Prima ERP, written from the vendor contract alone."""

from sandbox.prima.app import PrimaSandbox
from sandbox.prima.state import PrimaWorld

__all__ = ["PrimaSandbox", "PrimaWorld"]
