from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal import __version__
from rehearsal.rundir import folder
from scenarios.fleet.clock_offset import EXCHANGES
from scenarios.fleet.fleet import Fleet
from scenarios.fleet.messages import (
    Acknowledged,
    Built,
    Charge,
    Chunk,
    Ended,
    FromWorker,
    Hello,
    Ping,
    Pong,
    Release,
    Said,
    Steer,
    Unfit,
)
from scenarios.load_order import FleetOrder, Progress
from scenarios.recording.sink import Intake
from tests.scenarios.fleet.stage import END, MS, ORDER, ORIGIN, Make, S, reason
from tests.scenarios.fleet.test_messages import from_workers


def test_each_worker_is_charged_with_its_own_stripe(stage: Make) -> None:
    """Stripe k of N, and an equal share of the pool, rounded up."""
    show = stage(3)
    charged = [post for k in (2, 0, 1) for post in show.come(k)]

    assert [(client, post.order.worker, post.order.workers, post.order.pool)
            for client, post in charged if isinstance(post, Charge)] == [
        ("w2", 2, 3, 34), ("w0", 0, 3, 34), ("w1", 1, 3, 34)]  # fmt: skip
    assert not show.fleet.complete


def test_workers_from_elsewhere_take_the_stripes_in_the_order_they_come(stage: Make) -> None:
    """Nobody has to number them; who has come is told."""
    show = stage(2, spawned=False)
    assert show.fleet.progress(0).note == "0 of 2 workers have come."
    charges = [show.say(name, Hello(version=__version__, host=name)) for name in ("anna", "ben")]

    assert [post.order.worker for ((_, post),) in charges if isinstance(post, Charge)] == [0, 1]
    assert show.fleet.progress(0).note == "2 of 2 workers have come: anna, ben."
    assert show.fleet.progress(0).state == "waiting"


@pytest.mark.parametrize(
    ("facts", "version", "words"),
    [
        ({}, "0.0.1", rf"it runs version 0\.0\.1 of the harness, the drill {__version__}; install the same"),
        ({"here_only": True}, __version__, r"the mock shop can be reached from the drill's own machine only"),
    ],
    ids=["another version", "the mock shop, seen from elsewhere"],
)
def test_unwelcome_workers_are_told_why(
    stage: Make, facts: dict[str, bool], version: str, words: str
) -> None:
    """Both sides learn it: the worker by a message, the person at the drill by its display."""
    show = stage(1, spawned=False, **facts)
    posts = show.say("x", Hello(version=version, host="far", machine="other"))

    assert words.replace("\\", "") in reason(posts)
    assert "A worker on far was refused: " in show.fleet.progress(0).note


def test_two_refusals_of_one_quarter_second_are_told_together(stage: Make) -> None:
    """The second must not push the first out before anybody read it; once told, both give way to a third."""
    show = stage(1, spawned=False)
    for host in ("ann", "ben", "ann"):
        show.say(host, Hello(version="0.0", host=host))
    together = show.fleet.progress(0).note
    show.fleet.told()
    still = show.fleet.progress(0).note
    show.say("cid", Hello(version="0.0", host="cid"))
    third = show.fleet.progress(0).note

    assert [together.count(f"A worker on {host} was refused") for host in ("ann", "ben")] == [1, 1]
    assert (still, third.count("was refused"), "on cid was refused" in third) == (together, 1, True)


def test_one_worker_too_many_is_refused(stage: Make) -> None:
    """A drill of one does not take two, nor one that claims a stripe that does not exist."""
    show = stage(1)
    show.come(0)

    assert reason(show.say("late", Hello(version=__version__, worker=0))).startswith("all 1 workers")
    assert reason(show.say("mad", Hello(version=__version__, worker=7))).startswith("all 1 workers")


def test_another_schedule_is_refused_and_ends_a_drill_on_one_machine(stage: Make) -> None:
    """Two halves of different schedules are no schedule."""
    show = stage(2)
    show.come(0)

    assert "its schedule has the hash beef, the drill's f00d" in reason(show.say("w0", Built(sha256="beef")))
    assert show.fleet.failed.startswith("Worker 0 cannot serve this drill: its schedule has the hash")
    assert show.fleet.progress(0).state == "failed"


def test_an_adapter_that_is_missing_elsewhere_leaves_its_place_to_another(stage: Make) -> None:
    """The person at the drill reads why; the next worker takes the stripe."""
    show = stage(1, spawned=False)
    show.say("x", Hello(version=__version__, host="far"))
    why = show.say("x", Unfit(reason="The adapter my:Shop cannot be loaded."))
    assert reason(why) == "The adapter my:Shop cannot be loaded."
    assert "Worker 0 (far) cannot serve this drill: The adapter my:Shop" in show.fleet.progress(0).note

    (answer,) = show.say("y", Hello(version=__version__))
    assert isinstance(answer[1], Charge)
    assert (answer[1].order.worker, show.fleet.failed) == (0, "")
    assert reason(show.say("x", Said(progress=Progress(state="ready")))).startswith("the drill lost sight")


def test_a_clock_elsewhere_is_known_before_the_pool_is_filled(stage: Make) -> None:
    """Sixteen pings, the quickest of which counts; then the worker is told how far its clock is off."""
    show = stage(1, spawned=False)
    show.say("x", Hello(version=__version__, host="far", machine="other"))
    posts = show.say("x", Built(sha256="f00d"))
    for number in range(1, EXCHANGES + 1):
        assert (posts, show.fleet.complete) == ([("x", Ping(number=number))], False)
        trip_ns = 8 * MS if number != 9 else 2 * MS
        there_ns = show.now_ns + trip_ns // 2 + 5 * S
        show.now_ns += trip_ns
        posts = show.say("x", Pong(number=number, received_ns=there_ns, answered_ns=there_ns))

    assert (posts, show.fleet.complete) == ([("x", Steer(offset_ns=5 * S))], True)
    (record,) = show.fleet.records
    assert (record.here, record.offset_ns, record.uncertainty_ns, record.drift_ns) == (False, 5 * S, MS, 0)


def test_a_clock_is_asked_again_each_second_and_an_old_answer_is_none(stage: Make) -> None:
    """Drift is seen while the run goes on; an answer to the ping before the last says nothing."""
    show = stage(1, spawned=False)
    show.say("x", Hello(version=__version__, machine="other"))
    show.say("x", Built(sha256="f00d"))

    assert show.pass_s(3, "x") == [("x", Ping(number=number)) for number in (2, 3, 4)]
    old = show.say("x", Pong(number=2, received_ns=0, answered_ns=0))
    assert (old, show.fleet.records[0].uncertainty_ns) == ([("x", Ping(number=5))], 0)


def test_ready_running_ended(stage: Make) -> None:
    """The states that the conductor follows, in order."""
    show = stage(2)
    states = [show.fleet.progress(0).state]
    for worker in (0, 1):
        show.come(worker)
        show.say(f"w{worker}", Built(sha256="f00d"))
    states.append(show.fleet.progress(0).state)
    show.stand()
    for worker in (0, 1):
        show.say(f"w{worker}", Said(progress=Progress(state="ready")))
    states.append(show.fleet.progress(0).state)
    assert show.release() == [("w0", Release(origin_ns=ORIGIN)), ("w1", Release(origin_ns=ORIGIN))]
    states.append(show.fleet.progress(ORIGIN).state)
    show.say("w0", Ended())
    assert not show.fleet.over(ORIGIN)
    show.say("w1", Ended())

    assert show.fleet.over(ORIGIN)
    assert [*states, show.fleet.progress(ORIGIN).state] == [
        "waiting", "starting", "ready", "running", "finished"]  # fmt: skip


def test_histories_from_elsewhere_are_written_and_acknowledged(stage: Make, tmp_path: Path) -> None:
    """The master keeps them as if the worker had written them there; what is missing is on record."""
    show = stage(2)
    show.stand(0, 1)
    show.release()
    posts = show.say("w1", Chunk(file="history", number=0, content=b"row\n"))
    assert posts == [("w1", Acknowledged(file="history", number=0))]
    assert show.say("w1", Chunk(file="secrets", number=0, content=b"")) == []
    show.say("w1", Ended(chunks={"history": 3}))
    show.say("w0", Ended(chunks={"history": 1}))
    show.fleet.close()

    assert (tmp_path / folder.load_log(1)).read_bytes() == b"row\n"
    assert [record.missing_chunks for record in show.fleet.records] == [1, 2]


said = st.one_of(st.builds(Hello, version=st.just(__version__), worker=st.integers(-1, 3)), from_workers)
spoken = st.tuples(st.sampled_from("abc"), said, st.integers(0, 20 * S), st.booleans())


@given(
    spawned=st.booleans(),
    talk=st.lists(
        st.tuples(st.sampled_from("abc"), said, st.integers(0, 20 * S), st.booleans()), max_size=30
    ),
)
def test_whatever_is_said_the_fleet_neither_crashes_nor_answers_anybody_else(
    tmp_path_factory: pytest.TempPathFactory, spawned: bool, talk: list[tuple[str, FromWorker, int, bool]]
) -> None:
    """Any message at any time: answers go to who spoke, progress can be told, no stripe is served twice."""
    run = tmp_path_factory.mktemp("run")
    order = FleetOrder(workers=2, sha256="f00d", end_ns=END, spawned=spawned)
    fleet = Fleet(order, ORDER, b"{}", machine="", intake=lambda worker: Intake(run, worker))
    now_ns = ORIGIN
    for client, message, pause_ns, released in talk:
        now_ns += pause_ns
        assert {to for to, _ in fleet.hear(client, message, now_ns)} <= {client}
        fleet.tick(now_ns, lambda _: True)
        if released and fleet.members and not fleet.origin_ns:
            fleet.release(now_ns)
        progress = fleet.progress(now_ns)
        assert 0 <= progress.alive <= progress.workers == 2
        assert len({member.client for member in fleet.members}) == len(fleet.members)
        assert len(fleet.records) == len(fleet.members)
    fleet.close()


def test_progress_is_that_of_all(stage: Make) -> None:
    """Counts add up, shares are weighed, times are the worst, and the dead keep what they did."""
    show = stage(3)
    show.stand(0, 1, 2)
    show.release()
    said = {
        "w0": Progress(
            state="running", started=10, dropped=1, in_flight=2, requests_per_s=30.0, p95_ms=9.0, p99_ms=9.9
        ),
        "w1": Progress(
            state="running",
            started=5,
            in_flight=1,
            requests_per_s=10.0,
            good_share=0.5,
            p95_ms=40.0,
            lag_ms=7.0,
            p99_ms=41.0,
            service_p95_ms=8.0,
        ),
        "w2": Progress(state="running", started=4, in_flight=4, requests_per_s=99.0, p95_ms=999.0),
    }
    for client, progress in said.items():
        show.say(client, Said(progress=progress))
    show.dead.add(2)
    show.fleet.tick(show.now_ns, lambda hello: hello.pid not in show.dead)

    assert show.fleet.progress(ORIGIN + 2 * S) == Progress(
        state="running",
        at_s=2.0,
        started=19,
        dropped=1,
        in_flight=3,
        requests_per_s=40.0,
        good_share=0.875,
        p95_ms=40.0,
        p99_ms=41.0,
        service_p95_ms=8.0,
        lag_ms=2000.0,
        workers=3,
        alive=2,
    )
