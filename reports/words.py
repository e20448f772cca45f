"""Numbers and verdicts as a reader who is no engineer reads them."""

from collections.abc import Callable
from datetime import datetime
from math import isfinite

from rehearsal.model.capacity import Band, Purpose
from rehearsal.model.percent import percent as in_percent
from rehearsal.model.plan import Phase
from rehearsal.model.verdict import Status, Verdict

TIMES = "\N{MULTIPLICATION SIGN}"
NOTHING = "\N{EN DASH}"
_MS_PER_S = 1000
#: From here on a rate's decimals are noise.
_WHOLE = 1000
#: Chances nearer to never, or to always, are told apart by nobody.
_RARE = 0.001

VERDICTS = {
    Verdict.GO: ("GO", "Every check passed: nothing found in this rehearsal speaks against the promotion."),
    Verdict.NO_GO: ("NO GO", "The shop broke at least one promise: as it is, the promotion should not open."),
    Verdict.INVALID: (
        "INVALID",
        "The rehearsal itself was disturbed, so it says nothing about the shop. Repeat it undisturbed.",
    ),
    Verdict.INCONCLUSIVE: (
        "INCONCLUSIVE",
        "There is too little evidence for a yes or a no: what is missing is named below.",
    ),
}

STATUSES = {
    Status.PASS: "passed",
    Status.FAIL: "failed",
    Status.INCONCLUSIVE: "not known",
    Status.INVALID: "invalid",
}

PURPOSES = {
    Purpose.DOUBLE: "doubling",
    Purpose.BISECT: "halving",
    Purpose.CONFIRM: "confirming",
    Purpose.PROOF: "proof",
    Purpose.AGAIN: "again",
}
STEPS = {"inject": "injected", "effect": "effect", "felt": "felt", "heal": "mended", "healed": "healing"}
EXPERIENCES = {"works": "works", "degraded": "degraded", "refused_fast": "refused fast", "broken": "broken"}
OUTCOMES = {"fail": "failed", "info": "not proven"}


def duration(milliseconds: float | None) -> str:
    """Return a time as a person reads it: `0.4 ms`, `85 ms`, `1.2 s`."""
    if milliseconds is None:
        return NOTHING
    if not isfinite(milliseconds):
        return "for ever"
    if milliseconds >= _MS_PER_S:
        return f"{milliseconds / _MS_PER_S:.3g} s"
    return f"{milliseconds:.0f} ms" if milliseconds >= 1 else f"{milliseconds:.1g} ms"


def percent(share: float | None) -> str:
    """Return a share as per cent, never rounded up to 100."""
    if share is None:
        return NOTHING
    return in_percent(min(share, 0.9999) if share < 1 else share, 2)


def rate(per_s: float | None) -> str:
    """Return a rate to the digit that a search for it can tell: `0.42`, `41.8`, `1,254`."""
    if per_s is None:
        return NOTHING
    if not isfinite(per_s):
        return "without end"
    return f"{per_s:,.0f}" if per_s >= _WHOLE else f"{per_s:.1f}" if per_s >= 1 else f"{per_s:.2g}"


def quantity(value: float) -> str:
    """Return an amount to three digits, in figures a person reads: `6.6`, `107`, `1,000`."""
    return f"{value:,.0f}" if abs(value) >= _WHOLE else f"{value:.3g}"


def chance(share: float | None) -> str:
    """Return a probability as far as it can be known: a tenth of a per cent."""
    if share is None:
        return NOTHING
    if share < _RARE:
        return f"below {in_percent(_RARE)}"
    return f"above {in_percent(1 - _RARE)}" if share > 1 - _RARE else in_percent(share)


def between(band: Band, form: Callable[[float | None], str]) -> str:
    """Return two bounds in words; the one that is known, or a dash, if the other is not."""
    if band.low is None and band.high is None:
        return NOTHING
    if band.high is None:
        return f"at least {form(band.low)}"
    return f"at most {form(band.high)}" if band.low is None else f"{form(band.low)} to {form(band.high)}"


def money(cents: int) -> str:
    """Return minor units as a decimal with thousands apart."""
    return f"{cents / 100:,.2f}"


def measure(value: float | None, unit: str) -> str:
    """Return a finding's number in its unit."""
    if value is None:
        return NOTHING
    if unit == "share":
        return percent(value)
    if unit == "ms":
        return duration(value)
    if unit == "s":
        return f"{value:.3g} s"
    return f"{value:.4g} {TIMES if unit.startswith('times') else unit}".strip()


def moment(iso: str) -> str:
    """Return an ISO 8601 date and time as `2026-11-21 20:35 UTC`; as it is if it is none."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{at:%Y-%m-%d %H:%M} {at.tzname() or ''}".strip()


def instant(at_s: float | None) -> str:
    """Return seconds since the start."""
    return NOTHING if at_s is None else f"{at_s:.1f} s"


def multiple(phase: Phase, unit: float = 1.0) -> str:
    """Return a phase's rate as `10`, or `1 to 5` for a ramp, times `unit`."""
    if phase.rate is not None:
        return f"{phase.rate * unit:g}"
    return f"{(phase.start or 0) * unit:g} to {(phase.end or 0) * unit:g}"
