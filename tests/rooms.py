"""The packages of the project."""

ROOMS = (
    "domain",
    "workflows",
    "activities",
    "adapters",
    "store",
    "desk",
    "guides",
    "console",
    "starter",
    "runtime",
    "sandbox",
)
