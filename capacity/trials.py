"""A trial's requests become a `Trial`: what was offered, how long it took, and how each promise fared.

A promise is judged by its **attainment**, the share of requests that kept it: a request that was not good
misses a promise of time too, however fast it was. Bounds are those of `batch_means`.

Warm-up is a fixed floor, which the caller knows best (the shop was drained, and fills within some service
times), and then MSER-5 on what is left. MSER-5 cuts more only if what it cuts was *kinder* than the rest: a
queue that is still filling. What was worse stays in, for near its capacity a queue's bursts look to MSER-5
like warm-up, and to cut a burst would flatter the shop. Where it finds no steady state, bounds are in doubt.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf, isfinite

import numpy as np
from numpy.typing import NDArray

from capacity.batch_means import BATCHES, attained, quantile_interval, trusted
from capacity.latency import minimum_samples, percentile
from capacity.samples import Floats
from capacity.warm_up import warm_up
from rehearsal.model.capacity import Band, Met, Trial, Wanted
from rehearsal.model.plan_capacity import Slo

Truths = NDArray[np.bool_]

#: Both bounds of a `Band` hold with 95 % each, so that they are a two-sided interval of 90 %.
_TWO_SIDED = 0.90
#: Warm-up is told by response times that end: one that never did counts as so many of the longest limit.
_NEVER = 10.0
_UNSTEADY = "run longer: no steady state was found, response times were still changing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """A trial's requests in the order in which they were due, and its payments.

    `due_s` since the run's origin, `response_ms` from due (inf: never answered), `where` a label of each
    request ("product in a"); all four of one length. `paid`: of each payment, whether it ended well, `paid_s`
    when it was begun, to the second, and `declined` whether the shop said no in its own words.
    """

    due_s: Floats
    response_ms: Floats
    good: Truths
    where: NDArray[np.str_]
    paid: Truths
    paid_s: Floats
    declined: Truths

    def since(self, due_s: float) -> "Samples":
        """Return the requests due at `due_s` or later; payments have no due time, and stay."""
        first = int(np.searchsorted(self.due_s, due_s))
        return Samples(
            due_s=self.due_s[first:],
            response_ms=self.response_ms[first:],
            good=self.good[first:],
            where=self.where[first:],
            paid=self.paid,
            paid_s=self.paid_s,
            declined=self.declined,
        )


@dataclass(frozen=True, slots=True)
class Promise:
    """A share of requests (or of payments) that must be good and within a time; inf: at any time."""

    words: str
    target: float
    limit_ms: float = inf
    of_payments: bool = False

    def kept(self, samples: Samples) -> Truths:
        """Return of each request, or payment, whether the promise was kept to it."""
        if self.of_payments:
            return samples.paid
        kept: Truths = samples.good & (samples.response_ms <= self.limit_ms)
        return kept


def promises_of(slo: Slo) -> tuple[Promise, ...]:
    """Return what an SLO set promises, leaving out what promises nothing.

    That is a share of 0, and a p95 whose limit is the p99's: so a set may be one promise only.
    """
    promises = [Promise(f"p99 <= {slo.p99_ms:g} ms", 0.99, slo.p99_ms)]
    if slo.p95_ms < slo.p99_ms:
        promises.insert(0, Promise(f"p95 <= {slo.p95_ms:g} ms", 0.95, slo.p95_ms))
    if slo.goodput:
        promises.append(Promise(f"goodput >= {slo.goodput:.4g}", slo.goodput))
    if slo.payment_success:
        words = f"payments >= {slo.payment_success:.4g}"
        promises.append(Promise(words, slo.payment_success, of_payments=True))
    return tuple(promises)


def trial_of(  # noqa: PLR0913 - the facts of a trial, each by its name
    wanted: Wanted,
    samples: Samples,
    sets: Mapping[str, Slo],
    *,
    number: int,
    start_s: float,
    end_s: float,
    visits: int,
    in_flight: float | None = None,
    visit_s: float | None = None,
    used: Mapping[str, float] | None = None,
    invalid: str = "",
    warm_up_s: float = 0.0,
) -> Trial:
    """Return the trial that `samples` come to under the SLO sets, of which there is at least one.

    `start_s` and `end_s` are when its first and last visit were due; `warm_up_s` is the floor of what is
    discarded. Its goodput is the offered rate times the share of requests that were good and within the first
    set's p99: what came too late is not delivered, or an overloaded shop would seem to keep up.
    """
    steady_s, unsteady = _steady(samples, start_s + warm_up_s, sets)
    steady = samples.since(steady_s)
    doubt = _UNSTEADY if unsteady else ""
    promises = {name: promises_of(slo) for name, slo in sets.items()}
    in_time = steady.good & (steady.response_ms <= next(iter(sets.values())).p99_ms)
    offered_per_s = visits / (end_s - start_s)
    times_ms = steady.response_ms
    return Trial(
        number=number,
        wanted=wanted,
        start_s=start_s,
        steady_s=steady_s,
        end_s=end_s,
        visits=visits,
        requests=times_ms.size,
        offered_per_s=offered_per_s,
        goodput_per_s=offered_per_s * float(in_time.mean()) if times_ms.size else 0.0,
        p50_ms=_percentile(times_ms, 0.50),
        p95_ms=_percentile(times_ms, 0.95),
        p99_ms=_percentile(times_ms, 0.99),
        mean_ms=_finite(float(times_ms.mean())) if times_ms.size else None,
        in_flight=in_flight,
        visit_s=visit_s,
        met=tuple(
            met_of(name, promise, promise.kept(steady), doubt=doubt)
            for name, each in promises.items()
            for promise in each
        ),
        broke=next((where for each in promises.values() if (where := broke_of(each, steady))), ""),
        used=dict(used or {}),
        invalid=invalid,
    )


def met_of(slo_set: str, promise: Promise, kept: Truths, *, doubt: str = "") -> Met:
    """Return how a promise fared. Without enough samples there are no bounds, only the share as measured.

    `doubt`: why no bounds of the trial are to be believed. What misses by its whole interval is not in doubt.
    """
    need, n = samples_needed(promise.target), kept.size
    if n < need:
        share = Band(value=float(kept.mean())) if n else Band()
        return _met(slo_set, promise, share, n, f"not enough samples: {n} of {need}")
    measured = attained(kept)
    share = Band(low=measured.low, value=measured.share, high=measured.high)
    missed = measured.high < promise.target
    return _met(slo_set, promise, share, n, "" if missed else doubt or trusted(measured))


def samples_needed(target: float) -> int:
    """Return the fewest samples that can show a share of `target`: 299 for 99 %; a batch each at least."""
    return max(minimum_samples(target), BATCHES) if 0 < target < 1 else BATCHES


def broke_of(promises: tuple[Promise, ...], samples: Samples) -> str:
    """Return the first to break under promises not kept: the label with the most misses beyond its share.

    Of the promise that is missed by most; "payments" if it is of those. "" if all were kept as measured.
    """
    worst = max(_short(promises, samples), key=lambda each: each[0], default=None)
    if worst is None:
        return ""
    promise = worst[1]
    if promise.of_payments:
        return "payments"
    labels, codes = np.unique(samples.where, return_inverse=True)
    allowed = (1 - promise.target) * np.bincount(codes)
    return str(labels[np.argmax(np.bincount(codes, weights=~promise.kept(samples)) - allowed)])


def _short(promises: tuple[Promise, ...], samples: Samples) -> Iterator[tuple[float, Promise]]:
    """Yield the promises not kept, each with its misses as a multiple of those allowed."""
    for promise in promises:
        kept = promise.kept(samples)
        if kept.size and (missed := 1 - float(kept.mean())) > 1 - promise.target:
            yield missed / (1 - promise.target) if promise.target < 1 else inf, promise


def _steady(samples: Samples, floor_s: float, sets: Mapping[str, Slo]) -> tuple[float, bool]:
    """Return when warm-up was over, and whether there is no telling."""
    rest = samples.since(floor_s)
    longest_ms = _NEVER * max(slo.p99_ms for slo in sets.values())
    times_ms = np.minimum(rest.response_ms, longest_ms)
    found = warm_up(times_ms)
    if not found.steady:
        return floor_s, True
    cut = found.discard
    if cut and times_ms[:cut].mean() < times_ms[cut:].mean():
        return float(rest.due_s[cut]), False
    return floor_s, False


def _met(slo_set: str, promise: Promise, share: Band, samples: int, doubt: str) -> Met:
    return Met(
        slo_set=slo_set,
        promise=promise.words,
        target=promise.target,
        share=share,
        samples=samples,
        doubt=doubt,
    )


def _percentile(times_ms: Floats, p: float) -> Band:
    if times_ms.size < BATCHES:
        return Band(value=_finite(percentile(times_ms, p))) if times_ms.size else Band()
    found = quantile_interval(times_ms, p, confidence=_TWO_SIDED)
    return Band(low=_finite(found.low), value=_finite(found.value), high=_finite(found.high))


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
