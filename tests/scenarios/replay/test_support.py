from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from scenarios.replay import log, support
from scenarios.replay.log import Wanted
from scenarios.replay.paths import Mapping
from scenarios.replay.sessions import sessionise
from scenarios.replay.steps import Steps

NS = 1_000_000_000
MINUTE = 60 * NS
Make = Callable[..., Steps]


def sessions_at(steps_of: Make, at_s: Any) -> Steps:
    """Return sessions of one step at these seconds."""
    return steps_of(*[[(float(at), 0)] for at in at_s])


def test_an_honest_log_is_supported(poisson_steps: Make) -> None:
    """Half an hour of Poisson sessions with milliseconds: nothing refused; that it is short is said."""
    steps = poisson_steps()

    assert support.refusals(steps, 1_000_000) == ()
    assert [sentence[:12] for sentence in support.limits(steps, 1_000_000)] == ["It covers 30"]


def test_a_log_of_one_minute_an_hour_is_refused(logs: Any, comb: list[str]) -> None:
    """The shape of elastic_semicomplete: any peak per minute would be an artefact of how it was made."""
    found = log.read([logs.write(comb)], Wanted())
    refused = support.refusals(sessionise(found.requests, Mapping()).steps, found.facts.resolution_ns)

    assert len(refused) == 1
    assert "begin in 1 of the 60 minutes of an hour, 100 % of them in minute :05" in refused[0]
    assert "84 minutes hold a start" in refused[0]


@pytest.mark.parametrize(
    ("at_s", "resolution_ns", "says"),
    [
        pytest.param(range(0, 9000, 100), NS, "It holds 90 sessions", id="too few sessions"),
        pytest.param(range(300), NS, "It covers 5.0 minutes; 10", id="too short"),
        pytest.param([i / 9 for i in range(300)], NS, "It covers 33 seconds; 10", id="far too short"),
        pytest.param(range(0, 60000, 60), MINUTE, "whole minutes", id="minutes only"),
        pytest.param(
            [60 * m + s for m in range(60) for s in (0, 0, 0, 0)], NS, "second :00", id="a batch each minute"
        ),
        pytest.param(
            [3600 * h + 300 + i for h in range(6) for i in range(60)] + list(range(0, 21600, 70)),
            NS,
            "minute :05",
            id="half of it a batch each hour",
        ),
        pytest.param([*range(0, 60, 1), *range(90000, 90060, 1)], NS, "median is nothing", id="mostly empty"),
    ],
)
def test_what_a_log_cannot_support_is_refused(
    steps_of: Make, at_s: Any, resolution_ns: int, says: str
) -> None:
    """Each shortcoming has its sentence."""
    refused = support.refusals(sessions_at(steps_of, at_s), resolution_ns)

    assert any(says in sentence for sentence in refused), refused


def test_a_burst_is_no_comb(steps_of: Make) -> None:
    """One flash sale in a steady flow, or a log of one hour, does not make the log an artefact."""
    rng = np.random.default_rng(1)
    steady = rng.uniform(0, 6 * 3600, 3000)
    sale = rng.uniform(7200, 7260, 1500)
    found = support.occupancy(sessions_at(steps_of, np.concatenate([steady, sale])).start_ns, MINUTE)

    assert not found.is_comb
    assert not support.occupancy(
        sessions_at(steps_of, [300 + i / 10 for i in range(600)]).start_ns, MINUTE
    ).is_comb


def test_occupancy_of_even_arrivals_is_as_expected(poisson_steps: Make) -> None:
    """Measured within a tenth of k (1 - (1 - 1/k)^n)."""
    found = support.occupancy(poisson_steps(rate_per_s=0.02, span_s=36000.0).start_ns, MINUTE)

    assert found.slots == pytest.approx(found.slots_expected, rel=0.1)
    assert found.phases == pytest.approx(found.phases_expected, rel=0.1)


@pytest.mark.parametrize(
    ("span_s", "resolution_ns", "expected"),
    [
        (4 * 86400.0, 1_000_000, []),
        (4 * 86400.0, NS, ["whole seconds"]),
        (7200.0, NS, ["whole seconds", "2.0 hours"]),
        (86400.0 * 1.5, 1_000_000, ["1.5 days"]),
    ],
)
def test_what_stays_unknown_is_said(
    steps_of: Make, span_s: float, resolution_ns: int, expected: list[str]
) -> None:
    """A usable log may still leave questions."""
    said = support.limits(steps_of([(0, 0), (span_s, 0)]), resolution_ns)

    assert len(said) == len(expected)
    assert all(words in sentence for words, sentence in zip(expected, said, strict=True))
