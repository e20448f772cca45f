from rehearsal.model.verdict import Finding, Status, Verdict
from rehearsal.rundir.record import verdict_record


def test_the_verdict_names_what_decided_it() -> None:
    """Findings that did not pass are told in words; all are counted."""
    findings = (
        Finding(check="a", status=Status.PASS, summary="fine"),
        Finding(check="b", status=Status.FAIL, summary="oversold by 3"),
        Finding(check="c", status=Status.PASS, summary="fine too"),
    )
    record = verdict_record("r", Verdict.NO_GO, findings, schema=1)

    assert record.counts == {"FAIL": 1, "PASS": 2}
    assert record.deciding == ("oversold by 3",)
