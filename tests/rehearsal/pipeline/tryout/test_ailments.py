"""Each thing that shops do to whoever rehearses them is named in one sentence: step, address, mend."""

from collections.abc import Iterable

import pytest

from rehearsal.model.plan import VisitKind
from rehearsal.pipeline.tryout.ailments import ailments_of, what_came
from rehearsal.pipeline.tryout.sight import Sight, State
from rehearsal.pipeline.tryout.visits import steps_of
from scenarios.tryout.told import Exchange, StepTold
from tests.hostile.tried import tried

HTML = "200 with an HTML page titled “Please sign in”"
FIVE = [
    pytest.param(
        "loop",
        "POST /orders redirects for ever (/orders → /orders?again=1 → /orders?again=2 …); send the header",
        id="redirects for ever",
    ),
    pytest.param("html", f"POST /orders answers HTML instead of JSON ({HTML}): a login", id="HTML for JSON"),
    pytest.param(
        "expired",
        "POST /orders finds the session ended after 3 good steps (401); let its sessions outlive a visit",
        id="a session that ends in the midst",
    ),
    pytest.param(
        "led_to_login",
        "POST /orders finds the session ended after 3 good steps (led to /account/login); let its sessions",
        id="and one that is led to the door",
    ),
    pytest.param(
        "busy",
        "POST /orders is turned away with 429 (too many requests), and asks to wait 7 s; let test traffic",
        id="a rate limit",
    ),
]
OTHERS = [
    pytest.param(
        "silent", "POST /orders had no whole answer within 0.5 s; see what the shop waits", id="no answer"
    ),
    pytest.param("missing", "there is no POST /orders (the shop answers 404); correct the path", id="404"),
    pytest.param(
        "away",
        "POST /orders leads to pay.example, which is neither this machine nor allowed, so nothing was sent "
        'there; if you may load it, name it: [target] allow = ["pay.example"].',
        id="a host that is not allowed",
    ),
    pytest.param("broken", "the shop breaks over POST /orders (500 with an HTML page", id="a 5xx"),
    pytest.param("forbidden", "POST /orders is forbidden (403 with an HTML page", id="a CSRF token missing"),
    pytest.param("cut", "POST /orders was answered with less than the answer's Content-Length", id="cut"),
]


@pytest.mark.parametrize(("ail", "words"), [*FIVE, *OTHERS])
def test_it_is_named_in_one_sentence(ail: str, words: str) -> None:
    """One sentence, which begins with visit and step, and says what to do."""
    found = ailments_of(steps_of(tried({"/orders": ail})), 0.5)

    assert [sight.state for sight in found] == [State.WRONG]
    assert found[0].sentence.startswith(f"cart, step order: {words}")
    assert found[0].sentence.endswith(".")
    assert ";" in found[0].sentence


def test_the_same_thing_is_said_once() -> None:
    """What three kinds of visits meet at one address is one ailment."""
    kinds = (VisitKind.BROWSE, VisitKind.CART, VisitKind.FLASH_SALE)
    found = ailments_of(steps_of(tried({"/login": "busy"}, *kinds)), 0.5)

    assert [sight.sentence[:33] for sight in found] == ["browse, step route: POST /login i"]


def step(error: str, *exchanges: Exchange, name: str = "order", outcome: str = "fail") -> StepTold:
    """Return a step that ended so."""
    return StepTold(
        kind=VisitKind.CART, step=name, shopper="s", outcome=outcome, error=error, exchanges=exchanges
    )


def asked(**facts: object) -> Exchange:
    """Return a request."""
    return Exchange(**{"method": "POST", "url": "http://shop.example/orders", **facts})  # type: ignore[arg-type]


def said(sights: Iterable[Sight]) -> list[str]:
    """Return the sentences."""
    return [sight.sentence for sight in sights]


@pytest.mark.parametrize(
    ("told", "state", "words"),
    [
        pytest.param(
            step("sold_out", asked(status=406)), State.WARN, "so what comes after it was not tried", id="no"
        ),
        pytest.param(
            step("declined", asked(status=402)), State.WRONG, "the shop says 'declined'", id="another no"
        ),
        pytest.param(
            step("bad_body", asked(status=200, content="application/json", length=9)),
            State.WRONG,
            "answers 200 with application/json, which does not say what the adapter asked for",
            id="an answer that does not say it",
        ),
        pytest.param(
            step("bad_body", asked(status=200)), State.WRONG, "200 with no body", id="an empty answer"
        ),
        pytest.param(
            step("session_expired", asked(status=401)),
            State.WRONG,
            "ended from the first step on (401); log in in the adapter's open()",
            id="never logged in",
        ),
        pytest.param(
            step("led_to_dns", asked(status=302), asked(method="GET", error="dns")),
            State.WRONG,
            "goes to shop.example, a name that does not resolve",
            id="led to a name that is none",
        ),
        pytest.param(
            step("bad_body", asked(status=200, content="text/html"), asked(status=200, content="text/html")),
            State.WRONG,
            "answers another page than the adapter looks for",
            id="a shop of pages",
        ),
        pytest.param(
            step("http_403", asked(status=403, operation="Buy")),
            State.WRONG,
            "POST /orders (Buy) is forbidden",
            id="an operation of a shared address",
        ),
        pytest.param(step("reset", asked(error="reset")), State.WRONG, "its connection broken", id="a reset"),
        pytest.param(
            step("bad_answer", asked(error="bad_answer")),
            State.WRONG,
            "or larger than 4 MiB",
            id="what is not HTTP, or a page without an end",
        ),
    ],
)
def test_other_answers(told: StepTold, state: State, words: str) -> None:
    """A correct shop's refusal is a warning, for what follows was not tried; all else must be mended."""
    found = ailments_of([told], 5.0)

    assert [sight.state for sight in found] == [state]
    assert words in found[0].sentence


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(step("", asked(status=200), outcome="ok"), id="ok"),
        pytest.param(step("pending", asked(status=202), outcome="info"), id="accepted, not decided"),
        pytest.param(step("own_words"), id="nothing was sent"),
    ],
)
def test_what_ails_nobody(told: StepTold) -> None:
    """What a shopper may be told is no ailment."""
    assert ailments_of([told], 5.0) == ()


def test_what_came_in_words() -> None:
    """An error is no answer."""
    assert what_came(asked(error="timeout")) == "no answer (timeout)"
    assert said([]) == []
