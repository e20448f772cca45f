"""As much of GraphQL as a small shop needs: named operations, variables, arguments, aliases, selections.

Not in it: fragments, directives, lists, objects as arguments, default values, and introspection
(https://spec.graphql.org/October2021).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

#: Answers a field of `query` or `mutation` with its value.
Resolve = Callable[[str, str, dict[str, Any]], Any]

_TOKEN = re.compile(r'(?:[\s,]|#[^\n]*)*([A-Za-z_]\w*|-?\d+(?:\.\d+)?|"[^"\n]*"|[{}():!$]|$)')
#: Of which Python type the value of a variable is; IDs come as texts.
_KINDS = {"Int": int, "Float": float}
_CONSTANTS = {"true": True, "false": False, "null": None}


class GraphqlError(Exception):
    """What an answer tells under `errors`; clients go by the code."""

    def __init__(self, code: str, message: str) -> None:
        """Take the code and a sentence for people."""
        super().__init__(message)
        self.code = code

    def told(self, path: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the error as an answer holds it."""
        return {"message": str(self), "path": list(path), "extensions": {"code": self.code}}


@dataclass(frozen=True, slots=True)
class Variable:
    """An argument whose value comes with the request."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is asked for; `key` is what the answer calls it."""

    key: str
    name: str
    arguments: Mapping[str, Any]
    selection: "tuple[Field, ...]"


@dataclass(frozen=True, slots=True)
class Operation:
    """A query or mutation; `variables` are those that must have a value, each with its type."""

    kind: str
    name: str
    variables: tuple[tuple[str, str], ...]
    selection: tuple[Field, ...]


def execute(document: str, name: str, variables: Mapping[str, Any], resolve: Resolve) -> dict[str, Any]:
    """Return the answer to an operation: data, and an error for each field that could not be had.

    If the operation itself is wrong, the answer has errors and no data.
    """
    try:
        operation = operation_of(document, name)
        _check(operation, variables)
    except GraphqlError as error:
        return {"errors": [error.told()]}
    data: dict[str, Any] = {}
    errors: list[dict[str, Any]] = []
    for field in operation.selection:
        given = {key: _value(value, variables) for key, value in field.arguments.items()}
        try:
            data[field.key] = _selected(resolve(operation.kind, field.name, given), field)
        except GraphqlError as error:
            data[field.key] = None
            errors.append(error.told((field.key,)))
        except Exception as error:  # noqa: BLE001 - whatever broke, the client is told by a code
            data[field.key] = None
            broke = GraphqlError("INTERNAL_SERVER_ERROR", type(error).__name__)
            errors.append(broke.told((field.key,)))
    return {"data": data, "errors": errors} if errors else {"data": data}


def operation_of(document: str, name: str) -> Operation:
    """Return the operation of that name, the only one if no name is given; GraphqlError if there is none."""
    found = _operations(document)
    if not name and len(found) == 1:
        return found[0]
    for operation in found:
        if name and operation.name == name:
            return operation
    raise GraphqlError("OPERATION_RESOLUTION_FAILURE", f"The document has no operation {name!r}.")


def _check(operation: Operation, variables: Mapping[str, Any]) -> None:
    for name, kind in operation.variables:
        value = variables.get(name)
        if not isinstance(value, _KINDS.get(kind, str)) or isinstance(value, bool):
            raise GraphqlError("BAD_USER_INPUT", f"Variable ${name} must be of the type {kind}.")


def _value(value: Any, variables: Mapping[str, Any]) -> Any:
    return variables.get(value.name) if isinstance(value, Variable) else value


def _selected(value: Any, field: Field) -> Any:
    if isinstance(value, list):
        return [_selected(item, field) for item in value]
    if value is None or not isinstance(value, dict):
        return value
    if not field.selection:
        raise GraphqlError("GRAPHQL_VALIDATION_FAILED", f"Field {field.name!r} needs a selection.")
    for wanted in field.selection:
        if wanted.name not in value:
            raise GraphqlError("GRAPHQL_VALIDATION_FAILED", f"Cannot query field {wanted.name!r}.")
    return {wanted.key: _selected(value[wanted.name], wanted) for wanted in field.selection}


@lru_cache(maxsize=256)
def _operations(document: str) -> tuple[Operation, ...]:
    """Return a document's operations: clients send the same few again and again."""
    return tuple(_Parser(document).operations())


class _Parser:
    """Reads a document from left to right; GraphqlError where it is not as expected."""

    def __init__(self, document: str) -> None:
        self._document, self._at = document, 0
        self._advance()

    def operations(self) -> Iterator[Operation]:
        while self._token:
            kind = self._take() if self._next("query", "mutation") else ""
            name = "" if not kind or self._next("(", "{") else self._name()
            variables = tuple(self._variables()) if kind and self._accept("(") else ()
            yield Operation(kind or "query", name, variables, self._selection())

    def _variables(self) -> Iterator[tuple[str, str]]:
        """Give the variables that must have a value: their types end in an exclamation mark."""
        while not self._accept(")"):
            self._expect("$")
            name = self._name()
            self._expect(":")
            kind = self._name()
            if self._accept("!"):
                yield name, kind

    def _selection(self) -> tuple[Field, ...]:
        self._expect("{")
        fields = []
        while not self._accept("}"):
            fields.append(self._field())
        return tuple(fields)

    def _field(self) -> Field:
        key = name = self._name()
        if self._accept(":"):
            name = self._name()
        arguments = dict(self._arguments()) if self._accept("(") else {}
        return Field(key, name, arguments, self._selection() if self._next("{") else ())

    def _arguments(self) -> Iterator[tuple[str, Any]]:
        while not self._accept(")"):
            name = self._name()
            self._expect(":")
            yield name, Variable(self._name()) if self._accept("$") else self._literal()

    def _literal(self) -> Any:
        token = self._take()
        if token.startswith('"'):
            return token[1:-1]
        if token[:1].isdigit() or token[:1] == "-":
            return float(token) if "." in token else int(token)
        if not token.isidentifier():
            raise self._wrong(token)
        return _CONSTANTS.get(token, token)

    def _name(self) -> str:
        token = self._take()
        if not token.isidentifier():
            raise self._wrong(token)
        return token

    def _next(self, *tokens: str) -> bool:
        return self._token in tokens

    def _accept(self, token: str) -> bool:
        if self._token != token:
            return False
        self._advance()
        return True

    def _expect(self, token: str) -> None:
        if not self._accept(token):
            raise self._wrong(self._token)

    def _take(self) -> str:
        token = self._token
        self._advance()
        return token

    def _advance(self) -> None:
        found = _TOKEN.match(self._document, self._at)
        if found is None:
            raise self._wrong(self._document[self._at : self._at + 10].strip())
        self._token, self._at = found[1], found.end()

    def _wrong(self, token: str) -> GraphqlError:
        return GraphqlError("GRAPHQL_PARSE_FAILED", f"Syntax Error: Unexpected {token or 'end'!r}.")
