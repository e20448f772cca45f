"""Trials made on simulated queues, for searches and proofs whose answer is known. S is a second here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from capacity.simulation import Queue, simulate
from capacity.trials import Samples, trial_of
from rehearsal.model.capacity import Trial, Wanted
from rehearsal.model.plan_capacity import Slo

_MS_PER_S = 1000.0


@dataclass(frozen=True, slots=True)
class Simulated:
    """A queue to make trials on: `warm_up_s` are discarded, and `sets` are what it promises."""

    queue: Queue
    sets: Mapping[str, Slo]
    warm_up_s: float

    def measuring(self, rng: np.random.Generator) -> Callable[[Wanted], Trial]:
        """Return a function that makes trials one after another; the queue is empty before each."""
        number = 0

        def measure(wanted: Wanted) -> Trial:
            nonlocal number
            number += 1
            return self._trial(wanted, rng, number)

        return measure

    def _trial(self, wanted: Wanted, rng: np.random.Generator, number: int) -> Trial:
        requests = wanted.requests + round(self.warm_up_s * wanted.rate_per_s)
        served = simulate(self.queue, wanted.rate_per_s, requests, rng)
        end_s = float(served.arrival[-1])
        return trial_of(
            wanted,
            Samples(
                due_s=served.arrival,
                response_ms=_MS_PER_S * served.sojourn,
                good=np.ones(requests, dtype=np.bool_),
                where=np.full(requests, "queue"),
                paid=np.zeros(0, dtype=np.bool_),
                paid_s=np.zeros(0),
                declined=np.zeros(0, dtype=np.bool_),
            ),
            self.sets,
            number=number,
            start_s=0.0,
            end_s=end_s,
            visits=requests,
            in_flight=float(served.sojourn.sum()) / end_s,
            warm_up_s=self.warm_up_s,
        )
