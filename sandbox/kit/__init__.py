"""What every emulated vendor shares: journal, fault plan, control endpoints, server."""
