"""POST /graphql: parse, validate, execute, and write the answer as Centra does."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from starlette.responses import Response

from sandbox.centra.exact import dumps, loads
from sandbox.centra.schema import PERMISSIONS, SCHEMA, mutations, reads
from sandbox.centra.state import Desk
from sandbox.centra.views import Views

APP_VERSION = "v1.60.0"


class BadRequest(Exception):
    """The body is no GraphQL request."""


@dataclass(frozen=True)
class Query:
    """One request, parsed. Without a document it could not be, and `errors` says why."""

    text: str
    variables: dict[str, Any]
    operation: str | None
    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()

    @property
    def _found(self) -> OperationDefinitionNode | None:
        return get_operation_ast(self.document, self.operation) if self.document else None

    @property
    def fields(self) -> list[str]:
        """Root fields."""
        selections = self._found.selection_set.selections if self._found else ()
        return [node.name.value for node in selections if isinstance(node, FieldNode)]

    @property
    def name(self) -> str:
        """Operation name for the fault plan: the root fields, joined by `+` where there are several."""
        return "+".join(self.fields) or "unreadable"

    @property
    def mutates(self) -> bool:
        return bool(self._found and self._found.operation is OperationType.MUTATION)


def read_query(body: bytes) -> Query:
    """Raises BadRequest for a body that is not JSON with a query."""
    try:
        given = loads(body)
        text, variables = given["query"], given.get("variables")
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadRequest("a JSON body with a query is needed") from None
    variables = {} if variables is None else variables
    if not isinstance(text, str) or not isinstance(variables, dict):
        raise BadRequest("query is text, variables are an object")
    document, errors = _parsed(text)
    return Query(text, variables, given.get("operationName"), document, errors)


def run(
    query: Query,
    desk: Desk,
    lag: float,
    permissions: Collection[str] | None,
    quotas: Callable[[], list[dict[str, Any]]],
) -> Response:
    """Execute it. `permissions` None: the token may do everything."""
    needed = sorted({PERMISSIONS[name] for name in query.fields if name in PERMISSIONS})
    extensions = {"complexity": 50 * len(query.fields), "permissionsUsed": needed, "appVersion": APP_VERSION}
    errors = query.errors or tuple(_forbidden(query, permissions))
    if errors or query.document is None:
        return answer({"errors": [error.formatted for error in errors], "extensions": extensions})
    with desk.world.lock:
        root = mutations(desk) if query.mutates else reads(Views(desk.world, lag), quotas)
        result = execute_sync(
            SCHEMA, query.document, root, variable_values=query.variables, operation_name=query.operation
        )
    return answer(_body(result) | {"extensions": extensions})


def refuse_token() -> Response:
    """No token, or one that Centra does not know."""
    error = {"message": "Unauthorized", "extensions": {"category": "authorization"}}
    return answer({"errors": [error]}, 401)


def answer(body: dict[str, Any], status: int = 200) -> Response:
    """Numbers are written digit by digit."""
    return Response(dumps(body), status, media_type="application/json")


@lru_cache(maxsize=256)
def _parsed(text: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """The document and what is wrong with it. Clients send few texts, often."""
    try:
        document = parse(text)
    except GraphQLError as wrong:
        return None, (wrong,)
    return document, tuple(validate(SCHEMA, document))


def _forbidden(query: Query, permissions: Collection[str] | None) -> list[GraphQLError]:
    missing = [
        name for name in query.fields if permissions is not None and PERMISSIONS.get(name, "") not in {"", *permissions}
    ]
    return [
        GraphQLError(
            f"You need {PERMISSIONS[name]} permission to access {name}.",
            path=[name],
            extensions={"category": "authorization"},
        )
        for name in missing
    ]


def _body(result: ExecutionResult) -> dict[str, Any]:
    """A bug of this emulator is not an answer of Centra: it is raised."""
    for error in result.errors or ():
        if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
            raise error.original_error
    if result.errors:
        return {"errors": [error.formatted for error in result.errors]}
    return {"data": result.data}
