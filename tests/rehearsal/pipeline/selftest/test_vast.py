"""A clean history of any length is clean, and a violation planted in it is found and named."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RehearsalError
from rehearsal.model.verdict import Finding, Status
from rehearsal.pipeline.audit import audit_run
from rehearsal.pipeline.selftest import clean_history, clean_readings, vast
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import SCHEMA, read_history

_OPS = 5000


def broken(findings: tuple[Finding, ...]) -> list[str]:
    """Return the invariants that are called broken."""
    return [finding.check.split(".")[1] for finding in findings if finding.status is Status.FAIL]


@given(ops=st.integers(1, 10**9))
def test_a_history_is_as_long_as_asked_for_and_no_visit_longer(ops: int) -> None:
    """Visits come in tens; ten fewer would be too few operations."""
    visits = clean_history.size_of(ops).visits

    assert visits // 10 * 46 >= ops > (visits // 10 - 1) * 46


@pytest.mark.parametrize("rows", [100, 700, 10**6], ids=["small parts", "middling parts", "one part"])
def test_the_history_does_not_depend_on_the_size_of_its_parts(rows: int) -> None:
    """Every operation is there once, whatever the parts."""
    size = clean_history.size_of(_OPS)

    whole = pl.concat(clean_history.parts_of(size, rows=10**6))
    parts = pl.concat(clean_history.parts_of(size, rows=rows))

    order = ["visit", "due_ns", "f", "attempt"]
    assert dict(whole.schema) == dict(SCHEMA)
    assert whole.sort(order).equals(parts.sort(order))


def test_nothing_is_broken_in_a_clean_history(tmp_path: Path) -> None:
    """What no violation was planted in raises no alarm."""
    vast.write_run(tmp_path, _OPS, "I4")
    size = clean_history.size_of(_OPS)
    tables = clean_readings.tables_of(clean_history.ordering(size), size.stock)
    clean_readings.write_readings(tmp_path / folder.FINAL, tables)

    assert broken(audit_run(tmp_path)) == []


@pytest.mark.parametrize("planted", clean_readings.PLANTED)
def test_a_planted_violation_is_found_and_named(tmp_path: Path, planted: str) -> None:
    """The invariant it breaks names the order that was tampered with, and no other; the proof is short."""
    written, order_id = vast.write_run(tmp_path, _OPS, planted)

    findings = audit_run(tmp_path)

    assert written == read_history(tmp_path).height >= _OPS
    [finding] = [one for one in findings if one.check.startswith(f"invariant.{planted}.")]
    assert (Status.FAIL, (order_id,)) == (finding.status, finding.ids)
    assert 0 < len(finding.evidence["proof"]) <= 12


def test_what_cannot_be_planted_is_refused() -> None:
    """The message names what can be."""
    with pytest.raises(RehearsalError, match="'I99' cannot be planted; there are I4, I5"):
        clean_readings.planted({}, "I99")


@pytest.mark.parametrize(
    ("found", "seconds", "peak_mib", "holds"),
    [
        pytest.param(True, 59.0, 2000.0, True, id="found in time and memory"),
        pytest.param(False, 1.0, 100.0, False, id="not found"),
        pytest.param(True, 61.0, 100.0, False, id="too slow"),
        pytest.param(True, 1.0, 2049.0, False, id="too large"),
    ],
)
def test_it_holds_within_the_limits_only(found: bool, seconds: float, peak_mib: float, holds: bool) -> None:
    """Found is not enough: in a minute, and in two gibibytes."""
    told: dict[str, Any] = {"order_id": "o-1", "broken": (), "named": ()}
    tried = vast.Vast(ops=10, planted="I4", found=found, seconds=seconds, peak_mib=peak_mib, **told)

    assert tried.holds is holds
