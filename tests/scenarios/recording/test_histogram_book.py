"""The book against a slow twin: a counter of (second, phase, key, clock, bucket), one attempt at a time."""

from collections import Counter
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.histogram import NEVER_NS, OVERFLOW, bucket_of
from scenarios.recording.histogram_book import MOST_KEYS, OTHERS, HistogramBook, Key

S = 1_000_000_000
PHASES = (("normal", 0), ("burst", int(2.5 * S)))
Attempt = tuple[Key, int, int, int]
ATTEMPTS = st.lists(
    st.tuples(
        st.tuples(
            st.sampled_from(("pay", "query")), st.sampled_from(("a", "")), st.sampled_from(("ok", "info"))
        ),
        st.integers(0, 5 * S),
        st.integers(0, 2 * S),
        st.integers(-1, 3 * S),
    ),
    max_size=20,
)


def add(book: HistogramBook, attempts: list[Attempt]) -> None:
    """Count attempts: key, due, lag and service time."""
    due = np.array([due for _, due, _, _ in attempts], np.int64)
    sent = due + np.array([lag for _, _, lag, _ in attempts], np.int64)
    took = np.array([took for *_, took in attempts], np.int64)
    book.add([key for key, *_ in attempts], due, sent, sent + took)


def lines_of(chunk: bytes) -> list[dict[str, Any]]:
    """Return a chunk's lines, the mark last."""
    lines: list[dict[str, Any]] = msgspec.json.Decoder(dict[str, Any]).decode_lines(chunk)
    return lines


def counted(*chunks: bytes) -> Counter[tuple[Any, ...]]:
    """Return what chunks say, added up."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for line in [line for chunk in chunks for line in lines_of(chunk)[:-1]]:
        where = tuple(line[name] for name in ("second", "phase", "path", "region", "outcome", "clock"))
        for bucket, count in zip(line["buckets"], line["counts"], strict=True):
            counts[*where, bucket] += count
    return counts


def slowly(attempts: list[Attempt]) -> Counter[tuple[Any, ...]]:
    """Count one attempt at a time."""
    counts: Counter[tuple[Any, ...]] = Counter()
    for key, due, lag, took in attempts:
        phase = "burst" if (due or lag) >= PHASES[1][1] else "normal"
        response = due + lag + took - due
        for clock, time_ns in (("response", response), ("service", took), ("send_lag", lag)):
            (bucket,) = bucket_of(np.array([NEVER_NS if time_ns < 0 else time_ns])).tolist()
            counts[due // S, phase, *key, clock, bucket] += 1
    return counts


@given(ATTEMPTS, ATTEMPTS)
def test_cuts_hold_what_a_slow_twin_counts(first: list[Attempt], second: list[Attempt]) -> None:
    """Whatever the cuts, the counts add up to those of all attempts, each clock's in its bucket."""
    book = HistogramBook(PHASES)
    add(book, first)
    one = book.cut()
    add(book, second)
    two = book.cut(end=True)

    assert counted(one, two) == slowly(first + second)
    assert lines_of(one)[-1] == {"attempts": len(first)}
    assert lines_of(two)[-1] == {"attempts": len(first) + len(second), "end": True}


def test_lines_are_sparse_and_ascending() -> None:
    """One line a key, second and clock, with distinct buckets in their order."""
    book = HistogramBook(())
    key = ("pay", "a", "ok")
    add(book, [(key, 5, 0, 3_000_000), (key, 6, 0, 1_000_000), (key, 7, 0, 3_000_000)])
    response = next(line for line in lines_of(book.cut()) if line.get("clock") == "response")

    assert (response["phase"], response["buckets"], response["counts"]) == ("", [1_000, 2_524], [1, 2])


def test_what_never_ended_is_in_the_last_bucket() -> None:
    """An attempt done before it was sent has no service time; its lag is known all the same."""
    book = HistogramBook(())
    add(book, [(("pay", "", "info"), 5, 0, -10)])

    assert {line["clock"]: line["buckets"] for line in lines_of(book.cut())[:-1]} == {
        "response": [OVERFLOW],
        "service": [OVERFLOW],
        "send_lag": [0],
    }


def test_a_cut_forgets() -> None:
    """After a cut nothing is held, and an empty cut says only how far the book has come."""
    book = HistogramBook(PHASES)
    add(book, [(("pay", "a", "ok"), 5, 0, 5)])
    held = book.held
    book.cut()

    assert (held, book.held) == (3, 0)
    assert lines_of(book.cut()) == [{"attempts": 1}]


def test_a_shop_of_endless_regions_does_not_fill_the_memory() -> None:
    """The last keys take everything new, each outcome apart: no attempt is lost, no key added."""
    book = HistogramBook(())
    attempts: list[Attempt] = [
        (("pay", f"r{n}", ("ok", "fail", "info")[n % 3]), 5, 0, 5) for n in range(2 * MOST_KEYS)
    ]
    add(book, attempts)
    counts = counted(book.cut())
    others = {where[2:5] for where in counts if where[3] == OTHERS}

    assert len(book._keys) == MOST_KEYS
    assert others == {(OTHERS, OTHERS, outcome) for outcome in ("ok", "fail", "info")}
    assert sum(counts.values()) == 3 * len(attempts)


def test_a_book_goes_on_with_more_phases() -> None:
    """What is due after their start is counted in them; what was cut before stays where it was."""
    book = HistogramBook((("warm-up", 0),))
    add(book, [(("pay", "a", "ok"), 5, 0, 5)])
    before = book.cut()
    book.extend((("rest 01", 2 * S), ("trial 01", 4 * S)))
    add(book, [(("pay", "a", "ok"), due, 0, 5) for due in (S, 3 * S, 5 * S)])

    assert {line["phase"] for line in lines_of(before)[:-1]} == {"warm-up"}
    assert [line["phase"] for line in lines_of(book.cut()) if line.get("clock") == "response"] == [
        "warm-up",
        "rest 01",
        "trial 01",
    ]


def test_a_book_that_holds_counts_does_not_go_on() -> None:
    """They number the phases that were known: more phases would move them elsewhere."""
    book = HistogramBook((("warm-up", 0),))
    add(book, [(("pay", "a", "ok"), 5, 0, 5)])

    with pytest.raises(ValueError, match="cut the book"):
        book.extend((("trial 01", S),))
