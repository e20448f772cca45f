from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from rehearsal.model.errors import RehearsalError, RunDirError
from rehearsal.model.plan import Plan
from rehearsal.pipeline.again import again
from rehearsal.pipeline.circumstances import record_of
from rehearsal.rundir import folder
from scenarios.schedule import build


@pytest.fixture
def run(make_plan: Callable[..., Plan], plan_text: str, tmp_path: Path) -> Path:
    """Return the folder of a run with a bug planted and a seed of its own."""
    plan = make_plan(plan_text).model_copy(update={"seed": 77})
    folder.write_json(tmp_path / folder.PLAN, plan.model_dump(mode="json"))
    folder.write_json(tmp_path / folder.SCHEDULE, build(plan))
    record = record_of(plan, tmp_path.name, at=datetime.now(UTC), defects=("oversell_race",), toxiproxy=None)
    folder.write_json(tmp_path / folder.RUN, record)
    return tmp_path


def test_a_run_again(run: Path) -> None:
    """Its plan with the seed it had, its bugs, and the same schedule."""
    before = again(run)

    assert (before.plan.seed, before.defects) == (77, ("oversell_race",))
    assert build(before.plan).sha256 == before.sha256


def test_another_version_s_schedule(run: Path) -> None:
    """What would send another load does not call itself the same drill."""
    plan = again(run).plan
    other = msgspec.structs.replace(build(plan), sha256="f" * 64)
    folder.write_json(run / folder.SCHEDULE, other)

    with pytest.raises(RehearsalError, match=r"has the hash \w{12}, then it was f{12}"):
        again(run)


def test_no_run_at_all(tmp_path: Path) -> None:
    """A folder of anything else is told so."""
    with pytest.raises(RunDirError, match="is not a run's folder"):
        again(tmp_path)
