"""What is promised of searches and verdicts, seen kept and seen broken."""

import msgspec
import pytest

from rehearsal.model.verdict import Verdict
from rehearsal.pipeline.selftest.capacity_simulated import (
    Decided,
    Law,
    Searched,
    truth_of,
    try_headroom,
    try_search,
)

GOOD = Searched(
    law=Law.MM8,
    truth=6.933,
    runs=200,
    over_5_percent=0.0,
    median_ratio=0.955,
    below_truth=0.95,
    requests_median=44000,
    requests_most=44900,
    value_ratio=0.99,
    high_ratio=1.06,
    high_covers=0.98,
)


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        pytest.param({}, True, id="all is kept"),
        pytest.param({"over_5_percent": 0.03}, False, id="too high too often"),
        pytest.param({"median_ratio": 0.94}, False, id="too cautious"),
        pytest.param({"below_truth": 0.92}, False, id="above the truth too often"),
        pytest.param({"requests_most": 45001}, False, id="one run took too many requests"),
        pytest.param({"law": Law.MM1, "median_ratio": 0.88}, True, id="one server tells less"),
    ],
)
def test_what_is_promised_of_searches(change: dict[str, object], holds: bool) -> None:
    """Each figure alone can break the promise."""
    assert msgspec.structs.replace(GOOD, **change).holds is holds


@pytest.mark.parametrize(
    ("factor", "go", "no_go", "holds"),
    [
        pytest.param(1.25, 0, 20, True, id="too little, and said so"),
        pytest.param(1.25, 0, 18, False, id="too little, said too seldom"),
        pytest.param(1.25, 1, 19, False, id="too little, and GO"),
        pytest.param(1.30, 1, 3, True, id="just enough: once by luck"),
        pytest.param(1.30, 2, 0, False, id="just enough: by luck too often"),
        pytest.param(1.45, 19, 0, True, id="enough"),
        pytest.param(1.45, 18, 0, False, id="enough, said too seldom"),
        pytest.param(1.45, 19, 1, False, id="enough, and refused"),
    ],
)
def test_what_is_promised_of_verdicts(factor: float, go: int, no_go: int, holds: bool) -> None:
    """Of twenty; the others are INCONCLUSIVE."""
    counts = {
        Verdict.GO: go,
        Verdict.NO_GO: no_go,
        Verdict.INVALID: 0,
        Verdict.INCONCLUSIVE: 20 - go - no_go,
    }

    assert Decided(factor=factor, verdicts=counts).holds is holds


@pytest.mark.parametrize(
    ("law", "truth"),
    [
        pytest.param(Law.MM1, 0.232470, id="one server"),
        pytest.param(Law.MM8, 6.933123, id="eight"),
        pytest.param(Law.MM16, 14.884016, id="sixteen"),
        pytest.param(Law.MD8, 7.562725, id="constant service"),
        pytest.param(Law.PS, 0.153806, id="shared"),
    ],
)
def test_the_truths(law: Law, truth: float) -> None:
    """Closed forms, and what the numerical ones come to."""
    assert truth_of(law) == pytest.approx(truth, abs=3e-5)


def test_a_few_searches() -> None:
    """Three on an M/M/8; a seed gives the same figures again, and every run is told of."""
    steps: list[int] = []
    first = try_search(Law.MM8, 3, 1, lambda: steps.append(1))

    assert len(steps) == first.runs == 3
    assert (first.over_5_percent, first.requests_most <= 45000) == (0.0, True)
    assert list(first.told) == ["runs", "over_5_percent", "median_ratio", "below_truth", "requests_median"]
    assert first.told["median_ratio"] == round(first.median_ratio, 4) != first.median_ratio
    assert try_search(Law.MM8, 3, 1) == first


def test_a_few_verdicts() -> None:
    """A shop that carries 1.45 times the forecast gets its GO."""
    decided = try_headroom(1.45, 2, 1)

    assert decided.verdicts == {
        Verdict.GO: 2,
        Verdict.NO_GO: 0,
        Verdict.INVALID: 0,
        Verdict.INCONCLUSIVE: 0,
    }
