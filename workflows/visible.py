"""How ops find a workflow: the search attributes that every workflow of a return carries. No personal data."""

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from domain.messages import ATTENTION_ATTRIBUTE, CONNECTION_ATTRIBUTE, NO_ATTENTION, RETURN_ATTRIBUTE
from domain.returns import ReturnRef


def search_attributes(ref: ReturnRef) -> TypedSearchAttributes:
    """Those of a workflow that nobody has to decide anything about yet."""
    values = {
        CONNECTION_ATTRIBUTE: ref.connection,
        RETURN_ATTRIBUTE: ref.return_id,
        ATTENTION_ATTRIBUTE: NO_ATTENTION,
    }
    return TypedSearchAttributes(
        [SearchAttributePair(SearchAttributeKey.for_keyword(key), value) for key, value in values.items()]
    )
