from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples.graphql_kit import language

PRODUCT = {"sku": "mug", "price": "12.90", "parts": [{"name": "lid", "of": {"stuff": "tin"}}]}


def resolve(kind: str, name: str, arguments: dict[str, Any]) -> Any:
    """Answer a few fields; `echo` says what it was given."""
    if name == "echo":
        return {"kind": kind, "given": [{"name": key, "value": arguments[key]} for key in sorted(arguments)]}
    if name == "product":
        return PRODUCT
    if name == "nothing":
        return None
    if name == "broken":
        raise ZeroDivisionError
    raise language.GraphqlError("SOLD_OUT", "All gone.")


def asked(document: str, name: str = "", **variables: Any) -> dict[str, Any]:
    """Return the answer to a document."""
    answer: dict[str, Any] = language.execute(document, name, variables, resolve)
    return answer


def codes(answer: dict[str, Any]) -> list[str]:
    """Return the codes of an answer's errors."""
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param("{ product { sku } }", {"product": {"sku": "mug"}}, id="without a name it is a query"),
        pytest.param("query Q { it: product { id: sku } }", {"it": {"id": "mug"}}, id="aliases"),
        pytest.param("query { a: nothing b: nothing }", {"a": None, "b": None}, id="the same field twice"),
        pytest.param(
            "{ product { parts { name of { stuff } } } }",
            {"product": {"parts": [{"name": "lid", "of": {"stuff": "tin"}}]}},
            id="lists and what is within",
        ),
        pytest.param(
            "# a comment\n{ product, { sku, } }", {"product": {"sku": "mug"}}, id="commas, comments"
        ),
        pytest.param(
            'mutation { echo(a: 2, b: -1.5, c: "x y", d: true, e: null, f: RED) { kind given { value } } }',
            {
                "echo": {
                    "kind": "mutation",
                    "given": [{"value": value} for value in (2, -1.5, "x y", True, None, "RED")],
                }
            },
            id="literals of every kind",
        ),
    ],
)
def test_an_operation_gets_what_it_selects(document: str, expected: dict[str, Any]) -> None:
    """Nothing more, and under the names that it gives."""
    assert asked(document) == {"data": expected}


def test_the_operation_that_is_named_is_carried_out_with_its_variables() -> None:
    """Of several in one document; a variable that need not be there is null."""
    document = "query A { nothing } mutation B($n: Int!, $m: ID) { echo(n: $n, m: $m) { given { value } } }"

    assert asked(document, "B", n=3) == {"data": {"echo": {"given": [{"value": None}, {"value": 3}]}}}
    assert asked(document, "A") == {"data": {"nothing": None}}


def test_an_error_of_one_field_leaves_the_others_standing() -> None:
    """The field is null, and the error names its path and its code."""
    answer = asked("{ gone product { sku } }")

    assert answer["data"] == {"gone": None, "product": {"sku": "mug"}}
    assert answer["errors"] == [
        {"message": "All gone.", "path": ["gone"], "extensions": {"code": "SOLD_OUT"}}
    ]


@pytest.mark.parametrize(
    ("document", "name", "code"),
    [
        pytest.param("{ product { sku }", "", "GRAPHQL_PARSE_FAILED", id="a bracket is missing"),
        pytest.param("{ product(sku 1) { sku } }", "", "GRAPHQL_PARSE_FAILED", id="a colon is missing"),
        pytest.param("{ product(sku: $) { sku } }", "", "GRAPHQL_PARSE_FAILED", id="a name is missing"),
        pytest.param("{ product(sku: {) { sku } }", "", "GRAPHQL_PARSE_FAILED", id="no value"),
        pytest.param("fragment F on X { a }", "", "GRAPHQL_PARSE_FAILED", id="fragments are not in it"),
        pytest.param("{ a } ???", "", "GRAPHQL_PARSE_FAILED", id="letters of no language"),
        pytest.param("", "", "OPERATION_RESOLUTION_FAILURE", id="nothing at all"),
        pytest.param("query A { a } query B { b }", "", "OPERATION_RESOLUTION_FAILURE", id="which of two"),
        pytest.param("query A { a }", "B", "OPERATION_RESOLUTION_FAILURE", id="no such operation"),
        pytest.param("query A($n: Int!) { nothing }", "A", "BAD_USER_INPUT", id="a variable is missing"),
    ],
)
def test_an_operation_that_is_wrong_has_no_data(document: str, name: str, code: str) -> None:
    """The answer says why, by a code."""
    answer = asked(document, name)

    assert codes(answer) == [code]
    assert "data" not in answer


@pytest.mark.parametrize(
    ("document", "code"),
    [
        pytest.param("{ product { colour } }", "GRAPHQL_VALIDATION_FAILED", id="no such field"),
        pytest.param("{ broken }", "INTERNAL_SERVER_ERROR", id="what breaks over it"),
        pytest.param("{ product }", "GRAPHQL_VALIDATION_FAILED", id="an object without a selection"),
    ],
)
def test_what_cannot_be_had_is_told_by_a_code(document: str, code: str) -> None:
    """A field that is not there is not left out in silence; the server goes on though a resolver broke."""
    assert codes(asked(document)) == [code]


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        pytest.param(2, True, id="a number"),
        pytest.param("2", False, id="a text"),
        pytest.param(True, False, id="a truth value"),
    ],
)
def test_a_variable_must_be_of_its_type(value: object, fits: bool) -> None:
    """What clients send is not believed."""
    answer = asked("query A($n: Int!) { nothing }", "A", n=value)

    assert codes(answer) == ([] if fits else ["BAD_USER_INPUT"])


@given(st.text(alphabet='{}():!$"#,. \nabquerymutation01-'))
def test_any_text_is_answered(document: str) -> None:
    """With data or with errors; the parser neither breaks nor goes round in circles."""
    answer = asked(document)

    assert set(answer) <= {"data", "errors"}
    assert answer
