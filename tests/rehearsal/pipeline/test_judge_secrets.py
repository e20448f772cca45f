import pytest

from rehearsal.model.verdict import Status
from rehearsal.pipeline.judge_secrets import besides, judge_secrets
from rehearsal.rundir.sweep import Swept

LEFT = Swept(files=9, masked={"a.log": 1}, left={"shop.sqlite": 2})
ROWS = [
    ("none found", Swept(files=9), Status.PASS, "9 files were searched, and no secret was found in any."),
    (
        "masked in time",
        Swept(files=9, masked={"logs/a.log": 1200}),
        Status.PASS,
        "9 files were searched; secrets in logs/a.log (1,200) were masked.",
    ),
    ("left in a file", LEFT, Status.FAIL, "Secrets stand in shop.sqlite (2), which cannot be masked; delete"),
    (
        "not searched",
        Swept(unread="KEY is not set."),
        Status.INCONCLUSIVE,
        "Not every secret could be searched for: KEY is not set.",
    ),
    (
        "one left, one not searched for",
        Swept(left={"a": 1}, unread="x"),
        Status.FAIL,
        "Secrets stand in a",
    ),
]


@pytest.mark.parametrize(
    ("swept", "status", "words"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_what_a_search_means(swept: Swept, status: Status, words: str) -> None:
    """Masked in time is a pass that names the files; what stays in one fails; no search proves nothing."""
    (finding,) = judge_secrets(swept)

    assert (finding.check, finding.status) == ("run.secrets", status)
    assert finding.summary.startswith(words)


def test_without_secrets_there_is_no_finding() -> None:
    """A plan that has none cannot leak any."""
    assert judge_secrets(None) == ()


def test_what_is_left_is_told_of_a_run_that_is_not_judged() -> None:
    """Whoever gets such a folder must know; what was masked in time is no news."""
    assert besides(LEFT).startswith(" Secrets stand in shop.sqlite")
    assert [besides(swept) for swept in (None, Swept(files=9, masked={"a.log": 1}))] == ["", ""]
