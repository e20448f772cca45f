"""Trials told by hand: a shop whose attainment is a given function of the rate, without chance."""

from collections.abc import Callable

from rehearsal.model.capacity import Band, Met, Purpose, Trial, Wanted

SET, PROMISE = "proof", "p99 <= 300 ms"


def met(share: float, *, samples: int = 1000, apart: float = 0.001, target: float = 0.99) -> Met:
    """Return how a promise fared, with bounds `apart` from the share."""
    band = Band(low=share - apart, value=share, high=min(1.0, share + apart))
    return Met(slo_set=SET, promise=PROMISE, target=target, share=band, samples=samples)


def trial(wanted: Wanted, *mets: Met, number: int = 1, invalid: str = "") -> Trial:
    """Return a trial of two requests a visit, with a second of warm-up; "shop" broke if a promise did."""
    lasted_s = wanted.requests / (2 * wanted.rate_per_s)
    return Trial(
        number=number,
        wanted=wanted,
        start_s=0.0,
        steady_s=1.0,
        end_s=1.0 + lasted_s,
        visits=round(wanted.rate_per_s * (1 + lasted_s)),
        requests=wanted.requests,
        offered_per_s=wanted.rate_per_s,
        goodput_per_s=wanted.rate_per_s,
        in_flight=wanted.rate_per_s / 10,
        met=mets,
        broke="" if all(each.holds for each in mets) else "shop",
        invalid=invalid,
    )


def at(rate_per_s: float, share: float, *, requests: int = 1000) -> Trial:
    """Return a trial at a rate that kept the promise to a share of its requests."""
    wanted = Wanted(purpose=Purpose.BISECT, rate_per_s=rate_per_s, requests=requests)
    return trial(wanted, met(share, samples=requests))


class Shop:
    """Answers what is wanted; `share` tells the attainment of the n-th trial at a rate."""

    def __init__(
        self, share: Callable[[float, int], float], invalid: Callable[[float, int], str] = lambda _r, _n: ""
    ) -> None:
        """Take the attainment by rate and number, and why a trial is not to be believed."""
        self.share = share
        self.invalid = invalid
        self.wanted: list[Wanted] = []

    def __call__(self, wanted: Wanted) -> Trial:
        """Return the trial, and remember that it was wanted."""
        self.wanted.append(wanted)
        number = len(self.wanted)
        kept = met(self.share(wanted.rate_per_s, number), samples=wanted.requests)
        return trial(wanted, kept, number=number, invalid=self.invalid(wanted.rate_per_s, number))

    @property
    def purposes(self) -> list[str]:
        """Return why each trial was made, in order."""
        return [str(each.purpose) for each in self.wanted]


def steep(capacity_per_s: float, power: float = 16.0) -> Callable[[float, int], float]:
    """Return an attainment of 99 % at a capacity, whose misses rise with a power of the rate."""
    return lambda rate_per_s, _: 1 - min(1.0, 0.01 * (rate_per_s / capacity_per_s) ** power)
