"""A drill that its plan stops: no more visits begin, whoever sends them."""

from pathlib import Path

from scenarios.driver import Load
from scenarios.fleet.fleet import Fleet
from scenarios.fleet.link import FolderLink
from scenarios.fleet.merged import merged
from scenarios.fleet.messages import Ended, Enough
from scenarios.load_order import ORIGIN, Progress
from tests.scenarios.fleet.stage import Make, Stage


def test_every_worker_is_told(stage: Make) -> None:
    """But those that have ended already."""
    show: Stage = stage(2)
    show.stand(0, 1)
    show.release()
    show.say("w0", Ended())
    fleet: Fleet = show.fleet

    assert fleet.enough() == [("w1", Enough())]


def test_the_only_load_process_reads_it_in_the_folder(tmp_path: Path) -> None:
    """The conductor writes it there when it has had enough."""
    link = FolderLink(tmp_path)
    before = link.enough()
    Load(tmp_path, lambda: True, tmp_path / "log").end()

    assert (before, link.enough(), (tmp_path / ORIGIN).exists()) == (False, True, False)


def test_what_stop_conditions_look_at_is_added_up(stage: Make) -> None:
    """Of several processes the requests are all of theirs: shares of them are exact."""
    show: Stage = stage(2)
    show.stand(0, 1)
    for worker, slow in ((0, 3), (1, 4)):
        member = show.fleet.members[worker]
        member.say(Progress(state="running", watched=100, watched_bad=worker, watched_slow=slow))
    both = merged(show.fleet.members, state="running", at_s=1.0, now_ns=0)

    assert (both.watched, both.watched_bad, both.watched_slow) == (200, 1, 7)
