import pytest

from rehearsal.model.verdict import VIOLATIONS, Finding, Status, Verdict
from rehearsal.rundir.record import Deciding, verdict_record


def finding(status: Status, check: str = "b", **facts: object) -> Finding:
    """Return a finding."""
    return Finding(check=check, status=status, summary="Oversold by 3.", **facts)  # type: ignore[arg-type]


def test_the_verdict_names_what_decided_it() -> None:
    """Findings that did not pass are told, the worst first; all are counted."""
    findings = (
        finding(Status.PASS, "a"),
        finding(Status.INCONCLUSIVE, "b"),
        finding(Status.FAIL, "c", subject="flash"),
        finding(Status.INVALID, "d"),
    )
    record = verdict_record("r", Verdict.NO_GO, findings, schema=1)

    assert record.counts == {"FAIL": 1, "INCONCLUSIVE": 1, "INVALID": 1, "PASS": 1}
    assert [deciding.check for deciding in record.deciding] == ["c", "d", "b"]
    assert record.deciding[0] == Deciding(
        check="c", status=Status.FAIL, subject="flash", summary="Oversold by 3."
    )


@pytest.mark.parametrize(
    ("named", "unit", "measured", "expected"),
    [
        pytest.param(0, "", None, (0, 0), id="no ids"),
        pytest.param(3, VIOLATIONS, 3.0, (3, 0), id="few"),
        pytest.param(7, "", None, (5, 2), id="more than are shown"),
        pytest.param(20, VIOLATIONS, 300.0, (5, 295), id="more than the finding names"),
        pytest.param(20, "ms", 300.0, (5, 15), id="a measure that counts something else"),
        pytest.param(0, "ms", 300.0, (0, 0), id="a measure without ids"),
    ],
)
def test_the_first_ids_are_named_and_the_rest_counted(
    named: int, unit: str, measured: float | None, expected: tuple[int, int]
) -> None:
    """Five ids at most, with the number of those not named."""
    failed = finding(
        Status.FAIL, ids=tuple(f"o{number}" for number in range(named)), unit=unit, measured=measured
    )
    (deciding,) = verdict_record("r", Verdict.NO_GO, (failed,), schema=1).deciding

    assert expected == (len(deciding.ids), deciding.more_ids)
    assert deciding.ids == failed.ids[:5]
