from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from scenarios.replay import log
from scenarios.replay.log import Wanted
from scenarios.replay.paths import Mapping
from scenarios.replay.sessions import Sessions, sessionise
from scenarios.replay.steps import Steps
from scenarios.replay.traffic import END, START, Traffic, curve_of, paths_of, spread, think_of, traffic_of

NS = 1_000_000_000


@pytest.fixture
def learn(logs: Any, shop: Any) -> Callable[[Callable[[Any], str]], tuple[Sessions, Traffic]]:
    """Return a function that writes the known shop's log in a format and learns from it."""

    def learned(write: Callable[[Any], str]) -> tuple[Sessions, Traffic]:
        found = log.read([logs.write([write(hit) for hit in shop.hits()])], Wanted())
        sessions = sessionise(found.requests, Mapping())
        return sessions, traffic_of(sessions.steps, found.facts, 1800.0)

    return learned


@pytest.mark.parametrize("form", ["as_json", "as_combined"])
def test_a_log_with_known_parameters_is_recovered(
    request: pytest.FixtureRequest, learn: Any, shop: Any, form: str
) -> None:
    """Session rate within 3 standard errors, transitions and the ln of think times within 0.03."""
    _, traffic = learn(request.getfixturevalue(form))
    labels = [f"GET {path}" for path in shop.paths]
    learned = {(t.source, t.target): t.probability for t in traffic.transitions}
    sources, targets = [*labels, START], [*labels, END]

    assert traffic.sessions == pytest.approx(3600, abs=3 * 60)
    assert traffic.normal is not None
    assert traffic.normal.per_s == pytest.approx(shop.rate_per_s, abs=3 * (2 / 1800) ** 0.5 + 0.05)
    for row, source in enumerate(sources):
        for column, target in enumerate(targets):
            assert learned.get((source, target), 0.0) == pytest.approx(shop.matrix[row][column], abs=0.03)
    assert traffic.think is not None
    assert traffic.think.mu == pytest.approx(shop.mu, abs=0.03)
    assert traffic.think.sigma == pytest.approx(shop.sigma, abs=0.03)


def test_the_mix_is_the_chains_own(learn: Any, shop: Any, as_json: Any) -> None:
    """Expected visits of an absorbing Markov chain, s (I - Q)^-1, as shares; within 0.02."""
    _, traffic = learn(as_json)
    inner = np.array(shop.matrix)[:3, :3]
    visits = np.array(shop.matrix)[3, :3] @ np.linalg.inv(np.eye(3) - inner)
    expected = dict(zip((f"GET {path}" for path in shop.paths), visits / visits.sum(), strict=True))

    assert traffic.mix == {label: pytest.approx(share, abs=0.02) for label, share in expected.items()}
    assert sum(traffic.mix.values()) == pytest.approx(1)
    assert traffic.length_steps.mean == pytest.approx(visits.sum(), rel=0.05)


def test_each_transition_has_think_times_of_its_own(
    steps_of: Callable[..., Steps], learn: Any, as_json: Any
) -> None:
    """A to b takes a second, b to a a minute; what is rare has none."""
    sessions, traffic = learn(as_json)
    steps = steps_of(*[[(at, 0), (at + 1, 1), (at + 61, 0)] for at in range(30)], [(99, 2), (100, 0)])
    found = {(t.source, t.target): t for t in paths_and_thinks(steps, traffic)}

    assert found["a", "b"].think is not None
    assert found["b", "a"].think is not None
    assert found["a", "b"].think.seconds.mean == 1
    assert found["b", "a"].think.mu == pytest.approx(np.log(60))
    assert found["c", "a"].think is None
    assert found[START, "a"].think is None
    assert sessions.steps.sessions > 100


def paths_and_thinks(steps: Steps, traffic: Traffic) -> Any:
    """Return the transitions learned from other steps, with the same facts."""
    return traffic_of(steps, traffic.log, 1800.0).transitions


def test_what_any_log_supports_has_no_times(learn: Any, as_json: Any) -> None:
    """Mix and transitions only: no curve, no think times, no normal volume."""
    sessions, traffic = learn(as_json)
    found = paths_of(sessions.steps, traffic.log, 1800.0)

    assert found.mix == traffic.mix
    assert (found.curve, found.think, found.normal, found.length_s) == (None, None, None, None)
    assert all(transition.think is None for transition in found.transitions)


def test_probabilities_of_a_row_add_up(learn: Any, as_json: Any) -> None:
    """From every template somewhere, at the last to the end; and the model survives JSON."""
    _, traffic = learn(as_json)
    rows: dict[str, float] = {}
    for transition in traffic.transitions:
        rows[transition.source] = rows.get(transition.source, 0.0) + transition.probability

    assert rows == {source: pytest.approx(1) for source in rows}
    assert msgspec.json.decode(msgspec.json.encode(traffic), type=Traffic) == traffic


def test_the_curve_counts_session_starts() -> None:
    """By the clock's minutes, from the first session's on; empty ones too."""
    curve = curve_of(np.array([70, 80, 200], dtype=np.int64) * NS, 60)

    assert (curve.start, curve.sessions) == ("1970-01-01T00:01:00+00:00", (2, 0, 1))


def test_sessions_of_one_request_are_a_model_too(
    steps_of: Callable[..., Steps], learn: Any, as_json: Any
) -> None:
    """Without think times; all go from the start to the end."""
    _, other = learn(as_json)
    found = traffic_of(steps_of(*[[(at, 0)] for at in range(2000)]), other.log, 1800.0)

    assert found.think is None
    assert {(t.source, t.target): t.probability for t in found.transitions} == {
        (START, "a"): 1,
        ("a", END): 1,
    }


def test_too_few_think_times_make_no_distribution() -> None:
    """Nor do those that are all 0; a spread has its ends and its median."""
    assert think_of(np.ones(19), 0.001) is None
    assert think_of(np.zeros(1000), 1.0) is None
    assert spread(np.arange(101, dtype=np.float64)).quantiles[::10] == (0, 50, 100)
