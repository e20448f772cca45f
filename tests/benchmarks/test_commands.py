"""Commands of all tools, and what they say of a run, from samples of real runs."""

from pathlib import Path

import msgspec
import pytest

from benchmarks.commands import k6, locust_family, node, plain
from benchmarks.commands.catalogue import CLEAN_RATE, CLOSED_LOOP, FREEZE, MEMORY, OURS
from benchmarks.commands.peer import Job, Kind, Peer, Said

PEERS = {peer.name: peer for peer in (OURS, *CLOSED_LOOP, *FREEZE)}
SAMPLES = {
    "ours.json": (
        locust_family.parse_ours,
        Said(
            requests=6000,
            dropped=0,
            percentiles_ms={"p50": 1.0455, "p95": 513.408, "p99": 1703.424},
            lag_p99_ms=4.97,
        ),
    ),
    "k6.json": (
        k6.parse,
        Said(
            requests=6001,
            dropped=0,
            percentiles_ms={"p50": 0.10756, "p95": 520.514963, "p99": 1700.617037},
        ),
    ),
    "pool.json": (locust_family.parse_locust, Said(requests=12000, dropped=0)),
    "locust.stdout": (
        locust_family.parse_locust,
        Said(requests=5700, percentiles_ms={"p50": 13.0, "p95": 31.0, "p99": 1500.0}),
    ),
    "artillery.json": (
        node.parse_artillery,
        Said(requests=6000, dropped=0, percentiles_ms={"p50": 0, "p95": 539.2, "p99": 1720.2}),
    ),
    "autocannon.stdout": (
        node.parse_autocannon,
        Said(requests=6170, percentiles_ms={"p50": 520, "p90": 1424, "p97_5": 1846, "p99": 1931}),
    ),
}


def job(kind: Kind, folder: Path) -> Job:
    """Return a small job."""
    return Job(
        kind=kind,
        url="http://127.0.0.1:9",
        users=64,
        seconds=30.0,
        rate_per_s=200,
        output=folder / "said.json",
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_what_a_tool_said_is_read(samples: Path, name: str) -> None:
    """Requests, drops and percentiles are those in the tool's own account."""
    parse, expected = SAMPLES[name]

    assert expected == parse((samples / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_cut_account_is_not_believed(samples: Path, name: str) -> None:
    """An account that ends in the middle raises, it does not give zeros."""
    parse, _ = SAMPLES[name]
    text = (samples / name).read_text(encoding="utf-8")

    with pytest.raises((ValueError, KeyError)):
        parse(text[: len(text) // 2])


def test_k6_tells_what_it_dropped() -> None:
    """The counter that k6 leaves out when it is 0 is read when it is there."""
    text = '{"metrics":{"http_reqs":{"values":{"count":5}},"dropped_iterations":{"values":{"count":276}}}}'

    assert k6.parse(text) == Said(requests=5, dropped=276)


def test_ours_tells_drops_of_all_causes() -> None:
    """Drops are summed over their causes."""
    latency = {"p50": 1.0, "p95": 2.0, "p99": 3.0}
    text = msgspec.json.encode(
        {
            "requests": 9,
            "dropped": {"pool_exhausted": 3, "aborted": 4},
            "response_ms": latency,
            "send_lag_ms": latency,
        }
    ).decode()

    assert locust_family.parse_ours(text).dropped == 7


def test_locust_that_saw_nothing_tells_no_percentile() -> None:
    """Entries without any response give no percentile instead of 0 ms."""
    said = locust_family.parse_locust('[{"num_requests": 0, "response_times": {}}]')

    assert said == Said(requests=0)


def test_hey_and_wrk_are_not_asked() -> None:
    """Their rates come from the target alone."""
    assert plain.unread("Requests/sec: 1e9") == Said()


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_every_tool_takes_a_test_or_says_why_not(peer: Peer, tmp_path: Path) -> None:
    """For each kind there is a command that starts with the tool, or a reason."""
    for kind in Kind:
        if kind in peer.commands:
            argv = peer.commands[kind](Path("/bin/tool"), job(kind, tmp_path))
            assert argv[0] == "/bin/tool"
        else:
            assert peer.cannot[kind]


@pytest.mark.parametrize("peer", CLOSED_LOOP[1:], ids=[peer.name for peer in CLOSED_LOOP[1:]])
def test_the_command_carries_the_concurrency_and_the_target(peer: Peer, tmp_path: Path) -> None:
    """Every tool but k6, which reads its environment, is told users and address on its command line."""
    argv = peer.commands[Kind.CLOSED](Path("tool"), job(Kind.CLOSED, tmp_path))

    assert "64" in argv
    assert any(word.startswith("http://127.0.0.1:9") for word in argv)


def test_scripts_read_the_job_from_their_environment(tmp_path: Path) -> None:
    """What a job says is in the environment, numbers as a script can read them."""
    environment = job(Kind.CLEAN, tmp_path).environment()

    assert environment["BENCH_TEST"] == "clean"
    assert (environment["BENCH_RATE"], environment["BENCH_SECONDS"], environment["BENCH_USERS"]) == (
        "200",
        "30",
        "64",
    )
    assert environment["BENCH_OUTPUT"] == str(tmp_path / "said.json")


def test_the_scripts_are_there() -> None:
    """Every file a command names exists."""
    words = [
        word
        for peer in PEERS.values()
        for kind, command in peer.commands.items()
        for word in command(Path("tool"), job(kind, Path("/nowhere")))
        if "/benchmarks/peers/" in word
    ]

    assert words
    assert all(Path(word).is_file() for word in words)


def test_names_are_told_apart() -> None:
    """No two tools of one benchmark share a name, and none is called ours but ours."""
    for peers in (CLOSED_LOOP, CLEAN_RATE, FREEZE, MEMORY):
        names = [OURS.name, *(peer.name for peer in peers)]
        assert len(names) == len(set(names))
