from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.model.clock import SystemClock
from rehearsal.model.plan import Plan
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.run import run_drill
from rehearsal.pipeline.watcher import Nobody
from reports.keys import KeyRefused


def test_a_key_that_cannot_sign_is_told_before_anything_starts(
    make_plan: Callable[..., Plan], plan_text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key open to others would otherwise be refused after the last phase, and the run stay unsigned."""
    key = tmp_path / "config" / "rehearsal" / "harness.key.pem"
    key.parent.mkdir(parents=True)
    key.write_text("junk")
    key.chmod(0o644)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("rehearsal.pipeline.run.require_toxiproxy", lambda _: None)

    with pytest.raises(KeyRefused, match="open to other users"):
        run_drill(
            make_plan(plan_text),
            out=tmp_path / "runs",
            defects=(),
            clock=SystemClock(),
            halt=Halt(),
            watcher=Nobody(),
        )

    assert not (tmp_path / "runs").exists()
