from pathlib import Path

import pytest

from rehearsal.cli.verdict_text import verdict_text
from rehearsal.model.verdict import Status, Verdict
from rehearsal.rundir.record import Deciding, VerdictRecord

RUN = Path("runs/20261121T120000Z-flash-sale-618")
OVERSOLD = Deciding(
    check="invariant.I1.no_oversell",
    status=Status.FAIL,
    subject="flash",
    summary="Flash: 119 units sold and 119 promised, but the stock was 50.",
    ids=tuple(f"order-0000-0000-{number}" for number in range(5)),
    more_ids=64,
)
SLOW = Deciding(
    check="slo.response_time.p95", status=Status.INCONCLUSIVE, subject="", summary="Normal: not enough."
)


def record(*deciding: Deciding, verdict: Verdict = Verdict.NO_GO) -> VerdictRecord:
    """Return what verdict.json says of a run with two more checks that passed."""
    return VerdictRecord(
        schema=1, run_id="r", verdict=verdict, counts={"FAIL": 1, "PASS": 2}, deciding=deciding
    )


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_verdict_says_what_it_means_and_where_the_files_are(verdict: Verdict) -> None:
    """Verdict, meaning, counts, and the files."""
    text = verdict_text(RUN, record(verdict=verdict), None).plain

    assert text.startswith(verdict.value.replace("_", " "))
    assert "(1 FAIL, 2 PASS)" in text
    assert f"report    {RUN}/report.html" in text
    assert f"check it  rehearse verify {RUN}" in text


def test_a_reason_names_its_check_and_the_first_offenders() -> None:
    """Check, status, subject, sentence, and the ids if there are any: enough to look further."""
    lines = verdict_text(RUN, record(OVERSOLD, SLOW), None).plain.splitlines()

    assert lines[2:5] == [
        "FAIL  invariant.I1.no_oversell  flash",
        "  Flash: 119 units sold and 119 promised, but the stock was 50.",
        f"  {', '.join(OVERSOLD.ids)}, and 64 more",
    ]
    assert lines[5:8] == ["", "INCONCLUSIVE  slo.response_time.p95", "  Normal: not enough."]


@pytest.mark.parametrize("width", [60, 80, 140])
def test_a_terminal_folds_nothing(width: int) -> None:
    """Every line fits its terminal, indented under its check; ids and paths stay whole, to be copied."""
    text = verdict_text(RUN, record(OVERSOLD, SLOW), width).plain
    words = text.replace(",", " ").split()

    assert max(len(line) for line in text.splitlines() if str(RUN) not in line) <= width
    assert set(OVERSOLD.ids) <= set(words)


@pytest.mark.parametrize(
    ("number", "shown", "rest"),
    [
        pytest.param(8, 8, "", id="all are shown"),
        pytest.param(9, 8, "1 more did not pass; the report and verdict.json name them.", id="one too many"),
    ],
)
def test_the_first_findings_are_told_and_the_rest_counted(number: int, shown: int, rest: str) -> None:
    """One cause may make forty checks fail; a screen holds the first few."""
    text = verdict_text(RUN, record(*[SLOW] * number), None).plain

    assert text.count("slo.response_time.p95") == shown
    assert rest in text
    assert ("more did not pass" in text) == bool(rest)


def test_a_very_narrow_terminal_gets_words_not_letters() -> None:
    """Below forty columns the terminal folds what does not fit."""
    narrow = verdict_text(RUN, record(OVERSOLD), 10).plain

    assert narrow == verdict_text(RUN, record(OVERSOLD), 40).plain
