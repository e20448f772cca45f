"""The familiar face over a client that answers from a list and writes down what it was asked."""

from typing import Any

import pytest
from gevent import GreenletExit
from locust.exception import StopTest, StopUser

from scenarios.http.cookies import Jar
from scenarios.http.origin import BadUrl
from scenarios.recording.locust_stats import RequestFailed
from scenarios.reply import Reply
from scenarios.session import HttpSession

SHOP = "http://shop.test"


def answer(status: int = 200, body: bytes = b"{}", error: str = "", **head: str) -> Reply:
    """Return a reply sent at 5 and done at 9."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in head.items()]
    return Reply(sent_ns=5, done_ns=9, status=status, body=body, error=error, head=written(lines))


def written(lines: list[str]) -> bytes:
    """Return a head of these lines as it comes over the wire."""
    return "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode("latin-1")


class FakeClient:
    """Answers in order; "bad" raises as an address that is none."""

    def __init__(self, *answers: Reply) -> None:
        """Take the answers."""
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []
        self.cookies = Jar()

    def request(self, method: str, url: str, **content: Any) -> Reply:
        """Answer the next."""
        url = content.pop("base", "") + url
        self.asked.append({"method": method, "url": url, **content})
        if "bad" in url:
            raise BadUrl(url)
        return self.answers.pop(0)


class Lab:
    """A session, its client and what it counted."""

    def __init__(self, *answers: Reply) -> None:
        """Take the answers."""
        self.client = FakeClient(*answers)
        self.counted: list[tuple[str, str, str, int, int, int]] = []
        self.session = HttpSession(f"{SHOP}/", self.client, self._take)  # type: ignore[arg-type]

    def _take(self, method: str, name: str, error: str, due_ns: int, sent_ns: int, reply: Reply) -> None:
        self.counted.append((method, name, error, due_ns, sent_ns, reply.done_ns))


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "head", "options"])
def test_each_verb_is_a_method(verb: str) -> None:
    """It asks with its own name, and counts under the path."""
    lab = Lab(answer())
    getattr(lab.session, verb)("/x")

    assert [(asked["method"], asked["url"]) for asked in lab.client.asked] == [(verb.upper(), f"{SHOP}/x")]
    assert lab.counted == [(verb.upper(), "/x", "", 5, 5, 9)]


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        pytest.param({"json": {"a": 1}}, {"json": {"a": 1}, "data": None}, id="json"),
        pytest.param({"data": b"raw"}, {"data": b"raw", "headers": {}}, id="bytes as they are"),
        pytest.param({"data": "text"}, {"data": b"text"}, id="text as UTF-8"),
        pytest.param(
            {"data": {"a": "b c"}},
            {"data": b"a=b+c", "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
            id="a form",
        ),
        pytest.param({"params": {"q": "x y", "n": [1, 2]}}, {"url": f"{SHOP}/x?q=x+y&n=1&n=2"}, id="params"),
        pytest.param({"headers": {"A": "b"}}, {"headers": {"A": "b"}}, id="headers"),
        pytest.param(
            {"auth": ("u", "p")}, {"headers": {"Authorization": "Basic dTpw"}}, id="basic authentication"
        ),
        pytest.param({"timeout": 3}, {"timeout_s": 3}, id="a timeout"),
        pytest.param({"timeout": (1, 3)}, {"timeout_s": 3}, id="requests' pair of timeouts"),
        pytest.param({"name": "n"}, {"url": f"{SHOP}/x"}, id="a name changes nothing that is sent"),
    ],
)
def test_what_requests_takes_is_taken(options: dict[str, Any], sent: dict[str, Any]) -> None:
    """Each option ends up where the client sends it from."""
    lab = Lab(answer())
    lab.session.request("POST", "/x", **options)
    (asked,) = lab.client.asked

    assert {key: asked[key] for key in sent} == sent
    assert lab.counted[0][1] == options.get("name", "/x")


def test_params_are_added_to_a_query_that_is_there() -> None:
    """With an ampersand, and an absolute address is taken as it is."""
    lab = Lab(answer())
    lab.session.get("https://else.test/x?a=1", params={"b": 2})

    assert lab.client.asked[0]["url"] == "https://else.test/x?a=1&b=2"


def test_an_option_nobody_knows_is_refused() -> None:
    """Better than a request that is silently another than was meant."""
    with pytest.raises(TypeError, match="files"):
        Lab().session.post("/x", files={})


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        pytest.param(answer(204), "", id="no content is good"),
        pytest.param(answer(404), "http_404", id="not found"),
        pytest.param(answer(503), "http_503", id="unavailable"),
        pytest.param(answer(0, error="timeout"), "timeout", id="no answer"),
    ],
)
def test_a_failure_is_counted_by_what_came(reply: Reply, error: str) -> None:
    """As Locust counts: 400 and above, or nothing at all; an exception is never raised."""
    lab = Lab(reply)
    response = lab.session.get("/x")

    assert [counted[2] for counted in lab.counted] == [error]
    assert (response.ok, response.status_code) == (not error, reply.status)


def test_the_due_time_is_used_up_by_the_first_request() -> None:
    """Later requests of a task are due when they are sent."""
    lab = Lab(answer(), answer())
    lab.session.due_ns = 2
    lab.session.get("/a")
    lab.session.get("/b")

    assert [(name, due) for _, name, _, due, _, _ in lab.counted] == [("/a", 2), ("/b", 5)]


@pytest.mark.parametrize(
    ("act", "reply", "error"),
    [
        pytest.param("nothing", answer(), "", id="left alone and good"),
        pytest.param("nothing", answer(500), "http_500", id="left alone and bad"),
        pytest.param("success", answer(404), "", id="a 404 that is fine"),
        pytest.param("failure", answer(), "wrong page", id="a 200 that is not"),
        pytest.param("raise", answer(), "KeyError: 'x'", id="an exception inside"),
        pytest.param("refuse", answer(500), "http_500", id="raise_for_status inside"),
    ],
)
def test_a_user_may_say_what_counts(act: str, reply: Reply, error: str) -> None:
    """Within catch_response the request is counted once, at the end, by what was said."""
    lab = Lab(reply)

    def look() -> None:
        with lab.session.get("/x", catch_response=True) as response:
            assert lab.counted == []
            if act == "success":
                response.success()
            elif act == "failure":
                response.failure("wrong page")
            elif act == "raise":
                raise KeyError("x")
            elif act == "refuse":
                response.raise_for_status()

    if act == "raise":
        with pytest.raises(KeyError):
            look()
    else:
        look()

    assert [counted[2] for counted in lab.counted] == [error]


def test_a_context_that_was_not_asked_for_counts_nothing_twice() -> None:
    """`with` around an ordinary response is harmless."""
    lab = Lab(answer())
    with lab.session.get("/x") as response:
        response.failure("too late")

    assert [counted[2] for counted in lab.counted] == [""]


REDIRECTIONS = [
    pytest.param(301, "POST", "GET", None, id="moved: browsers ask again by GET"),
    pytest.param(302, "POST", "GET", None, id="found: the same"),
    pytest.param(303, "PUT", "GET", None, id="see other"),
    pytest.param(307, "POST", "POST", {"a": 1}, id="temporary: the same request again"),
    pytest.param(308, "POST", "POST", {"a": 1}, id="permanent: the same request again"),
]


@pytest.mark.parametrize(("status", "before", "after", "json"), REDIRECTIONS)
def test_redirects_are_followed(status: int, before: str, after: str, json: Any) -> None:
    """The last answer is the response; its way is the history; it is counted once, from the first send."""
    lab = Lab(answer(status, location="/there?x=1"), answer(200, b"[]"))
    response = lab.session.request(before, "/here", json={"a": 1}, headers={"Content-Type": "x", "B": "c"})
    second = lab.client.asked[1]

    assert (second["method"], second["url"], second["json"]) == (after, f"{SHOP}/there?x=1", json)
    assert ("Content-Type" in second["headers"]) is (json is not None)
    assert (response.url, [step.status_code for step in response.history]) == (f"{SHOP}/there?x=1", [status])
    assert [counted[:3] for counted in lab.counted] == [(before, "/here", "")]


def test_credentials_stay_with_the_shop_they_were_meant_for() -> None:
    """A redirect to another origin goes without Authorization."""
    lab = Lab(answer(302, location="/same"), answer(302, location="http://else.test/"), answer())
    lab.session.get("/x", auth=("u", "p"))

    assert ["Authorization" in asked["headers"] for asked in lab.client.asked] == [True, True, False]


@pytest.mark.parametrize(
    ("reply", "asked"),
    [
        pytest.param(answer(302), 1, id="no location"),
        pytest.param(answer(302, location="http://[bad/"), 1, id="a location that is no address"),
        pytest.param(answer(302, location="bad://x"), 2, id="one that cannot be asked"),
        pytest.param(answer(304), 1, id="not modified is no redirect"),
    ],
)
def test_a_redirect_that_leads_nowhere_is_the_answer(reply: Reply, asked: int) -> None:
    """The shop's nonsense raises nothing in the user."""
    lab = Lab(reply)

    assert lab.session.get("/x").status_code == reply.status
    assert len(lab.client.asked) == asked


def test_a_cookie_the_caller_wrote_stays_with_its_shop() -> None:
    """It may be a session's: another origin must not have it."""
    lab = Lab(answer(302, location="http://else.test/"), answer())
    lab.session.get("/x", headers={"Cookie": "session=1", "X": "y"})

    assert lab.client.asked[1]["headers"] == {"X": "y"}


def test_the_due_time_belongs_to_the_request_that_begins_first() -> None:
    """Another that is sent meanwhile, and ends sooner, does not take it."""
    lab = Lab(answer(), answer())
    ask = lab.client.request

    def slow(method: str, url: str, **content: Any) -> Reply:
        lab.client.request = ask  # type: ignore[method-assign]
        lab.session.get("/second")
        return ask(method, url, **content)

    lab.client.request = slow  # type: ignore[method-assign]
    lab.session.due_ns = 2
    lab.session.get("/first")

    assert [(name, due) for _, name, _, due, _, _ in lab.counted] == [("/second", 5), ("/first", 2)]


@pytest.mark.parametrize("flow", [StopUser(), StopTest(), GreenletExit()])
def test_the_end_of_a_task_or_user_is_no_failure(flow: BaseException) -> None:
    """Whoever is stopped inside the context had a good answer."""
    lab = Lab(answer())

    with pytest.raises(type(flow)), lab.session.get("/x", catch_response=True):
        raise flow

    assert [counted[2] for counted in lab.counted] == [""]


def test_only_what_had_to_be_waited_for_lets_others_run() -> None:
    """A request this machine refuses counts as no answer: its user must pause before the next."""
    lab = Lab(answer(0, error="no_socket"), answer())
    lab.session.get("/x")
    asked = lab.session.asked
    lab.session.get("/x")

    assert (asked, lab.session.asked) == (0, 1)


def test_redirects_end() -> None:
    """A shop that sends its shoppers in a circle is left after ten."""
    lab = Lab(*(answer(302, location="/x") for _ in range(30)))
    response = lab.session.get("/x")

    assert (response.status_code, len(response.history), len(lab.client.asked)) == (302, 10, 11)


def test_redirects_are_left_alone_when_asked() -> None:
    """So too by HEAD, as requests does it."""
    lab = Lab(answer(302, location="/y"), answer(302, location="/y"))

    assert lab.session.get("/x", allow_redirects=False).is_redirect
    assert lab.session.head("/x").is_redirect


def test_a_response_reads_as_requests_does() -> None:
    """Text by its charset, JSON, headers in any case and joined, elapsed, the error."""
    reply = Reply(
        sent_ns=0,
        done_ns=2_000_000_000,
        status=200,
        body='{"ü": 1}'.encode("latin-1"),
        head=written(['Content-Type: text/html; charset="latin-1"', "X-A: 1", "x-a: 2"]),
    )
    response = Lab(reply).session.get("/x")

    assert (response.text, response.content) == ('{"ü": 1}', reply.body)
    assert (response.headers["X-A"], "Nope" in response.headers) == ("1, 2", False)
    assert (sorted(response.headers), len(response.headers)) == (["content-type", "x-a"], 2)
    assert (response.elapsed.total_seconds(), response.error, response.ok) == (2.0, None, True)
    response.raise_for_status()


def test_a_charset_nobody_knows_is_utf_8() -> None:
    """A page is shown as well as it can be."""
    response = Lab(answer(200, "ü".encode(), content_type="text/html; charset=klingon")).session.get("/x")

    assert response.text == "ü"


def test_no_answer_has_an_error() -> None:
    """Its class is told, and raise_for_status raises it."""
    response = Lab(answer(0, error="reset")).session.get("/x")

    assert str(response.error) == "reset"
    with pytest.raises(RequestFailed, match="reset"):
        response.raise_for_status()


def test_json_that_is_none_is_a_value_error() -> None:
    """As users of requests expect."""
    with pytest.raises(ValueError, match="JSON"):
        Lab(answer(200, b"<html>")).session.get("/x").json()


def test_cookies_are_the_clients() -> None:
    """A user can look at them."""
    lab = Lab(answer())
    lab.client.cookies.store("a=b", "shop.test", "/")

    assert lab.session.cookies == {"a": "b"}
