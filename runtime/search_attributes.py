"""Search attributes of a namespace: Temporal refuses every start that sets one which is not registered."""

from collections.abc import Mapping

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client


async def missing_search_attributes(client: Client, wanted: Mapping[str, str]) -> dict[str, str]:
    """Those of `wanted` (name → type, e.g. ``Keyword``) that the namespace lacks or has with another type."""
    response = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return {name: kind for name, kind in wanted.items() if response.custom_attributes.get(name) != _value_type(kind)}


async def ensure_search_attributes(client: Client, wanted: Mapping[str, str]) -> None:
    """Register what is missing. Raises RPCError when one exists with another type."""
    missing = await missing_search_attributes(client, wanted)
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace,
                search_attributes={name: _value_type(kind) for name, kind in missing.items()},
            )
        )


def _value_type(kind: str) -> IndexedValueType.ValueType:
    """``KeywordList`` → INDEXED_VALUE_TYPE_KEYWORD_LIST."""
    snake = "".join(f"_{letter}" if letter.isupper() else letter for letter in kind).upper()
    return IndexedValueType.Value(f"INDEXED_VALUE_TYPE{snake}")
