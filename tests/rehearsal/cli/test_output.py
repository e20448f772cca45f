"""How sentences are laid out for a terminal."""

import pytest

from rehearsal.cli import faults as listing
from rehearsal.cli.output import columns, folded
from rehearsal.model.fault_facts import FACTS


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (None, "P1  one two-three four"),
        (80, "P1  one two-three four"),
        (15, "P1  one\n    two-three\n    four"),
        (6, "P1  one\n    two-three\n    four"),
    ],
    ids=["pipe", "wide", "narrow", "narrower than a word"],
)
def test_words_are_broken_between_words_and_kept_clear_of_the_head(width: int | None, expected: str) -> None:
    """Names stay whole, so that they can be copied."""
    assert folded("P1  ", "one two-three four", width) == expected


def test_nothing_to_say_leaves_the_head() -> None:
    """Without blanks at its end."""
    assert folded("P1  ", "", 80) == "P1"


def test_a_pipe_has_no_width() -> None:
    """Lines are left whole for grep."""
    assert columns() is None


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_the_list_of_faults_keeps_within_the_terminal(width: int) -> None:
    """On a narrow one sentences stand below the names."""
    lines = "\n".join(listing._list(list(FACTS.values()), width)).splitlines()

    assert max(map(len, lines)) <= width
    assert all(len(line.split()) == 2 for line in lines if line[0] != " ") is (width < 100)
