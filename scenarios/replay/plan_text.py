"""A plan for `rehearse drill` from a log's traffic: normal volume, multiplier and kinds of visits."""

from collections.abc import Collection, Mapping

import numpy as np
import polars as pl

from rehearsal.model.history import Step
from rehearsal.model.plan import VisitKind
from rehearsal.model.plan_check import MOST_VISITS
from scenarios.replay.steps import Steps
from scenarios.replay.traffic import Traffic

_FLASH_STEPS = frozenset({Step.FLASH_BUY.value, Step.COUNTDOWN.value})
_CART_STEPS = frozenset({Step.CART_ADD.value, Step.ORDER.value, Step.PAY.value})

#: Shares of a plan whose mapping names no steps: an example's, marked as such.
_GUESSED = {VisitKind.BROWSE: 0.4, VisitKind.CART: 0.4, VisitKind.FLASH_SALE: 0.2}

#: Phases as (name, kind, seconds, rate line); `{m}` is the multiplier, `{h}` 1.3 of it.
_PHASES = (
    ("warm-up", "warmup", 5.0, "rate = 1.0"),
    ("normal", "normal", 10.0, "rate = 1.0"),
    ("preheat", "preheat", 15.0, "start = 1.0\nend = {m:g}"),
    ("burst", "burst", 20.0, "rate = {m:g}"),
    (
        "headroom",
        "proof",
        20.0,
        "rate = {h:g}                                           # 1.3 x the forecast peak",
    ),
    ("return", "return", 5.0, "rate = 1.0"),
)
_SLO = {
    "normal": "p95_ms = 250.0\np99_ms = 500.0\ngoodput = 0.99\npayment_success = 0.99",
    "preheat": "p95_ms = 250.0\np99_ms = 500.0\ngoodput = 0.99\npayment_success = 0.99",
    "burst": "p95_ms = 300.0\np99_ms = 600.0\ngoodput = 0.99\npayment_success = 0.98",
    "proof": "p95_ms = 300.0\np99_ms = 600.0\ngoodput = 0.99\npayment_success = 0.98",
}
_LARGEST_POOL = 20_000
_REQUESTS_A_VISIT = 8


def kinds_of(steps: Steps, asked: pl.DataFrame) -> Mapping[VisitKind, float] | None:
    """Return the shares of the kinds of visits, by the most telling step of each session.

    `asked` names the step of each distinct request; None if the mapping names none.
    """
    step_of = asked["step"]
    if not (step_of != "").any():
        return None
    flash = _has(steps, step_of, _FLASH_STEPS)
    cart = _has(steps, step_of, _CART_STEPS) & ~flash
    shares = {
        VisitKind.FLASH_SALE: round(float(flash.mean()), 4),
        VisitKind.CART: round(float(cart.mean()), 4),
    }
    return {VisitKind.BROWSE: round(1 - sum(shares.values()), 4), **shares}


def plan_text(
    traffic: Traffic, *, name: str, multiplier: float, seed: int, kinds: Mapping[VisitKind, float] | None
) -> str:
    """Return the plan as TOML. The traffic must have a normal volume."""
    if traffic.normal is None:
        raise ValueError("a plan needs a log that supports a normal volume")
    normal_per_s = _round(traffic.normal.per_s)
    peak = normal_per_s * multiplier
    think_s, source = _think(traffic)
    shares = kinds or _GUESSED
    mix = ", ".join(f"{kind.value} = {shares[kind]:g}" for kind in _GUESSED)
    origin = "learned from the log" if kinds else "NOT from the log: its mapping names no steps"
    pool = int(np.clip(1.3 * peak * _REQUESTS_A_VISIT * (think_s + 0.3), 50, _LARGEST_POOL))
    stretch = _stretch(peak)
    return "\n".join(
        [
            f"# Made by rehearse replay from {traffic.log.kept:,} requests in {traffic.sessions:,} sessions.",
            f"# Normal volume: {traffic.normal.sentence}.",
            f'name = "{name}"',
            f"seed = {seed}",
            "\n[traffic]",
            f"normal_per_s = {normal_per_s!r}",
            f"multiplier = {float(multiplier)!r}",
            f"think_s = {think_s!r}                                          # {source}",
            f"pool = {pool}",
            f"mix = {{ {mix} }}     # {origin}",
            f"\n[forecast]\npeak_per_s = {float(peak)!r}",
            '\n[sale]\nopens_with = "burst"',
            *(_phase(phase, multiplier, stretch) for phase in _PHASES),
            *(f"\n[slo.{kind}]\n{lines}" for kind, lines in _SLO.items()),
            "",
        ]
    )


def _think(traffic: Traffic) -> tuple[float, str]:
    """Return the think time of a visit in seconds, and where it comes from."""
    if traffic.think is None:
        return 1.0, "NOT from the log: its sessions are of one request"
    return round(min(traffic.think.seconds.quantiles[10], 60.0), 2), "the log's median, at most 60"


def _has(
    steps: Steps, step_of: pl.Series, wanted: Collection[str]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell of each session whether it has one of the steps."""
    is_one = step_of.is_in(list(wanted)).to_numpy()[steps.row]
    return np.asarray(np.add.reduceat(is_one.astype(np.int64), steps.first) > 0)


def _phase(phase: tuple[str, str, float, str], multiplier: float, stretch: float) -> str:
    name, kind, duration_s, rate = phase
    lines = rate.format(m=float(multiplier), h=round(1.3 * multiplier, 6))
    return f'\n[[phases]]\nname = "{name}"\nkind = "{kind}"\nduration_s = {duration_s * stretch:g}\n{lines}'


def _stretch(peak_per_s: float) -> float:
    """Return by how much phases are shortened so that a drill can hold their visits."""
    visits = 1.3 * peak_per_s * sum(phase[2] for phase in _PHASES)
    return min(1.0, MOST_VISITS / visits)


def _round(per_s: float) -> float:
    return float(f"{per_s:.4g}")
