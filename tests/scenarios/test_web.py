"""A shopper's browser: redirects, forms, headers, and one step of several requests."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from rehearsal.model.history import Outcome
from scenarios.reply import Reply, transport_outcome
from scenarios.web import MOST_REDIRECTS, REDIRECT_LOOP, Web

S = 1_000_000_000


@dataclass
class Scripted:
    """Answers in order, the last for ever; every request takes a second."""

    answers: list[Reply]
    asked: list[dict[str, Any]] = field(default_factory=list)
    give_up_s: float | None = None
    now_ns: int = 0

    def request(self, method: str, url: str, **asked: Any) -> Reply:
        """Answer the next."""
        if " " in url or "[bad" in url:
            raise ValueError(url)
        self.asked.append({"method": method, "url": url, **asked, "give_up_s": self.give_up_s})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        sent_ns, self.now_ns = self.now_ns, self.now_ns + S
        return msgspec.structs.replace(answer, sent_ns=sent_ns, done_ns=self.now_ns)


def led(location: str, status: int = 302) -> Reply:
    """Return a redirect."""
    return Reply(
        sent_ns=0, done_ns=0, status=status, head=f"HTTP/1.1 302 F\r\nLocation: {location}\r\n\r\n".encode()
    )


OK = Reply(sent_ns=0, done_ns=0, status=200, body=b"{}")


def web(*answers: Reply) -> tuple[Web, Scripted]:
    """Return a browser at a shop that answers so."""
    http = Scripted(list(answers))
    return Web(http, "http://shop/base"), http


def test_paths_are_added_to_the_base_or_stand_for_themselves() -> None:
    """As in a page's links: relative, from the root, whole."""
    browser, http = web(OK)

    for path in ("cart", "/cart", "http://other/cart"):
        browser.get(path)

    expected = ["http://shop/base/cart", "http://shop/cart", "http://other/cart"]
    assert expected == [each["url"] for each in http.asked]


def test_a_redirect_after_a_post_is_followed_by_get_and_counts_from_the_first() -> None:
    """The shopper waits for both; the body is not sent twice."""
    browser, http = web(led("/thanks"), OK)

    page = browser.post("/pay", form={"card": "4111", "terms": "on"})

    assert [(each["method"], each["data"]) for each in http.asked] == [
        ("POST", b"card=4111&terms=on"),
        ("GET", None),
    ]
    assert (page.url, page.status) == ("http://shop/thanks", 200)
    assert (page.reply.sent_ns, page.reply.done_ns) == (0, 2 * S)


def test_redirects_for_ever_are_an_error_of_their_own() -> None:
    """Bounded, as a browser's."""
    browser, http = web(led("/again"))

    page = browser.get("/")

    assert (page.reply.error, len(http.asked)) == (REDIRECT_LOOP, MOST_REDIRECTS + 1)


@pytest.mark.parametrize("location", ["http://[bad", "/a b"])
def test_a_redirect_to_what_is_no_address_is_itself_the_answer(location: str) -> None:
    """Whatever the shop writes there, the adapter goes on."""
    browser, http = web(led(location), OK)

    page = browser.get("/")

    assert (page.status, page.reply.error, len(http.asked)) == (302, "", 1)


@pytest.mark.parametrize(
    ("method", "error"), [("POST", "led_to_not_allowed"), ("GET", "not_allowed")], ids=["an order", "a look"]
)
def test_a_redirect_that_cannot_be_followed_leaves_open_what_was_done(method: str, error: str) -> None:
    """The order had been sent before the shop led elsewhere; a look does nothing."""
    refused = Reply(sent_ns=0, done_ns=0, error="not_allowed")
    browser, _ = web(led("http://elsewhere/"), refused)

    page = browser.send(method, "/checkout")

    assert error == page.reply.error
    assert (transport_outcome(page.reply) is Outcome.FAIL) is (method == "GET")


@pytest.mark.parametrize(
    ("first", "method", "error"),
    [
        pytest.param(OK, "POST", "led_to_connect_refused", id="after an order"),
        pytest.param(OK, "GET", "connect_refused", id="after a look"),
        pytest.param(
            Reply(sent_ns=0, done_ns=0, error="dns"), "POST", "connect_refused", id="nothing was ever sent"
        ),
    ],
)
def test_what_is_not_sent_leaves_open_what_the_step_asked_before(
    first: Reply, method: str, error: str
) -> None:
    """A step of several requests fails for certain only if none of them can have done anything."""
    browser, _ = web(first, Reply(sent_ns=0, done_ns=0, error="connect_refused"), OK)
    browser.send(method, "/checkout")

    assert error == browser.get("/orders/last").reply.error
    assert browser.get("/").reply.error == ""


def test_each_step_is_asked_for_itself() -> None:
    """What an earlier step did is known by its own answer."""
    browser, _ = web(OK, Reply(sent_ns=0, done_ns=0, error="connect_refused"))
    browser.post("/cart")
    browser.begin()

    assert browser.get("/").reply.error == "connect_refused"


def test_an_address_that_the_adapter_built_wrongly_is_its_own_mistake() -> None:
    """It is raised, and makes the run INVALID: the shop has no part in it."""
    browser, _ = web(OK)

    with pytest.raises(ValueError, match="a b"):
        browser.get("/a b")


def test_a_bearer_token_goes_with_every_request_but_not_to_another_host() -> None:
    """RFC 6750's header, and what requests and curl hold."""
    browser, http = web(OK, led("http://other/"), OK)
    browser.bearer("secret-token")

    browser.get("/a")
    browser.get("/b")

    said = [each["headers"].get("Authorization") for each in http.asked]
    assert said == ["Bearer secret-token", "Bearer secret-token", None]


def test_a_post_names_the_page_it_comes_from() -> None:
    """Django's CSRF check asks for it over https; a GET names none."""
    browser, http = web(OK)

    browser.get("/form")
    browser.post("/form", json={"a": 1}, headers={"X-CSRFToken": "t"})

    assert [each["headers"].get("Referer") for each in http.asked] == [None, "http://shop/form"]
    assert (http.asked[1]["json"], http.asked[1]["headers"]["X-CSRFToken"]) == ({"a": 1}, "t")


def test_requests_of_one_step_count_from_its_first_and_share_its_patience() -> None:
    """A shopper who gives up after 5 s has 4 left for the second request, and 3 for the third."""
    browser, http = web(OK)
    http.now_ns, http.give_up_s = 7 * S, 5.0
    browser.begin()

    browser.get("/one")
    browser.get("/two")
    page = browser.get("/three")

    assert [each["give_up_s"] for each in http.asked] == [5.0, 4.0, 3.0]
    assert (page.reply.sent_ns, page.reply.done_ns) == (7 * S, 10 * S)


def test_the_next_step_counts_anew() -> None:
    """`begin` forgets the step before, and the patience that was left of it."""
    browser, http = web(OK)
    browser.begin()
    browser.get("/one")
    http.give_up_s = None
    browser.begin()

    page = browser.get("/two")

    assert (page.reply.sent_ns, http.asked[1]["give_up_s"]) == (S, None)


def test_patience_that_is_used_up_is_not_taken_for_none() -> None:
    """What is left never becomes nothing."""
    browser, http = web(OK)
    http.give_up_s = 1.0
    browser.begin()

    browser.get("/one")
    browser.get("/two")

    assert http.asked[1]["give_up_s"] == pytest.approx(0.001)


def test_a_graphql_operation_is_named_in_its_body() -> None:
    """All share one address; the name tells them apart."""
    browser, http = web(OK)

    browser.graphql("/graphql", "mutation Buy($n: Int!) { buy(n: $n) { id } }", "Buy", n=2)

    asked = http.asked[0]
    assert (asked["json"]["operationName"], asked["json"]["variables"]) == ("Buy", {"n": 2})
