"""An independent reading of the vendors' journals: what happened to each return, and what is wrong.

It knows nothing of the product: only journal entries, and that our keys carry the platform's return id.
"""

from sandbox.audit.books import Books, CreditNote, Receipt, Replacement, ReturnBook, Rma
from sandbox.audit.vendors import read_books

__all__ = ["Books", "CreditNote", "Receipt", "Replacement", "ReturnBook", "Rma", "read_books"]
