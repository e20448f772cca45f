"""The universal scalability law: what contention and coherency make of more concurrency.

X(N) = g N / (1 + a (N - 1) + b N (N - 1)). N is a concurrency (shoppers at once, workers, servers), never an
arrival rate; from rates, N is derived by Little's law. Source: Gunther, Guerrilla Capacity Planning (2007).
An explanation of what was measured, and a hint where to measure next: it is no evidence of a capacity.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usl:
    """The law's three parameters; both coefficients are at least 0."""

    contention: float
    """a: the share of the work that waits in line for something shared."""
    coherency: float
    """b: the cost of every pair of workers that must agree."""
    single_per_s: float
    """g: the throughput of one."""

    def throughput(self, n: float) -> float:
        """Return X(N), a second."""
        return self.single_per_s * n / self._cost(n)

    def response_s(self, n: float) -> float:
        """Return the mean response time N / X(N) in seconds, by Little's law."""
        return self._cost(n) / self.single_per_s

    @property
    def peak_concurrency(self) -> float:
        """Return N* = sqrt((1 - a) / b), at least 1, beyond which throughput falls; infinite if b is 0."""
        if self.coherency == 0:
            return math.inf
        return math.sqrt(max((1 - self.contention) / self.coherency, 1.0))

    @property
    def peak_per_s(self) -> float:
        """Return X* = X(N*); the limit g / a without coherency."""
        return self.throughput(self.peak_concurrency) if self.coherency else self.limit_per_s

    @property
    def limit_per_s(self) -> float:
        """Return g / a, what contention alone would allow (Amdahl); infinite without contention."""
        return self.single_per_s / self.contention if self.contention else math.inf

    @property
    def optimal_concurrency(self) -> float:
        """Return 1 / a, where the limit g / a meets the linear g N; infinite without contention."""
        return 1 / self.contention if self.contention else math.inf

    @property
    def optimal_per_s(self) -> float:
        """Return X(1 / a); without contention 1 / a is infinite, and there any coherency leaves nothing."""
        if self.contention:
            return self.throughput(self.optimal_concurrency)
        return 0.0 if self.coherency else math.inf

    def concurrencies(self, per_s: float) -> tuple[float, ...]:
        """Return every N > 0 with X(N) = `per_s`, rising: before the peak, and beyond it; none above X*.

        The roots of b X N^2 + ((a - b) X - g) N + X (1 - a) = 0, in the form that loses no digits.
        """
        square = self.coherency * per_s
        linear = (self.contention - self.coherency) * per_s - self.single_per_s
        constant = per_s * (1 - self.contention)
        inside = linear * linear - 4 * square * constant
        if inside < 0:
            return ()
        half = (math.sqrt(inside) - linear) / 2
        roots = (constant / half if half > 0 else 0.0, half / square if square else 0.0)
        return tuple(sorted({root for root in roots if root > 0}))

    def concurrency_at_response(self, response_s: float) -> float:
        """Return the N whose mean response is `response_s`.

        The root of b N^2 + (a - b) N + 1 - a - g R = 0. ValueError where no N has that response: it is
        below that of an idle system, or neither coefficient lets response grow.
        """
        extra = self.single_per_s * response_s - (1 - self.contention)
        slope = self.contention - self.coherency
        root = math.sqrt(max(slope * slope + 4 * self.coherency * extra, 0.0))
        if extra <= 0 or root + slope <= 0:
            raise ValueError(f"no concurrency has a mean response of {response_s} s under this law")
        return 2 * extra / (slope + root)

    def throughput_at_response(self, response_s: float) -> float:
        """Return X = N / R of the N whose mean response is `response_s`; ValueError where there is none."""
        return self.concurrency_at_response(response_s) / response_s

    def _cost(self, n: float) -> float:
        return 1 + self.contention * (n - 1) + self.coherency * n * (n - 1)
