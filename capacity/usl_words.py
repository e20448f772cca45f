"""What a fitted scalability law may claim, in words: an explanation, and never evidence of a capacity."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from capacity.residual_runs import chance_of_so_few_runs, runs_of
from capacity.samples import Floats
from capacity.usl import Usl
from capacity.usl_fit import ROUNDING, UslFit, fit_usl
from capacity.usl_intervals import CONFIDENCE, Interval, peak_by_delta, profile

#: Fewer concurrencies than this show no peak, wherever the curve may bend.
FEWEST_FOR_A_PEAK = 6
#: Residuals in so few runs come by chance in one of twenty sound fits at most.
DOUBT = 0.05
_WHOLE_FROM = 10
_THOUSAND = 1000
EXPLANATION_ONLY: Final = "It explains what was measured, and is no evidence of a capacity."


@dataclass(frozen=True, slots=True)
class Peak:
    """Where throughput turns, with the profile intervals and the delta method's."""

    concurrency: float
    per_s: float
    concurrency_interval: Interval
    per_s_interval: Interval
    concurrency_by_delta: Interval
    per_s_by_delta: Interval


@dataclass(frozen=True, slots=True)
class UslExplanation:
    """A fitted law and what may be said of it; `peak` is None unless it may be claimed."""

    fit: UslFit
    contention: Interval
    coherency: Interval
    peak: Peak | None
    no_peak_because: str
    """Why no peak may be claimed; empty if one may."""
    is_patterned: bool
    """The residuals come in runs: no interval of this fit is to be trusted."""
    measured_most: tuple[float, float]
    """The concurrency and throughput of the largest throughput measured."""
    said: str


def explain(concurrency: Floats, per_s: Floats, *, confidence: float = CONFIDENCE) -> UslExplanation:
    """Fit the law to throughputs `per_s` at concurrencies and say what may be claimed; refuses as `fit_usl`.

    A peak is claimed only if all of this holds: six concurrencies or more; coherency off its bound, and 0
    outside its interval, so that N* has an upper end; N* in the measured range; residuals without pattern.
    Cut to N <= 16, Schwartz's Cisco measurements fit a peak of 10,493 closely; 12,211 was measured later.
    """
    fit = fit_usl(concurrency, per_s)
    contention, coherency = profile(fit, "contention", confidence), profile(fit, "coherency", confidence)
    chance = chance_of_so_few_runs(_signs(fit))
    because = _no_peak(fit, coherency) or (_pattern(fit, chance) if chance < DOUBT else "")
    peak = None if because else _peak(fit, confidence)
    most = int(np.argmax(fit.per_s))
    measured = (float(fit.concurrency[most]), float(fit.per_s[most]))
    words = [
        _coefficients(fit, contention, coherency, is_patterned=chance < DOUBT),
        _of_peak(peak, because, measured),
        _trust(fit, because, chance, confidence),
        EXPLANATION_ONLY,
    ]
    said = " ".join(word for word in words if word)
    return UslExplanation(fit, contention, coherency, peak, because, chance < DOUBT, measured, said)


def _signs(fit: UslFit) -> Floats:
    return np.where(np.abs(fit.residuals) > ROUNDING * fit.per_s.max(), fit.residuals, 0.0)


def _no_peak(fit: UslFit, coherency: Interval) -> str:
    distinct = np.unique(fit.concurrency).size
    smallest, largest = float(fit.concurrency[0]), float(fit.concurrency[-1])
    if distinct < FEWEST_FOR_A_PEAK:
        return f"{distinct} concurrencies are too few points to claim a peak, {FEWEST_FOR_A_PEAK} are needed"
    if coherency.low == 0:
        seen = "no retrograde seen" if fit.law.coherency == 0 else "no coherency at all would fit as well"
        beyond = Usl(fit.law.contention, coherency.high, fit.law.single_per_s).peak_concurrency
        at_least = f", N* >= {math.floor(beyond)}" if smallest < beyond < math.inf else ""
        return f"{seen}: peak not identified{at_least}"
    if fit.law.peak_concurrency > largest:
        return (
            f"peak not identified: the law puts it at N = {fit.law.peak_concurrency:.1f},"
            f" beyond the largest measured, {largest:.4g}"
        )
    if fit.law.peak_concurrency <= smallest:
        return f"peak not identified: throughput falls from the smallest concurrency measured, {smallest:g}"
    return ""


def _pattern(fit: UslFit, chance: float) -> str:
    signs = _signs(fit)
    seen = f"{runs_of(signs)} runs of signs in {np.count_nonzero(signs)}"
    return (
        f"the measurements depart from the law in a pattern ({seen},"
        f" by chance in {chance:.2g} of sound fits), so no interval is to be trusted"
    )


def _trust(fit: UslFit, because: str, chance: float, confidence: float) -> str:
    """Return what the numbers in brackets are; where they are left out and it was not said yet, why."""
    if chance >= DOUBT:
        return f"In brackets {100 * confidence:g} % intervals."
    pattern = _pattern(fit, chance)
    return "" if because == pattern else _sentence(pattern)


def _peak(fit: UslFit, confidence: float) -> Peak:
    by_delta = peak_by_delta(fit, confidence)
    return Peak(
        fit.law.peak_concurrency,
        fit.law.peak_per_s,
        profile(fit, "peak_concurrency", confidence),
        profile(fit, "peak_per_s", confidence),
        *by_delta,
    )


def _coefficients(fit: UslFit, contention: Interval, coherency: Interval, *, is_patterned: bool) -> str:
    law = fit.law
    first = f"contention {_percent(law.contention)}"
    second = f"coherency {_percent(law.coherency)}"
    if is_patterned:
        return _sentence(f"{first}, {second}")
    return _sentence(f"{first} ({_between(contention)}), {second} ({_between(coherency)})")


def _of_peak(peak: Peak | None, because: str, measured: tuple[float, float]) -> str:
    if peak is None:
        most = f"{_figure(measured[1])}/s, at N = {_figure(measured[0])}"
        return f"{_sentence(because)} Measured so far: at most {most}."
    n, x = peak.concurrency_interval, peak.per_s_interval
    return (
        f"Throughput peaks at N = {peak.concurrency:.1f} ({n.low:.1f} to {n.high:.1f})"
        f" with {_figure(peak.per_s)}/s ({_figure(x.low)} to {_figure(x.high)})."
    )


def _between(interval: Interval) -> str:
    return f"{_digits(100 * interval.low)} to {_percent(interval.high)}"


def _percent(share: float) -> str:
    return f"{_digits(100 * share)} %"


def _digits(value: float) -> str:
    return f"{value:.2g}" if value < _WHOLE_FROM else f"{value:.0f}"


def _figure(value: float) -> str:
    """Return four significant digits, or what is before the point if that is more."""
    return f"{value:,.0f}" if value >= _THOUSAND else f"{value:.4g}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
