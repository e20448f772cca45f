"""The wrapper against servers that lie or are stuck; the real one is in tests/integration."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import httpx
import pytest

from chaos import toxiproxy as subject
from chaos.lease_file import Place
from chaos.toxics import answers_late, answers_lost
from chaos.toxiproxy import ListenerState, Toxiproxy
from rehearsal.model.errors import RehearsalError, Unreachable

LOST = {
    "name": "answers_lost",
    "type": "timeout",
    "stream": "downstream",
    "toxicity": 1,
    "attributes": {"timeout": 0},
}


def listener(**changes: object) -> dict[str, object]:
    """Return a listener as the server writes it."""
    plain = {"name": "pay", "listen": "127.0.0.1:1", "upstream": "127.0.0.1:2", "enabled": True, "toxics": []}
    return {**plain, **changes, "Logger": {}}


def server(answers: Iterable[httpx.Response | Exception]) -> tuple[Toxiproxy, list[str]]:
    """Return a wrapper whose server gives these answers in turn, and the requests it gets."""
    script, requests = iter(answers), list[str]()

    def serve(request: httpx.Request) -> httpx.Response:
        requests.append(f"{request.method} {request.url.raw_path.decode()}")
        answer = next(script)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Toxiproxy("http://127.0.0.1:8474/", transport=httpx.MockTransport(serve)), requests


def ok(body: object) -> httpx.Response:
    """Return an answer 200."""
    return httpx.Response(200, json=body)


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        pytest.param(httpx.ReadTimeout("slow"), Unreachable, "ReadTimeout", id="no answer in time"),
        pytest.param(httpx.ConnectError("refused"), Unreachable, "dead or wedged", id="nobody listens"),
        pytest.param(httpx.Response(503), Unreachable, "wedged: GET /proxies answers 503", id="wedged"),
        pytest.param(
            httpx.Response(500, json={"error": "bind: in use"}), RehearsalError, "bind: in use", id="5xx"
        ),
        pytest.param(httpx.Response(500), RehearsalError, "no reason given", id="5xx without a body"),
        pytest.param(httpx.Response(404, text="404 page"), RehearsalError, "404 page", id="an unknown path"),
        pytest.param(httpx.Response(200, text="hello"), Unreachable, "no Toxiproxy", id="a stranger"),
        pytest.param(ok({"pay": {"name": 1}}), Unreachable, "no Toxiproxy", id="another shape"),
    ],
)
def test_bad_answers(answer: httpx.Response | Exception, error: type[Exception], sentence: str) -> None:
    """Every way in which a control API can fail is one sentence, never a traceback of the library's."""
    toxiproxy, _ = server([answer])

    with pytest.raises(error, match=sentence):
        toxiproxy.states()


def test_states() -> None:
    """One answer holds all listeners with their toxics; keys the wrapper does not know are left out."""
    toxiproxy, requests = server([ok({"pay": listener(toxics=[LOST])})])

    expected = ListenerState(
        name="pay", listen="127.0.0.1:1", upstream="127.0.0.1:2", enabled=True, toxics=(answers_lost(),)
    )
    assert {"pay": expected} == toxiproxy.states()
    assert requests == ["GET /proxies"]
    assert expected.url == "http://127.0.0.1:1"


def test_names_are_quoted() -> None:
    """A name that means something in a URL stays a name."""
    toxiproxy, requests = server([ok(listener(name="a/b?c"))])

    assert toxiproxy.state("a/b?c").name == "a/b?c"
    assert requests == ["GET /proxies/a%2Fb%3Fc"]


@pytest.mark.parametrize(
    ("act", "read_back", "sentence"),
    [
        pytest.param(lambda t: t.enable("pay"), listener(enabled=False), "still closed", id="enable"),
        pytest.param(lambda t: t.disable("pay"), listener(), "still open", id="disable"),
        pytest.param(lambda t: t.add_toxic("pay", answers_lost()), listener(), "did not take", id="toxic"),
        pytest.param(
            lambda t: t.add_toxic("pay", answers_lost()),
            listener(toxics=[{**LOST, "attributes": {"timeout": 1}}]),
            "did not take",
            id="toxic with another value",
        ),
    ],
)
def test_writes_are_read_back(
    act: Callable[[Toxiproxy], object], read_back: dict[str, object], sentence: str
) -> None:
    """A write that the server accepted and did not do is an error."""
    toxiproxy, requests = server([ok({}), ok(read_back)])

    with pytest.raises(RehearsalError, match=sentence):
        act(toxiproxy)

    assert requests[1] == "GET /proxies/pay"


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(listener(enabled=False), id="closed"),
        pytest.param(listener(upstream="127.0.0.1:9"), id="to another server"),
    ],
)
def test_create_is_read_back(made: dict[str, object]) -> None:
    """A listener that came out otherwise than asked is an error."""
    toxiproxy, _ = server([ok({}), httpx.Response(201, json=made), ok(made)])

    with pytest.raises(RehearsalError, match="otherwise than asked"):
        toxiproxy.create("pay", listen="127.0.0.1:0", upstream="127.0.0.1:2")


@pytest.mark.parametrize("name", ["", "a/b", "a b", "ü", "x" * 81])
def test_bad_listener_names(name: str) -> None:
    """A listener that could not be deleted again is not made."""
    toxiproxy, requests = server([])

    with pytest.raises(RehearsalError, match="cannot name a listener"):
        toxiproxy.create(name, listen="127.0.0.1:0", upstream="127.0.0.1:2")

    assert requests == []


def test_existing_listener() -> None:
    """The library's own refusal reads like the server's."""
    toxiproxy, _ = server([ok({"pay": listener()})])

    with pytest.raises(RehearsalError, match=r"refused pay: This proxy already exists\."):
        toxiproxy.create("pay", listen="127.0.0.1:0", upstream="127.0.0.1:2")


def test_heal_order() -> None:
    """Healing closes the listener, removes its toxics, reads back, and only then opens it."""
    shut, sick = listener(enabled=False), listener(toxics=[LOST])
    answers = [ok(sick), ok({}), ok(shut), httpx.Response(204), ok(shut), ok({}), ok(listener())]
    toxiproxy, requests = server(answers)

    assert toxiproxy.heal("pay").clean
    assert requests == [
        "GET /proxies/pay",
        "POST /proxies/pay",
        "GET /proxies/pay",
        "DELETE /proxies/pay/toxics/answers_lost",
        "GET /proxies/pay",
        "POST /proxies/pay",
        "GET /proxies/pay",
    ]


def test_held_requests_are_let_go_first() -> None:
    """What was held back arrives, late; there is nothing to close for that."""
    late = {**LOST, "name": "requests_late", "type": "latency", "stream": "upstream"}
    late["attributes"] = {"latency": 900, "jitter": 0}
    answers = [ok(listener(toxics=[late])), httpx.Response(204), *[ok(listener())] * 4]
    toxiproxy, requests = server(answers)

    assert toxiproxy.heal("pay").clean
    assert requests[:2] == ["GET /proxies/pay", "DELETE /proxies/pay/toxics/requests_late"]


def test_a_listener_that_holds_answers_is_made_anew() -> None:
    """Removing the toxic would take seconds, with the listener open or closed."""
    late = {**LOST, "name": "answers_late", "type": "latency", "attributes": {"latency": 900, "jitter": 0}}
    answers = [ok(listener(toxics=[late])), httpx.Response(204), ok({}), ok(listener()), ok(listener())]
    toxiproxy, requests = server(answers)

    assert toxiproxy.heal("pay").clean
    assert requests == [
        "GET /proxies/pay",
        "DELETE /proxies/pay",
        "GET /proxies",
        "POST /proxies",
        "GET /proxies/pay",
    ]


METRICS = """# TYPE toxiproxy_proxy_received_bytes_total counter
toxiproxy_proxy_received_bytes_total{direction="downstream",listener="127.0.0.1:1",proxy="psp",upstream="u:1"} 785
toxiproxy_proxy_received_bytes_total{direction="upstream",listener="127.0.0.1:1",proxy="psp",upstream="u:1"} 84
toxiproxy_proxy_received_bytes_total{direction="upstream",listener="127.0.0.1:2",proxy="db",upstream="u:2"} 1.2e+06
toxiproxy_proxy_sent_bytes_total{direction="upstream",listener="127.0.0.1:1",proxy="psp",upstream="u:1"} 7
"""  # noqa: E501 - as the server writes it


@pytest.mark.parametrize(("text", "counts"), [(METRICS, {"psp": 84, "db": 1_200_000}), ("", {})])
def test_bytes_that_came(text: str, counts: dict[str, int]) -> None:
    """Those of clients, by listener; a server without metrics has none to tell."""
    toxiproxy, requests = server([httpx.Response(200, text=text)])

    assert toxiproxy.received() == counts
    assert requests[-1].endswith("/metrics")


def test_change_is_read_back() -> None:
    """A toxic that keeps its old attributes has not changed."""
    toxiproxy, _ = server([ok({}), ok(listener(toxics=[LOST]))])

    with pytest.raises(RehearsalError, match="did not change"):
        toxiproxy.change_toxic("pay", answers_late(5))


def test_heal_leaves_a_clean_listener() -> None:
    """A listener that needs nothing keeps its connections."""
    toxiproxy, requests = server([ok(listener())])

    assert toxiproxy.heal("pay").clean
    assert requests == ["GET /proxies/pay"]


def test_heal_reads_back() -> None:
    """A toxic that survives its removal is an error, not a success."""
    sick = listener(enabled=False, toxics=[LOST])
    toxiproxy, _ = server([ok(sick), ok({}), ok(sick), httpx.Response(204), ok(sick)])

    with pytest.raises(RehearsalError, match="still has toxics"):
        toxiproxy.heal("pay")


class FakeStarter:
    """Starts nothing; is alive or not."""

    def __init__(self, *, alive: bool) -> None:
        self._alive = alive
        self.started: list[tuple[str, Sequence[str], Path, Mapping[str, str]]] = []

    def start(self, label: str, argv: Sequence[str], *, log: Path, env: Mapping[str, str]) -> None:
        """Remember what was to be started."""
        self.started.append((label, argv, log, env))

    def alive(self, _: str) -> bool:
        """Tell what was decided beforehand."""
        return self._alive


def test_start_server_that_dies(unused_port: int) -> None:
    """A server that ends at once is reported, quiet logs having been asked for."""
    starter = FakeStarter(alive=False)

    with pytest.raises(Unreachable, match="did not come up"):
        subject.start_server(starter, Path("/bin/tp"), unused_port, log=Path("tp.log"), label="toxiproxy")

    argv = ["/bin/tp", "-host", "127.0.0.1", "-port", str(unused_port)]
    assert starter.started == [("toxiproxy", argv, Path("tp.log"), {"LOG_LEVEL": "error"})]


def test_wait_ready_for_a_silent_server() -> None:
    """A server that lives and does not answer is reported."""
    toxiproxy, _ = server(httpx.ConnectError("refused") for _ in range(10))

    with pytest.raises(Unreachable, match="did not come up"):
        toxiproxy.wait_ready(timeout_s=0.0)


def test_a_listener_that_could_not_be_made_again() -> None:
    """Between its deletion and its making a call may fail: whoever heals once more makes it."""
    late = {**LOST, "name": "answers_late", "type": "latency", "attributes": {"latency": 5, "jitter": 0}}
    first = [ok(listener(toxics=[late])), httpx.Response(204), ok({}), httpx.Response(500)]
    again = [ok({}), ok({}), httpx.Response(201, json=listener()), ok(listener())]
    then = [ok(listener())]
    toxiproxy, requests = server([*first, *again, *then])

    with pytest.raises(RehearsalError, match="failed at POST /proxies"):
        toxiproxy.heal("pay")
    assert toxiproxy.heal("pay").clean
    assert toxiproxy.heal("pay").clean
    assert requests[1] == "DELETE /proxies/pay"
    assert requests[4:] == [
        "GET /proxies",
        "GET /proxies",
        "POST /proxies",
        "GET /proxies/pay",
        "GET /proxies/pay",
    ]


@pytest.mark.parametrize("there", [True, False])
def test_a_listener_whose_healer_died(there: bool) -> None:
    """Its place is known: if it is gone it is made, and if it is there it is healed as ever."""
    place = Place(listen="127.0.0.1:1", upstream="127.0.0.1:2")
    made = [ok({}), httpx.Response(201, json=listener()), ok(listener())]
    answers = [ok({"pay": listener()}), ok(listener())] if there else [ok({}), *made]
    toxiproxy, requests = server(answers)

    assert toxiproxy.heal("pay", place).clean
    assert ("POST /proxies" in requests) is not there
