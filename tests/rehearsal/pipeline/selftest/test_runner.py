from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rehearsal.model.clock import NS_PER_S, Clock
from rehearsal.model.errors import Stopped
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.selftest.case import Case, CaseKind, Result, Seen, Standing
from rehearsal.pipeline.selftest.ledger import Ledger
from rehearsal.pipeline.selftest.runner import LONGEST_S, Drilling, Runner

GO = Seen(verdict="GO", statuses={"invariant.I1": "PASS"})
BAD = Seen(verdict="NO_GO", statuses={"invariant.I1": "FAIL"}, run="/kept")
STARVED = Seen(verdict="INVALID", statuses={"generator.machine": "INVALID"}, run="/starved")


class Hands(Halt):
    """A clock that goes on when somebody waits, and the flag they wait on; stops at an instant if told."""

    def __init__(self, stop_at_s: float = float("inf")) -> None:
        """Begin at 0."""
        super().__init__()
        self._at_ns = 0
        self._stop_at_ns = stop_at_s * NS_PER_S

    def now_ns(self) -> int:
        """Return the instant."""
        return self._at_ns

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Be there."""
        self._at_ns = max(self._at_ns, instant_ns)
        if self._at_ns >= self._stop_at_ns:
            self.set("the test")

    def wait_until(self, instant_ns: int, clock: Clock, look: Callable[[], object]) -> None:
        """Be there, and look once."""
        self.sleep_until_ns(instant_ns)
        self.check()
        look()


@dataclass
class Fake:
    """A drill that is over after `looks` looks and leaves `left`."""

    left: Seen
    looks: int = 1
    told: list[str] = field(default_factory=list)

    def ended(self) -> bool:
        """Count a look."""
        self.looks -= 1
        return self.looks <= 0

    def seen(self) -> Seen:
        """Return it."""
        return self.left

    def stop(self) -> None:
        """Note it."""
        self.told.append("stop")

    def wait(self) -> bool:
        """Note it."""
        self.told.append("wait")
        return True

    def clear(self) -> None:
        """Note it."""
        self.told.append("clear")


@dataclass
class Stage:
    """Starts fakes from a script of what each attempt leaves, and notes everything."""

    script: dict[str, Iterator[Fake]]
    fakes: list[Fake] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    heard: list[tuple[str, str]] = field(default_factory=list)
    at_once: int = 0

    def start(self, case: Case, room: Path) -> Drilling:
        """Start the next attempt."""
        self.rooms.append(room.name)
        self.fakes.append(next(self.script[case.name]))
        self.at_once = max(self.at_once, sum(fake.looks > 0 for fake in self.fakes))
        return self.fakes[-1]

    def began(self, case: Case, attempt: int) -> None:
        """Note it."""
        self.heard.append((case.name, f"attempt {attempt}"))

    def over(self, result: Result, *, again: bool) -> None:
        """Note it."""
        self.heard.append((result.name, f"{result.standing}{' again' if again else ''}"))


def case(name: str, kind: CaseKind = CaseKind.CLEAN, text: str = "plan") -> Case:
    """Return a case; a planted bug must fail I1."""
    expected = ("invariant.I1",) if kind is CaseKind.DEFECT else ()
    return Case(name=name, kind=kind, seed=1, text=text, expected=expected)


@pytest.fixture
def runner_of(tmp_path: Path) -> Callable[..., Runner]:
    """Return a function that makes a runner on a stage."""

    def make(stage: Stage, jobs: int = 1, hands: Hands | None = None) -> Runner:
        hands = hands or Hands()
        ledger = Ledger(tmp_path, "v")
        return Runner(
            out=tmp_path,
            jobs=jobs,
            ledger=ledger,
            start=stage.start,
            clock=hands,
            halt=hands,
            watch=stage,
        )

    return make


def test_each_case_is_run_written_down_and_cleared_away(
    runner_of: Callable[..., Runner], tmp_path: Path
) -> None:
    """Of good cases nothing is kept but the line in the ledger."""
    stage = Stage({"a": iter([Fake(GO)]), "b": iter([Fake(BAD)])})
    runner_of(stage).run([case("a"), case("b", CaseKind.DEFECT)])
    ledger = Ledger(tmp_path, "v")
    results = [ledger.decided(case("a")), ledger.decided(case("b", CaseKind.DEFECT))]

    assert [one and (one.standing, one.run) for one in results] == [("clean", ""), ("caught", "")]
    assert [fake.told for fake in stage.fakes] == [["clear"], ["clear"]]


def test_the_folder_of_a_bad_case_is_kept_and_named(runner_of: Callable[..., Runner], tmp_path: Path) -> None:
    """Somebody will want to look into it."""
    stage = Stage({"a": iter([Fake(BAD)])})
    runner_of(stage).run([case("a")])
    result = Ledger(tmp_path, "v").decided(case("a"))

    assert result is not None
    assert (result.standing, result.run, stage.fakes[0].told) == (Standing.ALARM, "/kept", [])


def test_what_is_done_is_not_run_again(runner_of: Callable[..., Runner]) -> None:
    """Nor is a bug without a trap, which has no plan."""
    runner_of(Stage({"a": iter([Fake(GO)])})).run([case("a")])
    again = Stage({})
    runner_of(again).run([case("a"), case("untrapped", text="")])

    assert again.heard == []


def test_a_starved_drill_is_repeated_twice_and_then_stays_so(
    runner_of: Callable[..., Runner], tmp_path: Path
) -> None:
    """Its turns come after the others'; the last one's folder is kept, its seconds are those of all three."""
    stage = Stage({"a": iter([Fake(STARVED), Fake(STARVED), Fake(STARVED)]), "b": iter([Fake(GO)])})
    runner_of(stage).run([case("a"), case("b")])
    result = Ledger(tmp_path, "v").last_of(case("a"))

    assert stage.rooms == ["a", "b", "a", "a"]
    assert result is not None
    assert (result.standing, result.attempts, result.run) == (Standing.STARVED, 3, "/starved")
    assert [fake.told for fake in stage.fakes] == [["clear"], ["clear"], ["clear"], []]
    assert stage.heard[1] == ("a", "starved again")


def test_a_drill_starved_once_may_still_be_clean(runner_of: Callable[..., Runner], tmp_path: Path) -> None:
    """The attempts are counted."""
    runner_of(Stage({"a": iter([Fake(STARVED), Fake(GO)])})).run([case("a")])
    result = Ledger(tmp_path, "v").decided(case("a"))

    assert result is not None
    assert (result.standing, result.attempts) == (Standing.CLEAN, 2)


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_no_more_drills_run_side_by_side_than_asked_for(runner_of: Callable[..., Runner], jobs: int) -> None:
    """But so many do."""
    names = [f"c{number}" for number in range(7)]
    stage = Stage({name: iter([Fake(GO, looks=3)]) for name in names})
    runner_of(stage, jobs).run([case(name) for name in names])

    assert (stage.at_once, len(stage.fakes)) == (jobs, 7)


def test_a_drill_that_does_not_end_is_stopped_and_broken(
    runner_of: Callable[..., Runner], tmp_path: Path
) -> None:
    """Nobody waits for ever for a hanging drill, and whatever it left proves nothing."""
    stage = Stage({"a": iter([Fake(GO, looks=10**9)])})
    runner_of(stage).run([case("a")])
    result = Ledger(tmp_path, "v").last_of(case("a"))

    assert result is not None
    assert (result.standing, stage.fakes[0].told) == (Standing.BROKEN, ["stop", "wait"])
    assert result.seconds > LONGEST_S
    assert result.note.startswith("not over after 240")


def test_a_stop_ends_all_drills_before_it_is_passed_on(
    runner_of: Callable[..., Runner], tmp_path: Path
) -> None:
    """All are asked first and waited for then; what was done is kept, what was not will be run."""
    hands = Hands(stop_at_s=4.0)
    stage = Stage(
        {"a": iter([Fake(GO)]), "b": iter([Fake(GO, looks=10**9)]), "c": iter([Fake(GO, looks=10**9)])}
    )
    with pytest.raises(Stopped, match="Stopped by the test"):
        runner_of(stage, 2, hands).run([case("a"), case("b"), case("c")])
    ledger = Ledger(tmp_path, "v")

    assert [fake.told for fake in stage.fakes] == [["clear"], ["stop", "wait"], ["stop", "wait"]]
    assert [ledger.decided(case(name)) is not None for name in "abc"] == [True, False, False]
