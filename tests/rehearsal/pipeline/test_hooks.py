"""A plan's own commands around a load: what they are told, and what is owed when."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.heal import heal_run
from chaos.lease_file import Undo, path_of, read_lease
from chaos.process_table import ProcessTable
from rehearsal.model import plan_shop
from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import RehearsalError, Stopped
from rehearsal.model.plan import Plan
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.hooks import AFTER, Hooks, facts_of
from rehearsal.process import Child
from rehearsal.rundir.protocol_log import ProtocolLog, read_protocol

URL = "http://shop?a=1&b='2'"


class Stage:
    """Hooks over a folder, and what they did: each command appends a word to a file."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        """Take a folder."""
        self.folder = folder
        self.run_id = f"hooks-{folder.name}"
        self.table = ProcessTable(folder / "leases", run_id=self.run_id, run_dir=folder)
        self.halt = Halt()
        self.said: list[str] = []
        self.plan = plan

    def hooks(self, before: str = "", after: str = "", *, mask: Callable[[str], str] = str) -> Hooks:
        """Return hooks of these commands."""
        return Hooks(
            commands=plan_shop.Hooks(before=before, after=after, timeout_s=5.0),
            table=self.table,
            facts=facts_of(self.plan, self.run_id, URL),
            protocol=ProtocolLog(self.folder),
            clock=SystemClock(),
            halt=self.halt,
            tell=self.said.append,
            mask=mask,
        )

    def note(self, word: str) -> str:
        """Return a command that notes a word."""
        return f"echo {word} >> {self.folder / 'done'}"

    def end_load(self) -> None:
        """Note that the load was ended."""
        with (self.folder / "done").open("a") as file:
            file.write("load ended\n")

    @property
    def done(self) -> list[str]:
        """Return what was done, in order."""
        file = self.folder / "done"
        return file.read_text().splitlines() if file.exists() else []

    @property
    def owed(self) -> list[str]:
        """Return what is owed."""
        return [undo.name for undo in self.table.lease.undos]

    @property
    def protocol(self) -> list[tuple[str, str, bool]]:
        """Return steps and outcomes as the protocol has them, and whether they say something."""
        return [(line.step, line.outcome, bool(line.note)) for line in read_protocol(self.folder)]


@pytest.fixture
def stage(tmp_path: Path, make_plan: Callable[..., Plan]) -> Stage:
    """Return a stage on which nothing has happened."""
    return Stage(tmp_path, make_plan())


def test_both_are_carried_out_around_the_load(stage: Stage) -> None:
    """`after` is owed from before `before` begins, and no longer once it has ended well."""
    with stage.hooks(stage.note("before"), stage.note("after")).around(stage.end_load):
        owed, during = stage.owed, stage.done

    assert (owed, during) == ([AFTER], ["before"])
    assert (stage.owed, stage.done) == ([], ["before", "after"])
    assert stage.protocol == [
        ("before", "ok", False),
        ("before", "ok", True),
        ("after", "ok", False),
        ("after", "ok", True),
    ]


def test_they_are_told_the_run_the_shop_and_the_plan(stage: Stage) -> None:
    """In the environment, whatever letters the address has."""
    variables = '"$REHEARSAL_RUN" "$REHEARSAL_URL" "$REHEARSAL_PLAN"'
    with stage.hooks(f"printf '%s\\n' {variables} > {stage.folder / 'done'}").around(stage.end_load):
        pass

    assert stage.done == [stage.run_id, URL, stage.plan.name]


def test_a_plan_without_hooks_owes_and_tells_nothing(stage: Stage) -> None:
    """Most plans have none."""
    with stage.hooks().around(stage.end_load):
        owed = stage.owed

    assert (owed, stage.protocol, stage.said, stage.done) == ([], [], [], [])


def test_a_load_that_breaks_off_is_ended_before_it_is_cleaned_up(stage: Stage) -> None:
    """What is still bought while it is cleaned up would stay."""
    with (
        pytest.raises(KeyError) as caught,
        stage.hooks(after=stage.note("after")).around(stage.end_load),
    ):
        raise KeyError

    assert (stage.done, stage.owed) == (["load ended", "after"], [])
    assert not hasattr(caught.value, "__notes__")


def test_a_before_that_fails_ends_the_drill_in_its_own_words(stage: Stage) -> None:
    """Nothing is sent; what it has done is cleaned up."""
    hooks = stage.hooks("echo no such tenant; exit 3", stage.note("after"))
    with pytest.raises(RehearsalError) as caught, hooks.around(stage.end_load):
        stage.end_load()

    assert str(caught.value) == (
        "hooks.before ended with exit code 3: no such tenant. Nothing was sent; mend it, and run the drill "
        "again. The command: echo no such tenant; exit 3"
    )
    assert (stage.done, stage.owed) == (["load ended", "after"], [])
    assert ("before", "fail", True) in stage.protocol


def test_a_stop_is_not_kept_waiting_by_a_before(stage: Stage) -> None:
    """Ctrl-C during `before` stops the drill; it is cleaned up all the same."""
    stage.halt.set("Ctrl-C")
    hooks = stage.hooks("exec sleep 60", stage.note("after"))
    with pytest.raises(Stopped), hooks.around(stage.end_load):
        stage.end_load()

    assert stage.done == ["load ended", "after"]


WORDS = (
    "hooks.after ended with exit code 1: locked. Once it can be carried out, run: rehearse heal. "
    "The command: echo locked; false"
)


def test_a_clean_up_that_fails_stays_owed_and_is_told(stage: Stage) -> None:
    """It is told where the drill is watched, with the command that tries again."""
    with stage.hooks(after="echo locked; false").around(stage.end_load):
        pass

    assert stage.said[-1] == WORDS
    assert stage.owed == [AFTER]
    assert stage.protocol[-1] == ("after", "fail", True)


def test_of_a_drill_that_broke_off_it_is_told_beside_the_error(stage: Stage) -> None:
    """What broke off the drill comes first, what could not be cleaned up stands beside it."""
    hooks = stage.hooks(after="echo locked; false")
    with pytest.raises(KeyError) as caught, hooks.around(stage.end_load):
        raise KeyError

    assert caught.value.__notes__ == [WORDS]
    assert stage.owed == [AFTER]


def test_what_they_say_is_masked_before_it_is_cut(stage: Stage) -> None:
    """A secret at the edge of the last words must not stay there in part."""
    secret = "s3cret-" + "x" * 20
    hooks = stage.hooks(f"printf '{secret}%s' {'y' * 190}", mask=lambda text: text.replace(secret, "***"))
    with hooks.around(stage.end_load):
        pass
    said = json.dumps([line.note for line in read_protocol(stage.folder)])

    assert ("xxxx" in said, "***y" in said) == (False, True)


def test_whoever_heals_cleans_up_last(stage: Stage) -> None:
    """After a conductor's death: faults are undone first; then, all processes ended, it is cleaned up."""
    stage.table.owe(Undo(name="undo", command=stage.note("undone"), timeout_s=5.0))
    with stage.hooks(after=f'[ "$REHEARSAL_PLAN" ] && {stage.note("after")}').around(stage.end_load):
        lease = read_lease(path_of(stage.folder / "leases", stage.run_id))
    (stage.folder / "done").unlink()
    dead = Child(label="conductor", pid=2**22, created=1.0, argv=())
    healed = heal_run(
        type(lease)(
            run_id=lease.run_id, run_dir=lease.run_dir, conductor=dead, undos=tuple(reversed(lease.undos))
        ),
        stage.folder / "leases",
    )

    assert sorted(stage.done) == ["after", "undone"]
    assert (healed.undone, healed.owes, healed.problems) == (("undo", AFTER), False, ())


def test_a_clean_up_that_heal_cannot_do_is_told(stage: Stage) -> None:
    """It stays in the lease, and a person is told the command."""
    with stage.hooks(after="exit 4").around(stage.end_load):
        pass
    dead = Child(label="conductor", pid=2**22, created=1.0, argv=())
    lease = read_lease(path_of(stage.folder / "leases", stage.run_id))
    healed = heal_run(
        type(lease)(run_id=lease.run_id, run_dir=lease.run_dir, conductor=dead, undos=lease.undos),
        stage.folder / "leases",
    )

    assert healed.owes
    assert "hooks.after has not cleaned up: its command ended with exit code 4" in healed.problems[0]
