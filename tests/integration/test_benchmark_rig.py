"""The benchmarks' two processes, for real: a target that counts and freezes, a generator that is measured."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from benchmarks import rig, tools  # noqa: E402 - benchmarks is no installed package
from benchmarks.commands.peer import Command, Job, Kind, Peer, Said  # noqa: E402

pytestmark = pytest.mark.integration

SCRIPT = """
import http.client, json, os, urllib.parse
address = urllib.parse.urlsplit(os.environ["BENCH_URL"]).netloc
link = http.client.HTTPConnection(address)
for _ in range(int(os.environ["BENCH_RATE"])):
    link.request("GET", "/products/p1")
    json.load(link.getresponse())
open(os.environ["BENCH_OUTPUT"], "w").write(os.environ["BENCH_RATE"])
"""


def _said(text: str) -> Said:
    return Said(requests=int(text))


def peer_of(script: str) -> Peer:
    """Return a tool that is a Python script."""

    def command(tool: Path, job: Job) -> Command:
        del tool, job
        return (sys.executable, "-c", script)

    return Peer(name="script", tool="locust", title="a script", commands={Kind.CLEAN: command}, parse=_said)


def job_of(server: rig.Target, folder: Path, kind: Kind = Kind.CLEAN) -> Job:
    """Return a job of 50 requests."""
    return Job(kind=kind, url=server.url, users=1, seconds=1.0, rate_per_s=50, output=folder / "said.json")


def test_the_target_counts_what_a_generator_sends(tmp_path: Path) -> None:
    """Fifty requests are fifty counted, fifty instants in order, and the tool's own account is read."""
    with rig.target("--arrivals") as server, rig.generator(peer_of(SCRIPT), job_of(server, tmp_path)) as tool:
        tool.await_first(server)
        tool.await_end(120.0)
        arrivals = list(server.arrivals_ns())

        assert (server.count().requests, len(arrivals), tool.said().requests) == (50, 50, 50)
        assert arrivals == sorted(arrivals)
        assert server.rss_bytes() > 0
        assert server.cpu_s() > 0


def test_the_target_freezes_once_after_the_first_request(tmp_path: Path) -> None:
    """The freeze begins as planned after the first request, and the target tells how long it lasted."""
    with rig.target("--freeze-at", "0.02", "--freeze-for", "0.3") as server:
        with rig.generator(peer_of(SCRIPT), job_of(server, tmp_path)) as tool:
            tool.await_first(server)
            tool.await_end(120.0)
        # Had the generator been faster than the freeze's start, this question still waits behind it.
        while not server.count().frozen:
            pass
        start_ns, end_ns = server.count().frozen[0]

        assert end_ns - start_ns >= 300_000_000
        assert start_ns >= server.count().first_ns


def test_a_tool_that_dies_is_told_with_its_last_words(tmp_path: Path) -> None:
    """A generator that ends without a request fails the measurement, and its complaint is kept."""
    broken = peer_of("raise SystemExit('no such option')")
    with rig.target() as server, rig.generator(broken, job_of(server, tmp_path)) as tool:
        with pytest.raises(rig.Failed, match="a script sent nothing: no such option"):
            tool.await_first(server)
        with pytest.raises(rig.Failed, match="left no account"):
            tool.said()


def test_a_target_that_died_fails_the_measurement() -> None:
    """Asking a dead target is a failed measurement, not a traceback."""
    with rig.target() as server:
        server.count()
        server.stop()
        with pytest.raises(rig.Failed, match="the target does not answer"):
            server.count()


def test_a_tool_that_hangs_is_ended(tmp_path: Path) -> None:
    """Past its time a generator is ended, and so are all at a Ctrl-C."""
    stuck = peer_of("import time; time.sleep(600)")
    with rig.target() as server, rig.generator(stuck, job_of(server, tmp_path)) as tool:
        tool.await_end(0.1)
        rig.stop_all()

        assert (tool.over, server.over, tool.tree()) == (True, True, [])


@pytest.mark.parametrize(
    ("tool", "kind", "reason"),
    [
        pytest.param("artillery", Kind.CLEAN, "artillery is not installed", id="missing"),
        pytest.param("locust", Kind.FREEZE, "not of its kind", id="cannot do it"),
    ],
)
def test_a_missing_tool_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str, kind: Kind, reason: str
) -> None:
    """What is missing, or cannot take the test, fails the measurement before anything runs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}")
    peer = Peer(
        name="x",
        tool=tool,
        title="x",
        commands={Kind.CLEAN: lambda tool, _: (str(tool),)},
        cannot={Kind.FREEZE: reason},
        parse=_said,
    )
    job = Job(kind=kind, url="http://127.0.0.1:9", users=1, seconds=1.0, output=tmp_path / "x.json")

    with pytest.raises(rig.Failed, match=reason), rig.generator(peer, job):
        raise AssertionError("it was started")


def test_without_uvloop_the_target_runs_on_this_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh machine still has a target; its loop's name is in its account."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert tools.target_python() == Path(sys.executable)
    with rig.target() as server:
        assert server.count().loop in {"asyncio", "uvloop"}
