import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.checks import safely, sentence
from rehearsal.model.verdict import Finding, Status


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("burst: all well", "Burst: all well.", id="a phase's name first"),
        pytest.param("3 of 4", "3 of 4.", id="a number first"),
        pytest.param("All well.", "All well.", id="a sentence already"),
    ],
)
def test_sentences(words: str, expected: str) -> None:
    """Every finding reads as a sentence."""
    actual = sentence(words)

    assert expected == actual


@given(st.text(alphabet="aB1: .", min_size=1, max_size=12).filter(lambda words: not words.endswith("..")))
def test_a_sentence_made_twice_is_the_same(words: str) -> None:
    """Whoever words a finding need not know whether it is a sentence yet."""
    once = sentence(words)

    assert once == sentence(once)


def test_a_crashed_check_is_inconclusive() -> None:
    """A check that dies says so, with the exception's name."""

    def dies() -> tuple[Finding, ...]:
        raise ZeroDivisionError("no samples")

    (finding,) = safely("slo", dies)

    assert (finding.check, finding.status) == ("slo", Status.INCONCLUSIVE)
    assert finding.summary == (
        "The check itself crashed (ZeroDivisionError: no samples), so nothing is known."
    )


def test_a_check_that_lives_is_left_alone() -> None:
    """What a check finds passes through as it is."""
    found = (Finding(check="slo", status=Status.PASS, summary="Fine."),)

    assert found == safely("slo", lambda: found)
