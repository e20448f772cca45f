import httpx
import pytest

from chaos import canary
from chaos.drill import Evidence


def http(answer: httpx.Response | Exception) -> httpx.Client:
    """Return a client whose every request meets this."""

    def serve(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx.Client(transport=httpx.MockTransport(serve))


@pytest.mark.parametrize(
    ("met", "proven", "saw"),
    [
        pytest.param(httpx.ConnectError("no"), True, "pay refuses connections", id="refused"),
        pytest.param(httpx.ReadTimeout("no"), False, "pay accepts connections (ReadTimeout)", id="silent"),
        pytest.param(
            httpx.ConnectTimeout("no"), False, "pay accepts connections (ConnectTimeout)", id="dropped"
        ),
        pytest.param(httpx.Response(200), False, "pay still answers (200)", id="answered"),
    ],
)
def test_refused(met: httpx.Response | Exception, saw: str, *, proven: bool) -> None:
    """Only a refused connection proves that a listener is closed."""
    assert canary.refused(http(met), "pay", "http://pay") == Evidence(proven=proven, saw=saw)


@pytest.mark.parametrize(
    ("met", "proven", "saw"),
    [
        pytest.param(httpx.Response(200), True, "a answers 200", id="answered"),
        pytest.param(httpx.Response(503), False, "a answers 503", id="unwell"),
        pytest.param(httpx.ConnectError("no"), False, "a does not answer (ConnectError)", id="refused"),
    ],
)
def test_answered(met: httpx.Response | Exception, saw: str, *, proven: bool) -> None:
    """Only a 200 proves that a server is back."""
    assert canary.answered(http(met), "a", "http://a") == Evidence(proven=proven, saw=saw)
