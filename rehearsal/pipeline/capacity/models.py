"""The mock shop's own law as curves over the rate: what queueing theory says that its trials must show. Pure.

A visit makes as many requests as its trials did, half of them in either region, whose servers are a queue of
their own: M/M/c, M/D/c, or processor sharing, of which only the mean has a closed form. What the shop and the
machine add to the time at the servers is in no model, so measurements lie above.
"""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

import numpy as np

from capacity import deterministic, processor_sharing, queueing
from capacity.headroom import MOCK_REGIONS
from capacity.samples import Floats
from rehearsal.model.capacity import Trial
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Store
from rehearsal.pipeline.capacity.explained import requests_per_s
from reports.capacity import Model, ModelCurve

_POINTS = 60
#: Curves end at this part of the rate at which all servers are always busy.
_NEARLY = 0.995
_SHARES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}

Curve = Callable[[Floats], Floats]


def model_of(plan: Plan, trials: Sequence[Trial]) -> Model | None:
    """Return the curves of the mock shop's law up to the highest rate tried; None of another shop."""
    flowing = [trial for trial in trials if trial.offered_per_s > 0 and requests_per_s(trial)]
    per_visit = [requests_per_s(trial) / trial.offered_per_s for trial in flowing]
    if plan.target.shop != "mock" or not per_visit:
        return None
    most_per_s = max(trial.offered_per_s for trial in flowing)
    full_per_s = MOCK_REGIONS / median(per_visit) * plan.store.servers * 1000 / plan.store.service_ms
    rates = np.linspace(0, min(most_per_s, _NEARLY * full_per_s), _POINTS + 1)[1:]
    a_region = rates * median(per_visit) / MOCK_REGIONS
    words, curves = _law(plan.store)
    drawn = tuple(_curve(name, rates, curve(a_region)) for name, curve in curves.items())
    return Model(words=f"{words} in each region", curves=drawn)


def _law(store: Store) -> tuple[str, dict[str, Curve]]:
    """Return what the law is called, and its curves by name: ms over requests a second in one region."""
    servers, service_ms = store.servers, store.service_ms
    if store.law == "sharing":
        mean = partial(_shared, servers, service_ms)
        return f"processor sharing by {servers}", {"mean": mean}
    quantile = deterministic.sojourn_quantile if store.law == "deterministic" else queueing.sojourn_quantile
    curves: dict[str, Curve] = {
        name: partial(_quantiles, share, servers, service_ms, quantile) for name, share in _SHARES.items()
    }
    return f"M/{'D' if store.law == 'deterministic' else 'M'}/{servers}", curves


def _shared(servers: int, service_ms: float, rates: Floats) -> Floats:
    return processor_sharing.mean_curve(servers, service_ms=service_ms, rates=rates)


def _quantiles(
    share: float,
    servers: int,
    service_ms: float,
    quantile: Callable[[float, float, int], float],
    rates: Floats,
) -> Floats:
    return queueing.curve(share, servers, service_ms=service_ms, rates=rates, quantile=quantile)


def _curve(name: str, rates: Floats, ms: Floats) -> ModelCurve:
    finite = np.isfinite(ms)
    return ModelCurve(name=name, rates_per_s=tuple(rates[finite].tolist()), ms=tuple(ms[finite].tolist()))
