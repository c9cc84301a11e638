"""One folder a vendor; `kit` for what they share. An adapter knows the domain and the kit, never another vendor."""
