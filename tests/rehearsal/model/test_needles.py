import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.needles import HEAD, Needles, Span

#: Few letters, so that needles overlap, repeat, and begin alike.
BITS = st.sampled_from([b"a", b"b", b"\0", b"ab"])
NEEDLES = st.sets(st.lists(BITS, min_size=HEAD, max_size=9).map(b"".join), max_size=6)
TEXTS = st.lists(BITS, max_size=60).map(b"".join)


def by_looking(text: bytes, needles: set[bytes]) -> list[Span]:
    """Return what `find` is to return, found place by place."""
    spans: list[Span] = []
    place = 0
    while place < len(text):
        here = [needle for needle in needles if text.startswith(needle, place)]
        if here:
            spans.append((place, place + max(map(len, here))))
        place = spans[-1][1] if here else place + 1
    return spans


@given(needles=NEEDLES, text=TEXTS)
def test_all_is_found_and_nothing_else(needles: set[bytes], text: bytes) -> None:
    """From the left, the longest at each place, none over another: as who looks place by place."""
    assert Needles(needles).find(text) == by_looking(text, needles)


@pytest.mark.parametrize("place", [(1 << 20) + offset for offset in (-10, -9, -5, -1, 0, 1)])
def test_what_lies_across_two_blocks_is_found(place: int) -> None:
    """A text is looked at in pieces of a mebibyte; where one ends is no hiding place."""
    text = b"." * place + b"geheimnis" + b"." * 20

    assert Needles([b"geheimnis", b"elsewhere"]).find(text) == [(place, place + 9)]


def test_many_needles_are_told_apart() -> None:
    """Thousands with the same head: only those that are there are found."""
    needles = Needles(f"password-{number:05}".encode() for number in range(5000))

    assert needles.find(b"x password-00042 password-4999 password-04999") == [(2, 16), (31, 45)]


def test_nothing_wanted_is_nothing_found() -> None:
    """Without needles every text is clean."""
    assert (bool(Needles([])), Needles([]).find(b"anything at all")) == (False, [])


def test_a_needle_must_be_long_enough() -> None:
    """Five bytes have no head to look for."""
    with pytest.raises(ValueError, match="fewer than 6"):
        Needles([b"abcde"])
