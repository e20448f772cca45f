"""How a drill ends: the exit code that its verdict, or its early end, stands for."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from rehearsal.cli.drill import exit_code_of
from rehearsal.model.verdict import Verdict
from rehearsal.pipeline.run import Outcome
from rehearsal.rundir import folder
from rehearsal.rundir.record import StopRecord
from tests.reports.run_factory import record_of

TRIPPED = StopRecord(
    condition="error_share", at_s=3.0, summary="half failed", measured=0.5, limit=0.3, unit="share"
)
STOPPED: dict[str, Any] = {"tripped": TRIPPED}


@pytest.mark.parametrize(
    ("verdict", "rest", "unhealed", "code", "said"),
    [
        pytest.param(Verdict.GO, {}, (), 0, "", id="a drill that went to its end"),
        pytest.param(Verdict.NO_GO, {}, ("it is down",), 1, "", id="a fault stayed, at the end"),
        pytest.param(
            Verdict.NO_GO, STOPPED, (), 5, "stopped and healed: half failed", id="stopped by its plan"
        ),
        pytest.param(
            Verdict.NO_GO,
            STOPPED,
            ("it is down",),
            1,
            "stopped and NOT healed",
            id="stopped, and a fault stayed",
        ),
    ],
)
def test_5_stands_for_healed(  # noqa: PLR0917 - a row of the table
    verdict: Verdict,
    rest: dict[str, Any],
    unhealed: tuple[str, ...],
    code: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever reads 5 need not look whether something is still broken."""
    record = msgspec.structs.replace(record_of(), unhealed=unhealed)
    folder.write_json(tmp_path / folder.RUN, record)

    assert code == exit_code_of(Outcome(run=tmp_path, verdict=verdict, **rest))
    assert said in capsys.readouterr().err
