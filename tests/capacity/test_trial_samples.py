"""A trial's rows as arrays."""

import math

import pytest

from capacity.trial_samples import missing, observed, starved_words, starving
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Step
from rehearsal.model.plan import PhaseKind
from rehearsal.model.timeline import Window
from tests.capacity.conftest import drop, op, phase, plan_of, told, visit

#: A warm-up of 10 s, and a trial of 10 s after it.
PLAN = plan_of(phase("warm-up", kind=PhaseKind.WARMUP), phase("trial 01", kind=PhaseKind.TRIAL))
WINDOW = Window(10 * NS_PER_S, 20 * NS_PER_S)


def test_only_requests_of_the_trial_are_seen_in_due_order() -> None:
    """Not those of the phase before, and not the director's."""
    rows = (
        op(5.0),
        op(15.0, took_ms=40.0, region="b", outcome="info", error="timeout"),
        op(12.0, f=Step.ROUTE, took_ms=1.0),
        op(11.0, took_ms=20.0, region="a"),
    )
    frame, _ = told(PLAN, *rows)
    seen = observed(frame, "trial 01", directed=True)

    assert seen.samples.due_s.tolist() == [11.0, 15.0]
    assert seen.samples.response_ms.tolist() == pytest.approx([20.0, 40.0])
    assert seen.samples.good.tolist() == [True, False]
    assert seen.samples.where.tolist() == ["product in region a", "product in region b"]


def test_what_a_director_refuses_counts() -> None:
    """Its good answers are left out, or they would hide how the regions fare."""
    rows = (op(12.0, f=Step.ROUTE), op(13.0, f=Step.ROUTE, outcome="info", error="http_503", status=503))
    frame, _ = told(PLAN, *rows)
    samples = observed(frame, "trial 01", directed=True).samples

    assert (samples.where.tolist(), samples.good.tolist()) == (["route"], [False])


def test_the_first_page_of_a_shop_of_ones_own_counts() -> None:
    """It may be a log-in, and the first to break."""
    frame, _ = told(PLAN, op(12.0, f=Step.ROUTE, took_ms=900.0), op(13.0))

    assert observed(frame, "trial 01", directed=False).samples.response_ms.tolist() == [900.0, 20.0]


def test_what_never_ended_took_for_ever() -> None:
    """A request without an end is no fast one."""
    frame, _ = told(PLAN, op(12.0, took_ms=-20_000.0, outcome="info", error="timeout"))

    assert observed(frame, "trial 01", directed=True).samples.response_ms.tolist() == [math.inf]


def test_a_payment_belongs_to_the_trial_it_began_in() -> None:
    """Though it was read as paid after the trial's end."""
    plan = plan_of(
        phase("warm-up", kind=PhaseKind.WARMUP),
        phase("trial 01", kind=PhaseKind.TRIAL),
        phase("rest 02", kind=PhaseKind.REST),
    )
    rows = (
        op(19.0, f="pay", intent="pay:1", outcome="info", error="pending"),
        op(21.0, f="query", intent="pay:1"),
        op(15.0, f="pay", intent="pay:2", outcome="fail", error="declined", status=402),
    )
    frame, _ = told(plan, *rows)

    samples = observed(frame, "trial 01", directed=True).samples

    assert list(zip(samples.paid_s, samples.paid, samples.declined, strict=True)) == [
        (15.0, False, True),
        (19.0, True, False),
    ]


def test_how_long_visits_were() -> None:
    """Of those that began in the trial, whenever they ended."""
    frame, _ = told(PLAN, visit(11.0), visit(19.5), visit(9.5))
    seen = observed(frame, "trial 01", directed=True)

    assert seen.visits == 2
    assert seen.visit_s == pytest.approx(1.0)
    assert seen.mean_visit_s == pytest.approx(1.0)


def test_a_trial_that_nobody_came_to_has_nothing() -> None:
    """Empty arrays, and no visit's length."""
    frame, _ = told(PLAN, op(1.0), visit(1.0))
    seen = observed(frame, "trial 01", directed=True)

    assert (seen.samples.due_s.size, seen.visits, seen.samples.paid.size) == (0, 0, 0)
    assert (seen.visit_s, seen.mean_visit_s) == (0.0, None)


@pytest.mark.parametrize(
    ("rows", "planned", "words"),
    [
        pytest.param((visit(11.0), visit(12.0)), 2, "", id="all came"),
        pytest.param(
            (visit(11.0), drop(12.0, "pool_exhausted")),
            2,
            "1 of 2 visits were not sent (1 pool exhausted); enlarge traffic.pool",
            id="no user was idle",
        ),
        pytest.param(
            (visit(11.0), drop(12.0, "generator_late")),
            2,
            "1 of 2 visits were not sent (1 generator late)",
            id="the generator was late",
        ),
        pytest.param((visit(11.0),), 3, "2 of 3 visits were not sent (never seen)", id="a worker was lost"),
        pytest.param((visit(5.0),), 1, "1 of 1 visits were not sent (never seen)", id="of another phase"),
    ],
)
def test_load_that_never_came(rows: tuple[object, ...], planned: int, words: str) -> None:
    """A trial at less than its rate says nothing of its rate."""
    frame, _ = told(PLAN, *rows)  # type: ignore[arg-type]

    assert missing(frame, "trial 01", planned) == words


@pytest.mark.parametrize(
    ("seconds", "felt"),
    [
        ([], []),
        ([12, 11], [11, 12]),
        ([1, 2, 8], []),
        ([9], [9]),
        ([21], [21]),
    ],
    ids=["never", "in it", "long before", "the second before", "while it was answered"],
)
def test_the_starved_seconds_that_a_trial_may_have_felt(seconds: list[int], felt: list[int]) -> None:
    """In order, each with its reason."""
    assert list(starving(dict.fromkeys(seconds, "cpu"), WINDOW).items()) == [(each, "cpu") for each in felt]


def test_when_the_machine_starved_in_words() -> None:
    """The first reason stands for all."""
    words = starved_words({11: "processor 99 % busy", 12: "stalled 300 ms"})

    assert words == "this machine starved in seconds 11-12 (processor 99 % busy)"
