"""A refusal that is a mere status leaves open what the step's earlier requests did; its words do not."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from rehearsal.model.history import Outcome
from scenarios.answer import Says, told
from scenarios.reply import Reply
from scenarios.web import Web

FAIL, INFO = Outcome.FAIL, Outcome.INFO
OK: tuple[int, Any, str] = (200, {}, "")
#: A request's method, and what is answered to it: status, JSON body, Location.
Asked = tuple[str, Sequence[tuple[int, Any, str]]]


class Script:
    """A shop that says what is written."""

    give_up_s: float | None = None

    def __init__(self, answers: Sequence[tuple[int, Any, str]]) -> None:
        """Take status, body and Location of each answer."""
        self._answers = iter(answers)

    def request(self, method: str, url: str, **_: Any) -> Reply:
        """Answer the next; ValueError for what is no address, as the load's client has it."""
        if "[" in url:
            raise ValueError(method)
        status, body, location = next(self._answers)
        head = f"HTTP/1.1 {status} x\r\n" + (f"Location: {location}\r\n" if location else "") + "\r\n"
        encoded = msgspec.json.encode(body)
        error = "" if status else "connect_refused"
        return Reply(sent_ns=1, done_ns=2, status=status, head=head.encode(), body=encoded, error=error)


def after(says: Says, *asked: Asked) -> tuple[Outcome, str]:
    """Return outcome and error of a step that asks so, one request after another."""
    web = Web(Script([answer for _, answers in asked for answer in answers]), "http://shop")
    web.begin()
    for method, _ in asked:
        page = web.send(method, "/somewhere")
    answer = told(says, page)
    return answer.outcome, answer.error


BOUGHT: Asked = ("POST", [OK])
LOOKED: Asked = ("GET", [OK])
LOST: Asked = ("POST", [(0, {}, "")])
LED: tuple[int, Any, str] = (302, {}, "/thanks")
TO_LOGIN: tuple[int, Any, str] = (302, {}, "/login?next=/")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param([("POST", [(429, {}, "")])], (FAIL, "busy"), id="the first request is turned away"),
        pytest.param([LOOKED, ("POST", [(429, {}, "")])], (FAIL, "busy"), id="a look does nothing"),
        pytest.param([LOST, ("POST", [(429, {}, "")])], (FAIL, "busy"), id="nor what was never sent"),
        pytest.param([BOUGHT, ("GET", [(429, {}, "")])], (INFO, "busy"), id="a later page is busy"),
        pytest.param(
            [BOUGHT, ("POST", [(429, {}, "")])], (INFO, "busy"), id="a later request is turned away"
        ),
        pytest.param([("POST", [LED, (429, {}, "")])], (INFO, "busy"), id="the page of thanks is busy"),
        pytest.param(
            [BOUGHT, ("GET", [(401, {"error": "expired"}, "")])], (INFO, "session_expired"), id="401 later on"
        ),
        pytest.param([("POST", [(401, {}, "")])], (FAIL, "session_expired"), id="401 at once"),
        pytest.param(
            [("POST", [TO_LOGIN, OK])], (FAIL, "session_expired"), id="led to the login instead of the deed"
        ),
        pytest.param(
            [("POST", [LED, TO_LOGIN, OK])], (INFO, "session_expired"), id="led there from the page of thanks"
        ),
        pytest.param(
            [("POST", [TO_LOGIN, OK]), ("GET", [(429, {}, "")])],
            (FAIL, "busy"),
            id="nothing was done by then",
        ),
        pytest.param([("POST", [LED, (404, {}, "")])], (INFO, "http_404"), id="no page of thanks"),
        pytest.param([LOOKED, ("GET", [(404, {}, "")])], (FAIL, "http_404"), id="no page"),
        pytest.param([BOUGHT, ("POST", [(400, {}, "")])], (FAIL, "http_400"), id="the last deed is refused"),
        pytest.param(
            [BOUGHT, ("POST", [(400, {"error": "no"}, "")])], (FAIL, "no"), id="refused in the shop's words"
        ),
        pytest.param([("POST", [(302, {}, "http://[bad")])], (INFO, "http_302"), id="led to no address"),
        pytest.param([("GET", [(302, {}, "")])], (FAIL, "http_302"), id="a look led nowhere"),
    ],
)
def test_what_a_step_of_several_requests_came_to(asked: list[Asked], expected: tuple[Outcome, str]) -> None:
    """Fail only where nothing can have been done."""
    assert expected == after(Says(), *asked)


def test_an_adapter_that_knows_its_shop_has_the_last_word() -> None:
    """Where a shop promises that whoever is turned away has nothing, that is said once."""
    says = Says(refusals={429: "busy"})

    turned_away: Asked = ("POST", [(429, {}, "")])
    found = [after(says, BOUGHT, turned_away), after(Says(unknown=("busy",)), turned_away)]

    assert found == [(FAIL, "busy"), (INFO, "busy")]


def test_each_step_begins_anew() -> None:
    """What an earlier step did is known by its own answer."""
    web = Web(Script([OK, (429, {}, "")]), "http://shop")
    web.post("/cart")
    web.begin()

    assert told(Says(), web.get("/orders")).outcome is FAIL
