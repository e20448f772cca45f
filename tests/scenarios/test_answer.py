"""How a shop tells success and failure: a table of the ways, read by `Says`."""

from typing import Any

import msgspec
import pytest

from rehearsal.model.history import Outcome
from scenarios.answer import Says, told
from scenarios.page import Page
from scenarios.reply import Reply

OK, FAIL, INFO = Outcome.OK, Outcome.FAIL, Outcome.INFO
PLAIN = Says()
REST = Says(refusals={406: "sold_out", "LIMIT": "limit_reached", 503: "unavailable"})
HTML = Says(ok=(200, 302), login="/accounts/login")
GRAPHQL = Says(
    error_at=("errors.0.extensions.code", "errors.0.message"),
    refusals={"OUT_OF_STOCK": "sold_out"},
    unknown=("INTERNAL_SERVER_ERROR",),
)


def page(status: int, body: object = None, *, error: str = "", url: str = "http://shop/x") -> Page:
    """Return an answer."""
    encoded = body.encode() if isinstance(body, str) else msgspec.json.encode({} if body is None else body)
    return Page(Reply(sent_ns=1, done_ns=2, status=status, body=encoded, error=error), url)


def failed(code: str) -> dict[str, Any]:
    """Return a GraphQL answer with an error inside."""
    return {"data": None, "errors": [{"message": "no", "extensions": {"code": code}}]}


@pytest.mark.parametrize(
    ("says", "asked", "expected"),
    [
        pytest.param(PLAIN, page(200), (OK, ""), id="a 2xx is a success"),
        pytest.param(PLAIN, page(201), (OK, ""), id="any 2xx"),
        pytest.param(PLAIN, page(302), (FAIL, "http_302"), id="a redirect that leads nowhere is none"),
        pytest.param(PLAIN, page(404, {"error": "gone"}), (FAIL, "gone"), id="a 4xx in the shop's words"),
        pytest.param(PLAIN, page(404, "<html>"), (FAIL, "http_404"), id="a 4xx without words"),
        pytest.param(PLAIN, page(500, {"error": "x"}), (INFO, "http_500"), id="a 5xx leaves everything open"),
        pytest.param(PLAIN, page(200, {"error": "no"}), (FAIL, "no"), id="an error inside a 200"),
        pytest.param(PLAIN, page(429, "<html>"), (FAIL, "busy"), id="429: turned away"),
        pytest.param(PLAIN, page(401), (FAIL, "session_expired"), id="401: nobody is known"),
        pytest.param(PLAIN, page(0, error="timeout"), (INFO, "timeout"), id="no answer"),
        pytest.param(PLAIN, page(0, error="tls"), (FAIL, "tls"), id="never sent"),
        pytest.param(
            PLAIN, page(302, error="redirect_loop"), (INFO, "redirect_loop"), id="redirects for ever"
        ),
        pytest.param(REST, page(406, {"reason": "no"}), (FAIL, "sold_out"), id="a status with a meaning"),
        pytest.param(
            REST, page(400, {"error": "LIMIT"}), (FAIL, "limit_reached"), id="a word with a meaning"
        ),
        pytest.param(REST, page(503), (FAIL, "unavailable"), id="a 5xx that promises: nothing was done"),
        pytest.param(HTML, page(302), (OK, ""), id="302 is this shop's success"),
        pytest.param(HTML, page(200, "<html>"), (OK, ""), id="so is 200"),
        pytest.param(HTML, page(204), (FAIL, "http_204"), id="what it does not name is not"),
        pytest.param(
            HTML,
            page(200, "<html>", url="http://shop/en/accounts/login/?next=/"),
            (FAIL, "session_expired"),
            id="led to the login page",
        ),
        pytest.param(GRAPHQL, page(200, {"data": {}}), (OK, ""), id="no errors inside"),
        pytest.param(
            GRAPHQL, page(200, failed("OUT_OF_STOCK")), (FAIL, "sold_out"), id="a refusal inside a 200"
        ),
        pytest.param(GRAPHQL, page(200, failed("BAD")), (FAIL, "BAD"), id="a refusal without a name of ours"),
        pytest.param(
            GRAPHQL,
            page(200, failed("INTERNAL_SERVER_ERROR")),
            (INFO, "INTERNAL_SERVER_ERROR"),
            id="an error that says nothing of the effect",
        ),
        pytest.param(
            GRAPHQL, page(200, {"errors": [{"message": "odd"}]}), (FAIL, "odd"), id="a second place to look"
        ),
    ],
)
def test_what_an_answer_means(says: Says, asked: Page, expected: tuple[Outcome, str]) -> None:
    """Outcome and error."""
    answer = told(says, asked)

    assert expected == (answer.outcome, answer.error)


def test_a_success_that_does_not_say_what_was_asked_is_unknown() -> None:
    """An empty 200 proves nothing; its facts are kept for the audit."""
    answer = told(PLAIN, page(200), False, order_id="17")

    assert (answer.outcome, answer.error, answer.order_id) == (INFO, "bad_body", "17")


def test_an_error_that_the_adapter_found_is_a_refusal() -> None:
    """HTML shops show the form again, with 200 and a sentence in it."""
    answer = told(HTML, page(200, "<p>Card declined</p>"), error="declined")

    assert (answer.outcome, answer.error) == (FAIL, "declined")


def test_an_answer_that_never_came_is_no_refusal() -> None:
    """What the adapter looks for in a page that is not there has no say."""
    answer = told(HTML, page(0, error="reset"), False, error="declined")

    assert (answer.outcome, answer.error) == (INFO, "reset")


def test_the_region_is_read_where_the_shop_names_it() -> None:
    """And an adapter that knows better has the last word."""
    named = page(200, {"meta": {"dc": "eu"}})

    assert told(Says(region_at="meta.dc"), named).region == "eu"
    assert told(Says(region_at="meta.dc"), named, region="a").region == "a"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        pytest.param("http://shop/login", "", id="who logs in asks for that very page"),
        pytest.param("http://shop/cart", "session_expired", id="who asked for the cart is led there"),
    ],
)
def test_logging_in_is_no_lost_session(asked: str, error: str) -> None:
    """A page of the login is the end of a session only for whoever asked for another."""
    led = Page(Reply(sent_ns=1, done_ns=2, status=200, body=b"{}"), "http://shop/login", asked)

    assert told(PLAIN, led).error == error


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"order_id": 17}, {"order_id": "17"}, id="an id that is a number in JSON"),
        pytest.param(
            {"order_id": None, "amount_cents": None}, {"order_id": "", "amount_cents": 0}, id="null"
        ),
        pytest.param({"qty": 2.0}, {"qty": 2}, id="a whole number with a point"),
        pytest.param({"amount_cents": -5}, {"amount_cents": -5}, id="below nothing"),
        pytest.param({"channel": OK}, {"channel": "ok"}, id="a name of an enumeration"),
    ],
)
def test_facts_are_taken_as_json_has_them(facts: dict[str, Any], expected: dict[str, Any]) -> None:
    """Of the type that the history has a column for."""
    answer = told(PLAIN, page(200), **facts)
    found = {name: getattr(answer, name) for name in expected}

    assert (expected, [*map(type, expected.values())]) == (found, [*map(type, found.values())])


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        pytest.param({"amount_cents": 19.9}, r"amount_cents is 19\.9, .*cents\(\)", id="a price"),
        pytest.param({"amount_cents": "1990"}, "amount_cents is '1990'", id="a text for a number"),
        pytest.param({"amount_cents": 10**30}, "amount_cents is 1000", id="more than any history holds"),
        pytest.param({"qty": True}, "qty is True, and not a whole number", id="a truth value"),
        pytest.param({"order_id": ["o"]}, r"order_id is \['o'\], and not a text", id="a list"),
        pytest.param({"sku": 1.5}, "sku is 1.5", id="a fraction"),
    ],
)
def test_facts_that_are_none_break_the_adapter(facts: dict[str, Any], words: str) -> None:
    """There, and not the whole run afterwards."""
    with pytest.raises(TypeError, match=words):
        told(PLAIN, page(200), **facts)


def test_an_error_as_long_as_a_page_is_cut() -> None:
    """Its beginning is its name."""
    assert told(PLAIN, page(400, {"error": "x" * 10**6})).error == "x" * 200
