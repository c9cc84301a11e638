"""Many returns, many orders of events: what takes long. ``make verify`` runs all of it."""
