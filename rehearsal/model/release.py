"""When the shoppers of a waiting room are let go after T-0: a stated curve with an exact count. Pure."""

import math
from random import Random

from rehearsal.model.clock import nanoseconds
from rehearsal.model.plan import Plan, WaitingRoom
from rehearsal.model.timeline import timeline_of

#: The exponential curve's mean is this part of `release_s`; what would fall later is folded back into it.
_MEANS = 3.0


def release_s(room: WaitingRoom, seed: int) -> tuple[float, ...]:
    """Return the instants, in seconds after T-0 and in order, at which one shopper each is let go.

    even, exponential: the n-th of N is at the quantile (n - 1/2) / N of the curve, so that no release differs
    from the curve by more than half a shopper. exponential: of mean `release_s` / 3, cut off at `release_s`
    (F(t) = (1 - e^(-3t/r)) / (1 - e^-3)). poisson: N points thrown evenly on [0, r), from the seed.
    """
    count, length_s = room.shoppers, room.release_s
    if room.release == "poisson":
        random = Random(f"{seed}/release")  # noqa: S311 - a schedule needs repeatability, not secrecy
        return tuple(sorted(random.random() * length_s for _ in range(count)))
    shares = ((number + 0.5) / count for number in range(count))
    if room.release == "even":
        return tuple(share * length_s for share in shares)
    cut = -math.expm1(-_MEANS)
    return tuple(-math.log1p(-share * cut) * length_s / _MEANS for share in shares)


def releases_ns(plan: Plan) -> tuple[int, ...]:
    """Return the instants of a plan's releases on the run's clock, in order; none without a waiting room."""
    if plan.waiting_room is None:
        return ()
    opens_ns = timeline_of(plan).window_of(plan.sale.opens_with).start_ns
    return tuple(opens_ns + nanoseconds(after_s) for after_s in release_s(plan.waiting_room, plan.seed))
