from itertools import count, repeat
from typing import Any

import httpx
import pytest

from chaos import toxics
from chaos.met import Fate, Met, judged, meet
from chaos.toxics import Stream, Toxic, ToxicKind

URL = "http://listener"


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        pytest.param(httpx.ConnectError, Fate.REFUSED, id="nobody listens"),
        pytest.param(httpx.ReadTimeout, Fate.SILENT, id="no answer"),
        pytest.param(httpx.ConnectTimeout, Fate.SILENT, id="no connection"),
        pytest.param(httpx.ReadError, Fate.RESET, id="reset"),
        pytest.param(httpx.WriteError, Fate.RESET, id="reset while sending"),
        pytest.param(httpx.RemoteProtocolError, Fate.ENDED, id="cut off"),
        pytest.param(None, Fate.ANSWERED, id="answered"),
    ],
)
def test_what_a_client_meets(error: Any, fate: Fate) -> None:
    """Every way in which a request can end has a word, and the time it took."""
    times = iter((1.0, 3.5))

    def serve(request: httpx.Request) -> httpx.Response:
        if error:
            raise error("x", request=request)
        return httpx.Response(204)

    met = meet(httpx.Client(transport=httpx.MockTransport(serve)), URL, lambda: next(times))

    assert met == Met(fate=fate, took_s=2.5, status=0 if error else 204)


def test_a_page_that_drips_was_not_answered() -> None:
    """Each piece comes in time, and the whole never: nobody waits for it any longer."""
    pages = httpx.MockTransport(lambda _: httpx.Response(200, content=repeat(b"x")))
    times = count(1.0, 3.0)

    assert meet(httpx.Client(transport=pages), URL, lambda: next(times)).fate is Fate.SILENT


SILENT = Met(fate=Fate.SILENT, took_s=1.0)
QUICK = Met(fate=Fate.ANSWERED, took_s=0.01, status=200)
LATE = Met(fate=Fate.ANSWERED, took_s=0.5, status=200)


@pytest.mark.parametrize(
    ("toxic", "met", "proven"),
    [
        pytest.param(toxics.requests_lost(), SILENT, True, id="lost requests are silence"),
        pytest.param(toxics.answers_lost(), SILENT, True, id="lost answers are silence"),
        pytest.param(toxics.answers_lost(), QUICK, False, id="an answer was not lost"),
        pytest.param(toxics.answers_lost(), LATE, False, id="a late answer was not lost"),
        pytest.param(toxics.answers_reset(), Met(fate=Fate.RESET, took_s=0.0), True, id="a reset"),
        pytest.param(toxics.answers_cut(0), Met(fate=Fate.ENDED, took_s=0.0), True, id="a cut"),
        pytest.param(toxics.answers_cut(0), SILENT, False, id="silence is no cut"),
        pytest.param(toxics.answers_late(400), LATE, True, id="late enough"),
        pytest.param(toxics.answers_late(700, jitter_ms=300), LATE, True, id="late enough, with luck"),
        pytest.param(toxics.answers_late(700), LATE, False, id="not late enough"),
        pytest.param(toxics.answers_late(3000), SILENT, True, id="later than anybody waits"),
        pytest.param(toxics.answers_late(300), SILENT, False, id="silence for longer than the delay"),
        pytest.param(toxics.requests_frozen(), SILENT, True, id="frozen"),
        pytest.param(toxics.requests_frozen(), LATE, False, id="not frozen"),
        pytest.param(toxics.answers_throttled(1), LATE, True, id="a crawl"),
        pytest.param(toxics.answers_throttled(1), QUICK, False, id="no crawl"),
        pytest.param(
            toxics.answers_sliced(average_bytes=10, variation_bytes=1, delay_us=20_000),
            LATE,
            True,
            id="slices",
        ),
        pytest.param(
            toxics.answers_sliced(average_bytes=10, variation_bytes=1, delay_us=20_000),
            QUICK,
            False,
            id="whole",
        ),
        pytest.param(toxics.closing_late(50), QUICK, True, id="a late closing shows nowhere"),
        pytest.param(toxics.closing_late(50), SILENT, False, id="a late closing is no silence"),
        pytest.param(
            Toxic(name="n", kind=ToxicKind.NOOP, stream=Stream.ANSWER, attributes={}),
            QUICK,
            False,
            id="nothing",
        ),
        pytest.param(
            toxics.answers_lost(),
            Met(fate=Fate.REFUSED, took_s=0.0),
            False,
            id="a closed listener is another fault",
        ),
    ],
)
def test_what_a_toxic_must_make_it_meet(toxic: Toxic, met: Met, proven: bool) -> None:
    """A canary proves a toxic only if it met what that toxic does."""
    seen = judged("pay", (toxic,), met)

    assert seen.proven is proven
    assert str(met) in seen.saw


def test_words() -> None:
    """What was met reads as the end of a sentence."""
    assert str(QUICK) == "was answered 200 after 0.01 s"
    assert str(SILENT) == "was not answered after 1.00 s"
