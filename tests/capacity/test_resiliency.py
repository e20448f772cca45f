"""The resiliency matrix: each promise kept, broken, and not to be told."""

from typing import Any

import pytest

from capacity.asks import asks_of
from capacity.resiliency import BROKEN, cells_of, judge_cell, judge_function, judged_cells
from rehearsal.model.faults import FaultKind, Function, Promise
from rehearsal.model.history import Row
from rehearsal.model.verdict import Finding, Status
from tests.capacity.drilled import (
    NO_ANSWER,
    OK,
    REFUSED,
    UNREACHED,
    cards,
    drilled,
    each_second,
    fault_of,
)

USUAL: dict[str, float] = dict.fromkeys(Function, 1.0)
#: The last five of the eight seconds of the fault; the first three are for noticing.
JUDGED = range(15, 20)


def judged(rows: list[Row], promise: Promise, *, before: float = 1.0, per: str = "payment") -> Finding:
    """Return the finding on one function under a fault with a promise of the plan's own."""
    function = Function(per)
    fault = fault_of(FaultKind.PAYMENT_BLACK_HOLE, promise={function: promise})
    requests, drill = drilled(fault, rows)
    return judge_function(
        asks_of(requests), drill=drill, function=function, usual={**USUAL, function: before}
    )


def mixed(good: int, other: dict[str, Any]) -> list[Row]:
    """Return ten payments a second in the judged part, so many of them good, the others as told."""
    return [
        row
        for second in JUDGED
        for row in (
            *(cards([second], per_s=good) if good else ()),
            *(cards([second + 0.001], per_s=10 - good, **other) if good < 10 else ()),
        )
    ]


LATER: dict[str, Any] = {**OK, "took_ms": 3500.0}
SLOW_NO: dict[str, Any] = {**REFUSED, "took_ms": 1200.0}


@pytest.mark.parametrize(
    ("rows", "promise", "status", "seen"),
    [
        pytest.param(mixed(10, {}), Promise.WORKS, Status.PASS, Promise.WORKS, id="works"),
        pytest.param(
            mixed(8, REFUSED), Promise.WORKS, Status.FAIL, Promise.DEGRADED, id="works for most only"
        ),
        pytest.param(mixed(0, LATER), Promise.WORKS, Status.FAIL, Promise.DEGRADED, id="works, but late"),
        pytest.param(mixed(0, LATER), Promise.DEGRADED, Status.PASS, Promise.DEGRADED, id="degraded: late"),
        pytest.param(
            mixed(6, NO_ANSWER), Promise.DEGRADED, Status.PASS, Promise.DEGRADED, id="degraded: most"
        ),
        pytest.param(
            mixed(3, NO_ANSWER), Promise.DEGRADED, Status.FAIL, BROKEN, id="three in ten are not most"
        ),
        pytest.param(
            mixed(0, REFUSED), Promise.DEGRADED, Status.FAIL, Promise.REFUSED, id="refused is not degraded"
        ),
        pytest.param(mixed(0, REFUSED), Promise.REFUSED, Status.PASS, Promise.REFUSED, id="refused fast"),
        pytest.param(mixed(0, SLOW_NO), Promise.REFUSED, Status.FAIL, BROKEN, id="refused slowly"),
        pytest.param(
            mixed(0, UNREACHED), Promise.REFUSED, Status.FAIL, BROKEN, id="not reached is no refusal"
        ),
        pytest.param(mixed(10, {}), Promise.REFUSED, Status.PASS, Promise.WORKS, id="better than promised"),
    ],
)
def test_promise_and_what_was_seen(rows: list[Row], promise: Promise, status: Status, seen: str) -> None:
    """A function keeps its promise, keeps a better one, or breaks it."""
    finding = judged(rows, promise)

    assert (status, seen) == (finding.status, finding.evidence["seen"])
    assert finding.evidence["promised"] == promise


@pytest.mark.parametrize(
    ("rows", "before", "words"),
    [
        pytest.param(cards([15], per_s=4, **NO_ANSWER), 1.0, "only 4", id="four asks"),
        pytest.param([], 1.0, "nobody came", id="no ask"),
        pytest.param(
            cards(range(12, 14), **NO_ANSWER), 1.0, "nobody came", id="only while the shop may notice"
        ),
        pytest.param(mixed(9, NO_ANSWER)[:10], 1.0, "may be chance", id="nine of ten"),
        pytest.param(mixed(0, NO_ANSWER), 0.4, "40 % worked even without", id="broken all the time"),
    ],
)
def test_not_to_be_told(rows: list[Row], before: float, words: str) -> None:
    """Few asks, chance, and a function that never worked leave the promise undecided."""
    finding = judged(rows, Promise.WORKS, before=before)

    assert Status.INCONCLUSIVE is finding.status
    assert words in finding.summary


def test_five_failures_of_five_are_enough() -> None:
    """Even a short drill concludes what is plain."""
    finding = judged(cards([16], per_s=5, **NO_ANSWER), Promise.DEGRADED)

    assert Status.FAIL is finding.status


def test_works_is_measured_against_the_usual() -> None:
    """Where nine in ten work on any other day, nine in ten are as without the fault."""
    finding = judged(mixed(9, NO_ANSWER), Promise.WORKS, before=0.9)

    assert Status.PASS is finding.status
    assert finding.limit == pytest.approx(0.855)


def test_many_refusals_must_have_a_fast_p99() -> None:
    """Two in a hundred too slow are within the share and beyond the percentile."""
    rows = [
        row
        for second in JUDGED
        for row in (*cards([second], per_s=98, **REFUSED), *cards([second + 0.001], per_s=2, **SLOW_NO))
    ]
    finding = judged(rows, Promise.REFUSED)

    assert (finding.status, finding.evidence["p99_ms"]) == (Status.FAIL, 1200.0)


def cells(kind: FaultKind, rows: list[Row]) -> dict[Function, Status]:
    """Return the judged cells of a fault's row."""
    requests, drill = drilled(fault_of(kind), rows)
    row = judged_cells(cells_of(asks_of(requests), drill, USUAL))
    return {cell.function: judge_cell(cell).status for cell in row}


PAGES = each_second(JUDGED, "product")


@pytest.mark.parametrize(
    ("kind", "rows", "expected"),
    [
        pytest.param(
            FaultKind.PAYMENT_UNREACHABLE,
            [*PAGES, *cards(JUDGED)],
            {Function.BROWSE: Status.PASS, Function.PAYMENT: Status.PASS},
            id="what was asked for",
        ),
        pytest.param(
            FaultKind.PAYMENT_UNREACHABLE,
            PAGES,
            {Function.BROWSE: Status.PASS, Function.PAYMENT: Status.INCONCLUSIVE},
            id="nobody paid under a fault of payments",
        ),
        pytest.param(
            FaultKind.DATABASE_DOWN,
            each_second(JUDGED, "cart_add", **REFUSED),
            {Function.CART: Status.PASS},
            id="refused carts lead to no orders",
        ),
    ],
)
def test_a_row_of_the_matrix(kind: FaultKind, rows: list[Row], expected: dict[Function, Status]) -> None:
    """Functions that nobody asked for are left out, unless the fault could not be judged at all then."""
    assert expected == cells(kind, rows)
