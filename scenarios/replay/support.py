"""What a log can support. What it cannot is refused in words, before a number is made of it. Pure."""

from collections.abc import Iterator

import msgspec
import numpy as np

from rehearsal.model.percent import percent
from scenarios.replay.steps import Ints, Steps
from scenarios.replay.volume import normal_volume

FEWEST_SESSIONS = 100
SHORTEST_S = 600.0

#: A comb is looked for in logs of so many periods (hours, minutes) or more: one burst is no comb.
_FEWEST_PERIODS = 3
#: Of the phases that even arrivals would touch, a log that touches fewer than this share is a comb.
_OCCUPIED_SHARE = 0.5
#: So is one that begins this share of its sessions in one sixtieth of the period.
_CONCENTRATED = 0.5
_PHASES = 60
#: Fewer arrivals than this over the phases say nothing about them.
_FEWEST_ARRIVALS = 3 * _PHASES

_NS_PER_S = 1_000_000_000
_MINUTE_NS = 60 * _NS_PER_S


class Occupancy(msgspec.Struct, frozen=True, kw_only=True):
    """How arrivals lie on the sixty phases of a period (minutes of the hour, or seconds of the minute).

    `slots` of all the log's minutes (seconds) hold an arrival; even arrivals of each period's number would
    touch `slots_expected`. `phases` of the sixty are ever touched, `phases_expected` would be, and
    `fullest` is the share of arrivals in the fullest phase, which is number `phase`.
    """

    periods: int
    arrivals: int
    slots: int
    slots_expected: float
    phases: int
    phases_expected: float
    fullest: float
    phase: int

    @property
    def is_comb(self) -> bool:
        """Tell whether arrivals keep to a few phases of the period, again and again."""
        if self.periods < _FEWEST_PERIODS or self.arrivals < _FEWEST_ARRIVALS:
            return False
        few_slots = self.slots < _OCCUPIED_SHARE * self.slots_expected
        few_phases = self.phases < _OCCUPIED_SHARE * self.phases_expected
        return (few_slots and few_phases) or self.fullest >= _CONCENTRATED


def occupancy(start_ns: Ints, slot_ns: int) -> Occupancy:
    """Measure arrivals on slots of `slot_ns`, sixty of which make a period.

    n arrivals thrown evenly on k slots touch k (1 - (1 - 1/k)^n) of them in the mean (Feller, An
    Introduction to Probability Theory and Its Applications I, the classical occupancy problem). Taking n
    for each period apart allows for a rate that changes from one to the next.
    """
    slots = start_ns // slot_ns
    phases = slots % _PHASES
    per_period = np.unique(slots // _PHASES, return_counts=True)[1]
    per_phase = np.bincount(phases, minlength=_PHASES)
    return Occupancy(
        periods=len(per_period),
        arrivals=len(start_ns),
        slots=len(np.unique(slots)),
        slots_expected=float(_touched(per_period).sum()),
        phases=int((per_phase > 0).sum()),
        phases_expected=float(_touched(np.array([len(start_ns)]))[0]),
        fullest=float(per_phase.max() / len(start_ns)),
        phase=int(per_phase.argmax()),
    )


def refusals(steps: Steps, resolution_ns: int) -> tuple[str, ...]:
    """Return, a sentence each, why a log supports no curve, no peak and no amplification; () if it does."""
    return tuple(_reasons(steps, resolution_ns))


def unplayable(steps: Steps, resolution_ns: int) -> tuple[str, ...]:
    """Return, a sentence each, why a log's sessions are no visits, at whatever rate; () if they are.

    How long a log is, and how many sessions a second it has, is all one there.
    """
    return (*_too_few(steps), *_combs(steps, resolution_ns))


def limits(steps: Steps, resolution_ns: int) -> tuple[str, ...]:
    """Return, a sentence each, what an otherwise usable log leaves unknown."""
    found = []
    if resolution_ns >= _NS_PER_S:
        found.append(
            "Its times are whole seconds: burstiness at 100 ms cannot be known, and where in a second a "
            "session began is drawn evenly."
        )
    if steps.span_s < 3 * 86400:
        found.append(
            f"It covers {_length(steps.span_s)}: whether these are ordinary hours, it cannot tell. "
            "From three days on, hours of the day are compared."
        )
    return tuple(found)


def _reasons(steps: Steps, resolution_ns: int) -> Iterator[str]:
    yield from _too_few(steps)
    if steps.span_s < SHORTEST_S:
        yield f"It covers {_length(steps.span_s)}; {SHORTEST_S / 60:.0f} minutes are the least."
    combs = tuple(_combs(steps, resolution_ns))
    yield from combs
    if not combs and steps.span_s >= SHORTEST_S and normal_volume(steps.start_ns) is None:
        yield "Most of its intervals hold no session at all, even those of an hour: their median is nothing."


def _too_few(steps: Steps) -> Iterator[str]:
    if steps.sessions < FEWEST_SESSIONS:
        yield f"It holds {steps.sessions:,} sessions; {FEWEST_SESSIONS} are the fewest to learn traffic from."


def _combs(steps: Steps, resolution_ns: int) -> Iterator[str]:
    if resolution_ns >= _MINUTE_NS:
        yield "Its times are whole minutes: think times, bursts and the order of steps within them are lost."
        return
    minutes = occupancy(steps.start_ns, _MINUTE_NS)
    if minutes.is_comb:
        yield _comb(minutes, "minute", "an hour", f":{minutes.phase:02d}")
        return
    seconds = occupancy(steps.start_ns, _NS_PER_S)
    if seconds.is_comb:
        yield _comb(seconds, "second", "a minute", f":{seconds.phase:02d}")


def _comb(found: Occupancy, slot: str, period: str, phase: str) -> str:
    return (
        f"Its sessions begin in {found.phases} of the 60 {slot}s of {period}, "
        f"{percent(found.fullest, 0)} of them "
        f"in {slot} {phase} ({found.slots:,} {slot}s hold a start, where even arrivals would touch "
        f"{found.slots_expected:,.0f}): any peak per {slot}, arrival curve or think time from it is an "
        "artefact of how the log was made."
    )


def _touched(arrivals: Ints) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(_PHASES * (1 - (1 - 1 / _PHASES) ** arrivals), dtype=np.float64)


def _length(span_s: float) -> str:
    for unit_s, name in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if span_s >= unit_s:
            return f"{span_s / unit_s:.1f} {name}"
    return f"{span_s:.0f} seconds"
