"""The highest rate that holds: geometric steps up, bisection, confirmation. Probes come in as functions."""

from collections.abc import Callable

import msgspec

Probe = Callable[[int], bool]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How a search goes: steps × `grow`, then bisection until high ÷ low ≤ 1 + `tolerance`.

    Rates are whole numbers from `floor` to `ceiling`, in requests a second; `tries` probes must fail before
    a rate counts as too high.
    """

    grow: float = 1.5
    tolerance: float = 0.05
    floor: int = 50
    ceiling: int = 200_000
    tries: int = 1


def highest(
    probe: Probe, confirm: Probe, start: int, limits: Limits, *, over: Callable[[], bool]
) -> int | None:
    """Return the highest rate that `probe` found to hold and `confirm` confirmed; None if none did.

    `over` tells that time is up: the search then settles for the highest rate that held. It is confirmed once
    even then; if that fails, the figure is a step lower and unconfirmed.
    """

    def holds(rate: int) -> bool:
        return any(probe(rate) for _ in range(limits.tries))

    low, high = _bracket(holds, start, limits, over)
    while low and high and high / low > 1 + limits.tolerance and not over():
        middle = round((low * high) ** 0.5)
        if middle in (low, high):
            break
        low, high = (middle, high) if holds(middle) else (low, middle)
    return _confirmed(confirm, low, limits, over)


def _bracket(
    holds: Probe, start: int, limits: Limits, over: Callable[[], bool]
) -> tuple[int | None, int | None]:
    """Return the highest rate seen holding and the lowest seen failing, either None if none was seen."""
    low: int | None = None
    high: int | None = None
    rate = max(limits.floor, min(start, limits.ceiling))
    while not (low and high) and not over():
        if holds(rate):
            low = rate
            following = min(limits.ceiling, round(rate * limits.grow))
        else:
            high = rate
            following = max(limits.floor, round(rate / limits.grow))
        if following == rate:
            break
        rate = following
    return low, high


def _confirmed(confirm: Probe, rate: int | None, limits: Limits, over: Callable[[], bool]) -> int | None:
    while rate and rate >= limits.floor:
        if confirm(rate):
            return rate
        rate = min(rate - 1, round(rate / (1 + limits.tolerance)))
        if over():
            break
    return rate if rate and rate >= limits.floor else None
