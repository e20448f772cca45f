"""The order of healing; that it heals is seen in tests/integration."""

from pathlib import Path
from typing import Any

import pytest

from chaos import heal as subject
from chaos.lease_file import Lease, Place, Undo, write_lease
from rehearsal.process import Child

LISTED = Child(label="region_a", pid=7, created=1.0, argv=())


def test_what_still_breaks_is_ended_before_it_is_undone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A team's command that outlives its conductor would break anew what was undone beside it.

    What cleans up comes last: processes of the run that still live would leave more to be cleaned up.
    """
    done: list[Any] = []

    class Undoing:
        """An undoing that is none."""

        def __init__(self, undo: Undo) -> None:
            """Note it."""
            done.append(undo.name)

        def wait(self) -> str:
            """Have ended well."""
            return ""

    def kill_marked(_run_id: str, spared: list[int] | None = None) -> tuple[int, ...]:
        done.append(spared)
        return (len(done),)

    monkeypatch.setattr(subject, "Undoing", Undoing)
    monkeypatch.setattr(subject, "kill_marked", kill_marked)
    monkeypatch.setattr("rehearsal.process.find", lambda _: None)
    undo = Undo(name="undo", command="x", timeout_s=1.0)
    clean = Undo(name="clean up", command="x", timeout_s=1.0, last=True)
    lease = Lease(
        run_id="r", run_dir=str(tmp_path), conductor=LISTED, children=(LISTED,), undos=(clean, undo)
    )
    healed = subject.heal_run(lease, tmp_path)

    assert done == [[7], "undo", None, "clean up", None]
    assert (healed.strays, healed.owes, healed.undone) == ((1, 3, 5), False, ("undo", "clean up"))


@pytest.mark.parametrize(("alive", "owes"), [(True, True), (False, False)])
def test_listeners_of_a_server_that_is_gone_are_gone_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, unused_port: int, *, alive: bool, owes: bool
) -> None:
    """The harness keeps it for a plan's links: unlike a team's own, it never comes back with its toxics."""
    url = f"http://127.0.0.1:{unused_port}"
    server = Child(label="toxiproxy", pid=8, created=1.0, argv=())
    found = {8: object()} if alive else {}
    monkeypatch.setattr("rehearsal.process.find", lambda child: found.get(child.pid))
    lease = Lease(
        run_id="r",
        run_dir=str(tmp_path),
        conductor=LISTED,
        foreign={url: {"psp": Place(listen="127.0.0.1:1", upstream="127.0.0.1:2")}},
        servers={url: server},
    )

    healed = subject.heal_run(lease, tmp_path)

    assert healed.owes is owes
    assert all("End `rehearse links up`" in problem for problem in healed.problems)
    assert bool(healed.problems) is owes


def test_a_lease_whose_healing_breaks_off_is_owed_still(tmp_path: Path) -> None:
    """It was read well, so it is not set aside with what it names; the next healing tries again."""

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    gone = Child(label="conductor", pid=2**22 - 1, created=1.0, argv=())
    write_lease(tmp_path, Lease(run_id="r", run_dir=str(tmp_path), conductor=gone))
    broken, healed = subject.heal_leases(tmp_path, full), subject.heal_leases(tmp_path)

    assert [(each.run_id, each.owes, "No space left" in each.problems[0]) for each in broken.healed] == [
        ("r", True, True)
    ]
    assert (broken.set_aside, [each.owes for each in healed.healed]) == ((), [False])


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:99999x", "not a url"])
def test_a_lease_that_names_nonsense_keeps_no_other_from_being_healed(tmp_path: Path, url: str) -> None:
    """It is told and stays; what other dead runs left is undone all the same."""
    gone = Child(label="conductor", pid=2**22 - 1, created=1.0, argv=())
    nonsense = {url: {"pay": Place(listen="x", upstream="y")}}
    write_lease(tmp_path, Lease(run_id="a", run_dir=str(tmp_path), conductor=gone, foreign=nonsense))
    write_lease(tmp_path, Lease(run_id="b", run_dir=str(tmp_path), conductor=gone))
    summary = subject.heal_leases(tmp_path)

    assert [(each.run_id, each.owes) for each in summary.healed] == [("a", True), ("b", False)]
    assert summary.healed[0].problems
    assert [path.name for path in tmp_path.glob("*.json")] == ["a.json"]


def test_nobody_knows_what_the_run_of_a_broken_lease_left(tmp_path: Path) -> None:
    """It is set aside, with a word on how to find what it left."""
    (tmp_path / "r7.json").write_bytes(b"{")
    (sentence,) = subject.heal_leases(tmp_path).set_aside

    assert "REHEARSAL_RUN=r7" in sentence
    assert (tmp_path / "r7.broken").exists()
