"""The edge between the durable flow and the world: one class per counterpart, every step idempotent."""
