"""ReturnGO, a returns platform. What we assume about its API is in `contract`, and only there."""
