"""Whether residuals come in long runs of one sign: then the model's shape is wrong and its intervals lie."""

import math

import numpy as np

from capacity.samples import Floats


def runs_of(residuals: Floats) -> int:
    """Return the number of runs of one sign; zeros are passed over."""
    signs = np.sign(residuals[residuals != 0])
    return int(np.count_nonzero(np.diff(signs))) + 1 if signs.size else 0


def chance_of_so_few_runs(residuals: Floats) -> float:
    """Return P(runs <= seen) if the signs stood in random order; 1 where all are of one sign, or none is.

    Exact: with m positive and n negative signs there are 2 C(m-1, k-1) C(n-1, k-1) orders of 2k runs and
    C(m-1, k) C(n-1, k-1) + C(m-1, k-1) C(n-1, k) of 2k + 1, among C(m+n, m).
    Wald and Wolfowitz, Annals of Mathematical Statistics 11 (1940), 147-162.
    """
    plus, minus = int(np.count_nonzero(residuals > 0)), int(np.count_nonzero(residuals < 0))
    if plus == 0 or minus == 0:
        return 1.0
    ways = sum(_orders(runs, plus - 1, minus - 1) for runs in range(2, runs_of(residuals) + 1))
    return ways / math.comb(plus + minus, plus)


def _orders(runs: int, plus: int, minus: int) -> int:
    """Return in how many orders there are so many runs, given one less than the number of each sign."""
    k = runs // 2
    if runs % 2 == 0:
        return 2 * math.comb(plus, k - 1) * math.comb(minus, k - 1)
    return math.comb(plus, k) * math.comb(minus, k - 1) + math.comb(plus, k - 1) * math.comb(minus, k)
