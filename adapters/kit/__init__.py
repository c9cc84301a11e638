"""What the adapters share: one way to send HTTP, one way to make a document exactly once."""
