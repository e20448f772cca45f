import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chaos.faults.shell import Shell, shell
from rehearsal.model.errors import RehearsalError
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Command
from rehearsal.model.secrets import masker

KIND = FaultKind.COMMAND


def commands(folder: Path, **other: Any) -> Command:
    """Return commands that break a file, look at it and mend it."""
    file = folder / "broken"
    usual = {
        "inject": f"touch {file}",
        "undo": f"rm -f {file}",
        "prove": f"test -e {file}",
        "prove_healed": f"test ! -e {file}",
    }
    return Command(**{**usual, "timeout_s": 60.0, **other})


def test_a_team_s_own_way(shop: Any, drill: Any, tmp_path: Path) -> None:
    """Its commands break, prove and mend; the undoing is owed from before the breaking until it is done."""
    fault = drill(KIND, command=commands(tmp_path))
    before = fault.prove_effect().proven
    fault.inject()
    owed = dict(shop.processes.owed)
    during = fault.prove_effect().proven, fault.prove_heal().proven
    fault.heal()
    fault.heal()

    assert not before
    assert owed == {"command-p-1": f"rm -f {tmp_path / 'broken'}"}
    assert during == (True, False)
    assert fault.prove_heal().proven
    assert shop.processes.owed == {}
    assert fault.felt().saw == "only shoppers can tell"


@pytest.mark.parametrize(
    ("line", "timeout_s", "words"),
    [
        pytest.param("echo no such pod; exit 3", 60.0, "ended with exit code 3: no such pod", id="it failed"),
        pytest.param("exec sleep 600", 0.2, "had not ended after 0.2 s", id="it hung"),
        pytest.param("nosuchcommand", 60.0, "exit code 127", id="it is not there"),
    ],
)
def test_a_command_that_fails(
    shop: Any, drill: Any, tmp_path: Path, line: str, timeout_s: float, words: str
) -> None:
    """What could not be broken is told in the command's own words, and stays owed."""
    fault = drill(KIND, command=commands(tmp_path, inject=line, timeout_s=timeout_s))

    with pytest.raises(RehearsalError, match=words) as told:
        fault.inject()

    assert line in str(told.value)
    assert shop.processes.owed


def test_an_undoing_that_fails_stays_owed(shop: Any, drill: Any, tmp_path: Path) -> None:
    """Only what has been undone is owed no longer."""
    fault = drill(KIND, command=commands(tmp_path, undo="false"))
    fault.inject()

    with pytest.raises(RehearsalError, match="undo ended with exit code 1"):
        fault.heal()

    assert shop.processes.owed


def test_commands_know_the_addresses_that_they_name(shop: Any, drill: Any, tmp_path: Path) -> None:
    """Also the undoing that is owed, which somebody else may have to run."""
    told = tmp_path / "told"
    line = f'echo "$REHEARSAL_REGION_A $REHEARSAL_PROVIDER" > {told}'
    fault = drill(KIND, command=commands(tmp_path, inject=line, undo="true $REHEARSAL_DIRECTOR"))
    fault.inject()
    world = shop.world

    assert told.read_text().split() == [world.regions["a"].url, world.provider_url]
    assert shop.processes.owed == {
        "command-p-1": f"export REHEARSAL_DIRECTOR={world.director_url}; true $REHEARSAL_DIRECTOR"
    }


def test_commands_bear_the_run_s_mark(site: Any, tmp_path: Path) -> None:
    """What a command leaves in the background ends with the run."""
    own = Shell(commands(tmp_path, prove='test "$REHEARSAL_RUN" = r1'))

    assert own.shows(site(KIND)).proven


def test_half_a_secret_is_not_left_where_words_are_cut(site: Any, tmp_path: Path) -> None:
    """Of what a command says the last letters are kept, and only the whole secret is known to be one."""
    placed, said = site(KIND), f"geheimnis{'x' * 196}"
    quiet = replace(placed, world=replace(placed.world, mask=masker(["geheimnis"])))
    own = Shell(commands(tmp_path, prove=f"echo {said}"))

    assert own.shows(quiet).saw == f"prove ended with exit code 0: ***{'x' * 196}"


def test_a_command_ends_with_what_it_is_for() -> None:
    """Nobody waits a quarter of an hour for a command of a run that is over."""
    over = threading.Event()
    over.set()
    seen = shell("run", "sleep 60", timeout_s=900.0, over=over)

    assert not seen.proven
    assert seen.saw == "run had not ended after 0 s"
