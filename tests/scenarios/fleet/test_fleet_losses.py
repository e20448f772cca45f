"""Workers that die, go, or fall silent: who is lost, and what becomes of the rest."""

import pytest

from rehearsal import __version__
from rehearsal.rundir.worker_record import WorkerRecord
from scenarios.fleet.fleet import LOST_NS
from scenarios.fleet.messages import (
    Ended,
    Hello,
    Said,
    Unfit,
)
from scenarios.load_order import Progress
from tests.scenarios.fleet.stage import END, ORIGIN, Make, S, reason


@pytest.mark.parametrize("begun", [False, True], ids=["while others come", "while pools are filled"])
def test_a_worker_that_dies_before_the_origin_ends_a_drill_on_one_machine(stage: Make, begun: bool) -> None:
    """Nothing has been sent yet: the drill is simply started again."""
    show = stage(2)
    show.come(0)
    show.come(1)
    show.fleet.begun = begun
    show.dead.add(1)
    show.pass_s(0.5)

    assert show.fleet.failed == "Worker 1 was lost before the run began: its process ended."


def test_a_worker_from_elsewhere_that_goes_again_leaves_its_place(stage: Make) -> None:
    """Until pools are filled another may come; from then on the drill is started again."""
    show = stage(2, spawned=False)
    for name in ("anna", "ben"):
        show.say(name, Hello(version=__version__, host=name, machine="other"))
    show.pass_s(11, "ben")
    assert "1 of 2 workers have come: ben. Worker 0 (anna) was lost" in show.fleet.progress(0).note

    show.fleet.begun = True
    show.pass_s(11)
    assert "Worker 1 (ben) was lost before the run began: not heard for 10 s" in show.fleet.failed


def test_a_dead_worker_is_left_behind(stage: Make) -> None:
    """The run goes on with the other, and ends when that one ends; the record says who and when."""
    show = stage(2)
    show.stand(0, 1)
    show.release()
    show.dead.add(0)
    show.pass_s(1, "w1")
    progress = show.fleet.progress(show.now_ns)
    assert (progress.state, progress.alive, progress.workers) == ("running", 1, 2)
    show.say("w1", Ended())

    assert show.fleet.over(show.now_ns)
    assert show.fleet.records[0] == WorkerRecord(
        worker=0, host="here", pid=0, lost="its process ended", lost_s=0.5
    )


def test_a_worker_that_says_it_goes_is_lost_at_once(stage: Make) -> None:
    """Somebody pressed Ctrl-C there: nobody need wait for its silence, and the others go on."""
    show = stage(2)
    show.stand(0, 1)
    show.release()
    assert show.say("w0", Unfit(reason="it was stopped there")) == []
    show.pass_s(0.5, "w1")

    assert (show.fleet.records[0].lost, show.fleet.failed) == ("it was stopped there", "")
    assert show.fleet.progress(show.now_ns).state == "running"


def test_a_message_of_the_dead_is_not_taken(stage: Make) -> None:
    """What was still under way when a process died must not bring it back."""
    show = stage(2)
    show.stand(0, 1)
    show.release()
    show.dead.add(0)
    show.pass_s(0.5, "w1")

    assert reason(show.say("w0", Ended())).startswith("the drill lost sight")
    assert show.fleet.records[0].lost == "its process ended"


def test_a_worker_that_goes_after_its_end_was_not_lost(stage: Make) -> None:
    """Its part is done: whether its process still lives is no matter."""
    show = stage(2)
    show.stand(0, 1)
    show.release()
    show.say("w0", Ended())
    show.dead.add(0)
    show.pass_s(0.5, "w1")

    assert (show.fleet.records[0].lost, show.fleet.progress(show.now_ns).alive) == ("", 2)


def test_all_dead_is_the_end(stage: Make) -> None:
    """There is no load any more, and the sentence says so."""
    show = stage(2)
    show.stand(0, 1)
    show.release()
    show.dead.update((0, 1))
    show.pass_s(0.5)

    assert show.fleet.failed == "All 2 workers are lost: its process ended."
    assert show.fleet.progress(show.now_ns).state == "failed"


def test_a_worker_stopped_for_three_seconds_is_late_not_lost(stage: Make) -> None:
    """Its silence shows as send lag while it lasts."""
    show = stage(2)
    show.stand(0, 1)
    show.release()
    show.pass_s(3, "w1")

    assert show.fleet.progress(show.now_ns).lag_ms == pytest.approx(3000)
    assert (show.fleet.progress(show.now_ns).alive, show.fleet.failed) == (2, "")


def test_a_worker_that_is_heard_again_was_never_lost(stage: Make) -> None:
    """A broken cable for a while: only what never comes is counted as lost."""
    show = stage(2)
    show.stand(0, 1)
    show.release()
    show.pass_s(12, "w1")
    assert show.fleet.progress(show.now_ns).alive == 1
    show.say("w0", Said(progress=Progress(state="running")))

    assert show.fleet.progress(show.now_ns).alive == 2
    assert show.fleet.records[0].lost == ""


def test_a_sign_of_life_is_enough(stage: Make) -> None:
    """A worker that waits for others, or builds a long schedule, has nothing to say but is there."""
    show = stage(2)
    show.come(0)
    for _ in range(15):
        show.pass_s(1)
        show.fleet.beat("w0", show.now_ns)
    show.fleet.beat("stranger", show.now_ns)
    assert (show.fleet.failed, len(show.fleet.members)) == ("", 1)

    show.stand(0, 1)
    show.release()
    show.pass_s(12, "w1")
    show.fleet.beat("w0", show.now_ns)
    assert show.fleet.progress(show.now_ns).alive == 2


def test_silence_past_the_end_is_not_waited_for(stage: Make) -> None:
    """Before the end it may yet be heard; after it, the others' end is the end."""
    show = stage(2)
    show.stand(0, 1)
    show.release()
    show.pass_s(20, "w1")
    show.say("w1", Ended())
    assert not show.fleet.over(show.now_ns)
    show.now_ns = ORIGIN + END + 1

    assert show.fleet.over(show.now_ns)
    assert show.fleet.records[0].lost_s == pytest.approx(LOST_NS / S + 0.5)
