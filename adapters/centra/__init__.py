"""Centra: GraphQL Integration API, and the Order API for replacement orders."""
