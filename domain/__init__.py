"""The business, pure: standard library and pydantic only."""
