"""The pages where finance, warehouse, CX, merchandising and ops work. Server-rendered."""
