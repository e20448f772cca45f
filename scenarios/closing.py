"""When the last visits end: a shop that drips its answers must not keep a run from being judged.

By then no step begins any more, and the answer under way is waited for no longer: it is info, as of a shopper
who gave up. What shoppers had met till then says of the shop what there is to say.
"""

import math

from rehearsal.model.clock import nanoseconds, seconds

#: Visits under way when no more are due have so long to end.
LAST_VISITS_S = 25.0
#: Never nothing: a limit of 0 s would be a refusal to connect, and not one of waiting.
_LEAST_S = 0.001


class Closing:
    """The instant (ns since the origin) at which visits of a load process end; infinity till it is known."""

    def __init__(self, at_ns: float = math.inf) -> None:
        """Take the instant, if it is known."""
        self.at_ns = at_ns

    def after(self, end_ns: int) -> None:
        """Close `LAST_VISITS_S` after no more visits are due; what is to close sooner stays so."""
        self.at_ns = min(self.at_ns, end_ns + nanoseconds(LAST_VISITS_S))

    def is_over(self, instant_ns: int) -> bool:
        """Tell whether nothing begins at an instant any more."""
        return instant_ns >= self.at_ns

    def limit_s(self, limit_s: float | None, now_ns: int) -> float | None:
        """Return how long an answer asked for now is waited for: to a shopper's own limit, or the closing."""
        if math.isinf(self.at_ns):
            return limit_s
        left_s = max(_LEAST_S, seconds(int(self.at_ns) - now_ns))
        return left_s if limit_s is None else min(limit_s, left_s)
