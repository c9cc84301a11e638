"""Patchworks, an iPaaS, and the ERP behind its flows. `port.build` makes the port; `contract` holds what is assumed."""
