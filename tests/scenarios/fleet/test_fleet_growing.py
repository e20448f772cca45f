"""A schedule that goes on, for one load process and for several."""

from pathlib import Path

import msgspec

from scenarios.fleet.link import FolderLink, growth_of
from scenarios.fleet.messages import Ended, Grow, to_worker
from scenarios.fleet.messages import encode as encoded
from scenarios.load_order import GROWTH, Growth
from tests.scenarios.fleet.stage import END, ORIGIN, Make

FIRST = Growth(phases=(("rest 01", 5), ("trial 01", 7)), first=3, due_ns=(8, 9), kind=(0, 1))
SECOND = Growth(phases=(("trial 02", 20),), first=5, due_ns=(21,), kind=(0,))


def test_every_worker_that_has_not_ended_hears_of_it(stage: Make) -> None:
    """All get the same growth; each takes its own stripe of it."""
    show = stage(2)
    show.stand(0, 1)
    show.release()
    show.say("w0", Ended())

    assert show.fleet.grow(FIRST) == [("w1", Grow(growth=FIRST))]
    assert to_worker(encoded(Grow(growth=FIRST))) == Grow(growth=FIRST)


def test_the_only_load_process_reads_it_in_the_folder(tmp_path: Path) -> None:
    """Each line once, in order, and a line that is being written not yet."""
    link, path = FolderLink(tmp_path), tmp_path / GROWTH
    assert link.grown() == []

    path.write_bytes(msgspec.json.encode(FIRST) + b"\n" + msgspec.json.encode(SECOND)[:10])
    assert (link.grown(), link.grown()) == ([FIRST], [])

    path.write_bytes(msgspec.json.encode(FIRST) + b"\n" + msgspec.json.encode(SECOND) + b"\n")
    assert link.grown() == [SECOND]
    assert growth_of(tmp_path, 0) == [FIRST, SECOND]


def test_a_silent_worker_is_waited_for_while_more_may_come(stage: Make) -> None:
    """Past the schedule's end a lost worker no longer keeps a drill; a growing one has no end yet."""
    growing, plain = stage(2, grows=True), stage(2)
    for show in (growing, plain):
        show.stand(0, 1)
        show.release()
        show.say("w0", Ended())
        show.fleet.members[1].lose("silent", ORIGIN, gone=False)
    past = ORIGIN + END + 1

    assert (growing.fleet.over(past), plain.fleet.over(past)) == (False, True)
    growing.fleet.enough()
    assert growing.fleet.over(past)
