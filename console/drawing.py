"""pygal, without the import hook that it leaves behind: Python would ask it, and warn, at every later import."""

import sys

import pygal
from pygal.style import Style

__all__ = ["Style", "pygal"]

_HOOK = "PluginImportFixer"  # for maps as plugins, of which there are none here

sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != _HOOK]
