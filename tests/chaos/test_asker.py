"""Who answers behind a link, asked as the plan says."""

from collections.abc import Callable

import httpx
import pytest

from chaos import toxics
from chaos.asker import Asker
from chaos.drill import Evidence
from chaos.met import Fate, Met
from chaos.toxics import Toxic
from rehearsal.model.plan_shop import Link, Probe

URL = "http://127.0.0.1:9"


def asker(probe: Probe, met: Met | httpx.Response | Exception) -> Asker:
    """Return one whose link is met like that."""

    def serve(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == f"{URL}/status"
        assert isinstance(met, httpx.Response | Exception)
        if isinstance(met, Exception):
            raise met
        return met

    def greet(*_: object, **__: object) -> Met:
        assert isinstance(met, Met)
        return met

    link = Link(name="psp", upstream="127.0.0.1:1", listen="127.0.0.1:9", probe=probe, health="/status")
    return Asker(
        httpx.Client(transport=httpx.MockTransport(serve)),
        links={"psp": link},
        now_s=lambda: 0.0,
        greet=greet,
    )


def met(fate: Fate, took_s: float = 0.0) -> Met:
    """Return what a greeting met."""
    return Met(fate=fate, took_s=took_s)


REFUSED, ANSWERED = httpx.ConnectError("refused"), met(Fate.ANSWERED)


@pytest.mark.parametrize(
    ("probe", "seen", "refused", "answered"),
    [
        pytest.param(Probe.HTTP, httpx.Response(404), False, True, id="any status is an answer"),
        pytest.param(Probe.HTTP, REFUSED, True, False, id="http refused"),
        pytest.param(Probe.HTTP, httpx.ReadTimeout("late"), False, False, id="http silent"),
        pytest.param(Probe.POSTGRES, ANSWERED, False, True, id="greeted"),
        pytest.param(Probe.POSTGRES, met(Fate.REFUSED), True, False, id="refused"),
        pytest.param(Probe.POSTGRES, met(Fate.STRANGE), False, False, id="another protocol"),
        pytest.param(Probe.TCP, met(Fate.ACCEPTED), False, True, id="kept"),
        pytest.param(Probe.TCP, met(Fate.ENDED), False, False, id="nobody behind"),
    ],
)
def test_closed_and_open(
    probe: Probe,
    seen: Met | httpx.Response | Exception,
    refused: bool,
    answered: bool,
) -> None:
    """A link is closed if it refuses, open if somebody answers as the plan says, and else neither."""
    asked = asker(probe, seen)

    assert (asked.refused("psp", URL).proven, asked.answered("psp", URL).proven) == (refused, answered)


LATE, CUT = toxics.answers_late(300), toxics.answers_cut(100)


@pytest.mark.parametrize(
    ("probe", "seen", "bad", "expected"),
    [
        pytest.param(
            Probe.POSTGRES,
            met(Fate.ANSWERED, 0.31),
            LATE,
            Evidence(proven=True, saw="the postgres probe of psp was answered after 0.31 s"),
            id="met",
        ),
        pytest.param(
            Probe.POSTGRES,
            met(Fate.ANSWERED, 0.01),
            LATE,
            Evidence(proven=False, saw="the postgres probe of psp was answered after 0.01 s"),
            id="a fault that does not work",
        ),
        pytest.param(
            Probe.TCP,
            met(Fate.ACCEPTED, 0.2),
            LATE,
            Evidence(
                proven=True,
                saw="Toxiproxy confirms latency at psp, which the tcp probe does not meet; "
                "was accepted and kept after 0.20 s",
            ),
            id="what the probe cannot meet",
        ),
        pytest.param(
            Probe.TCP,
            met(Fate.ENDED, 0.0),
            LATE,
            Evidence(
                proven=False,
                saw="Toxiproxy confirms latency at psp, which the tcp probe does not meet; "
                "was cut off after 0.00 s",
            ),
            id="nobody is there to be slow",
        ),
        pytest.param(
            Probe.HTTP,
            httpx.RemoteProtocolError("cut"),
            CUT,
            Evidence(proven=True, saw="the http probe of psp was cut off after 0.00 s"),
            id="met though its answer might have been too short",
        ),
    ],
)
def test_toxics(probe: Probe, seen: Met | httpx.Response | Exception, bad: Toxic, expected: Evidence) -> None:
    """Proven is what was met; what cannot be met is confirmed by the server, and said so."""
    assert asker(probe, seen).met("psp", URL, (bad,)) == expected


@pytest.mark.parametrize(
    ("ask", "status", "proven"),
    [
        (lambda asked: asked.answered("edge_a", "http://edge-a"), 200, True),
        (lambda asked: asked.answered("edge_a", "http://edge-a"), 404, False),
        (lambda asked: asked.refused("edge_a", "http://edge-a"), 200, False),
        (lambda asked: asked.met("edge_a", "http://edge-a", (toxics.answers_lost(),)), 200, False),
    ],
)
def test_the_mock_shop_s_listeners(ask: Callable[[Asker], Evidence], status: int, proven: bool) -> None:
    """They are no links of a plan's: their health must be 200."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status))

    assert ask(Asker(httpx.Client(transport=transport))).proven is proven
