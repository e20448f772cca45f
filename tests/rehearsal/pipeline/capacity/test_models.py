"""The mock shop's law as curves: closed forms at the rates of its regions."""

from typing import Any

import numpy as np
import pytest

from rehearsal.model.capacity import Purpose, Trial
from rehearsal.model.plan import Plan
from rehearsal.pipeline.capacity.models import model_of
from reports.capacity import ModelCurve
from tests.reports.capacity_samples import trial_of
from tests.reports.run_factory import plan_of

#: 40 visits a second of 4.2 requests each: 84 requests a second in either region.
TRIALS = tuple(
    trial_of(number, Purpose.DOUBLE, rate, 1000, offered_per_s=rate)
    for number, rate in ((1, 20.0), (2, 40.0))
)


def shop(**store: Any) -> Plan:
    """Return a plan of the mock shop, ten servers of 100 ms in each region unless told otherwise."""
    return plan_of(store={"servers": 10, "service_ms": 100.0, **store})


def curves(plan: Plan, *trials: Trial) -> dict[str, ModelCurve]:
    """Return the curves by name."""
    model = model_of(plan, trials)
    assert model is not None
    return {curve.name: curve for curve in model.curves}


def at(curve: ModelCurve, visits_per_s: float) -> float:
    """Return a curve's time at a rate, in ms."""
    return float(np.interp(visits_per_s, curve.rates_per_s, curve.ms))


@pytest.mark.parametrize(
    ("name", "ms"), [("p50", 91.2145), ("p95", 332.8275), ("p99", 494.6111)], ids=["p50", "p95", "p99"]
)
def test_quantiles_are_those_of_m_m_10(name: str, ms: float) -> None:
    """At eight Erlangs in a region, 80 requests a second: the sojourn percentiles that are known."""
    assert at(curves(shop(), *TRIALS)[name], 2 * 80 / 4.2) == pytest.approx(ms, rel=2e-3)


def test_a_curve_ends_where_all_servers_are_always_busy() -> None:
    """Beyond 100 requests a second in a region no time is finite."""
    fast = trial_of(3, Purpose.DOUBLE, 90.0, 1000)
    last = curves(shop(), *TRIALS, fast)["p99"].rates_per_s[-1]

    assert 45 < last < 2 * 100 / 4.2


def test_a_deterministic_shop_is_quicker_than_an_exponential_one() -> None:
    """Idle, every request takes the service time; busy, waits are shorter."""
    exponential, constant = curves(shop(), *TRIALS), curves(shop(law="deterministic"), *TRIALS)

    assert constant["p50"].ms[0] == pytest.approx(100.0)
    assert at(constant["p99"], 38.0) < at(exponential["p99"], 38.0)


def test_of_processor_sharing_the_mean_has_a_closed_form() -> None:
    """One server: S / (1 - rho), whatever the law of service; at half load twice the service time."""
    shared = curves(shop(law="sharing", servers=1, service_ms=10.0), *TRIALS)

    assert list(shared) == ["mean"]
    assert at(shared["mean"], 2 * 50 / 4.2) == pytest.approx(20.0, rel=1e-3)


@pytest.mark.parametrize(
    ("plan", "trials"),
    [
        pytest.param(shop(), (), id="no trial"),
        pytest.param(shop(), (trial_of(1, Purpose.DOUBLE, 5.0, 0),), id="no request"),
        pytest.param(
            shop(), (trial_of(1, Purpose.DOUBLE, 5.0, 100, offered_per_s=0.0),), id="nothing was offered"
        ),
        pytest.param(
            shop().model_copy(update={"target": shop().target.model_copy(update={"shop": "own"})}),
            TRIALS,
            id="another shop",
        ),
    ],
)
def test_what_is_not_known_has_no_model(plan: Plan, trials: tuple[Trial, ...]) -> None:
    """A model is drawn of the mock shop alone, and only beside trials."""
    assert model_of(plan, trials) is None


def test_a_model_is_named() -> None:
    """By Kendall's notation, as the literature has it."""
    names = [model_of(shop(law=law), TRIALS) for law in ("exponential", "deterministic", "sharing")]

    assert [model.words for model in names if model] == [
        "M/M/10 in each region",
        "M/D/10 in each region",
        "processor sharing by 10 in each region",
    ]
