"""The texts of the exception catalogue, one file per owner. `domain.catalogue` puts them together."""
