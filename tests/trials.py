"""A trial for tests that need one, whatever it came to."""

from typing import Any

import msgspec

from rehearsal.model.capacity import Purpose, Trial, Wanted

_PLAIN = Trial(
    number=1,
    wanted=Wanted(purpose=Purpose.DOUBLE, rate_per_s=100.0, requests=1000),
    start_s=0.0,
    steady_s=1.0,
    end_s=11.0,
    visits=400,
    requests=1000,
    offered_per_s=100.0,
    goodput_per_s=100.0,
)


def plain_trial(**changes: Any) -> Trial:
    """Return a trial of 1,000 requests at 100 visits a second, with these fields changed."""
    return msgspec.structs.replace(_PLAIN, **changes)
