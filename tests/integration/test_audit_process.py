"""The audit as a process of its own, whose time and memory can be measured."""

from pathlib import Path

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.pipeline.selftest.vast import audited_in_child, write_run
from rehearsal.rundir import folder

pytestmark = pytest.mark.integration


def test_the_audit_in_a_process_of_its_own_is_measured(tmp_path: Path) -> None:
    """Seconds and memory are the child's; one that dies is no audit that found nothing."""
    run, empty = tmp_path / "run", tmp_path / "empty"
    empty.mkdir()
    run.mkdir()
    write_run(run, 2000, "I4")
    folder.write_json(run / folder.RUN, {})
    audited = audited_in_child(run)

    assert any(finding.check == "invariant.I4.no_double_charge" for finding in audited.findings)
    assert audited.seconds > 0 < audited.peak_mib
    with pytest.raises(RehearsalError, match=r"The audit died \(exit code 2\)"):
        audited_in_child(empty)
