"""Comparing what the platform moved, what the ERP credited and what came back into stock (R38, R78–R85, N3, N6)."""
