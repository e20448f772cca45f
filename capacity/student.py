"""Student's t distribution: what a mean and a spread guessed from few values leave open.

Student, Biometrika 6 (1908), 1-25. `dof` is the number of degrees of freedom; math.inf makes it the normal
distribution.
"""

import math

import numpy as np
from scipy.special import stdtr  # type: ignore[import-untyped]

from capacity.quantiles import student_t
from capacity.samples import Floats


def t_quantile(q: float, dof: float) -> float:
    """Return the q-quantile, 0 < q < 1; ValueError outside."""
    if not 0 < q < 1:
        raise ValueError(f"a quantile is asked for at a share between 0 and 1, not at {q}")
    return student_t(dof, q)


def t_tail(t: Floats, dof: float) -> Floats:
    """Return P(T > t) for each t; exact to the last digits far out, for it is the lower tail of -t."""
    return np.asarray(stdtr(dof, -t), dtype=np.float64)


def t_density(t: Floats, dof: float) -> Floats:
    """Return the density at each t."""
    if math.isinf(dof):
        return np.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    peak = math.lgamma((dof + 1) / 2) - math.lgamma(dof / 2) - math.log(dof * math.pi) / 2
    return np.exp(peak - (dof + 1) / 2 * np.log1p(t * t / dof))
