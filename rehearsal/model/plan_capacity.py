"""The table `[capacity]` of a plan: how capacity is searched for, and under what besides."""

from typing import Annotated, Literal

from pydantic import Field

from rehearsal.model.faults import FaultKind
from rehearsal.model.plan_base import Frozen, Name, Positive, Share


class Slo(Frozen):
    """What shoppers are promised in phases of one kind. Response times count from the due time.

    `goodput` is the share of requests answered well, `payment_success` of payments that ended paid; which of
    its requests pays a stranger's locustfile does not tell, and the second has no meaning there.
    """

    p95_ms: Positive
    p99_ms: Positive
    goodput: Share
    payment_success: Share | None = None


class Surviving(Frozen):
    """Something that is gone while capacity is searched for again: a fault by its kind, as in `[[faults]]`.

    `required` is the factor over the forecast peak that must be left (not given: that of the forecast).
    """

    name: Name
    kind: FaultKind
    region: Literal["a", "b"] = "a"
    required: Annotated[float, Field(gt=0, le=10)] | None = None


class Dimension(Frozen):
    """Something besides the rate that capacity depends on, searched for at each of `values`.

    `rules` are promotion rules stacked on an order, `cart_lines` different products in a cart, `flash_share`
    the share of visits that come for the flash sale; the others keep their proportions.
    """

    name: Literal["rules", "cart_lines", "flash_share"]
    values: Annotated[tuple[Annotated[float, Field(ge=0, le=1000)], ...], Field(min_length=2, max_length=20)]


class Resource(Frozen):
    """A resource of the shop's, read while trials run: a series of the endpoint `[capacity] metrics`.

    `series` is its name in Prometheus' text format, with labels or without; of several that match the sum is
    taken. `limit` is its ceiling in its own unit. `rate`: the series is a counter, and its growth a second
    counts. `unit` is what it is then counted in, as a report should call it ("cores", "connections"; not
    given: as its name tells, or nothing); of "bytes/s" it is told in Mbit/s.
    """

    name: Name
    series: Annotated[str, Field(min_length=1)]
    limit: Annotated[float, Field(gt=0, le=1e15)]  # bytes are many
    rate: bool = False
    unit: Annotated[str, Field(max_length=20, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class Capacity(Frozen):
    """How capacity is searched for: the largest arrival rate at which every promise of an SLO set holds.

    `slo` are the SLO sets by name (none: `[slo.proof]` is the only one); the headroom is judged by the first.
    The search begins at `start_per_s` (not given: a quarter of the forecast peak), doubles until an SLO set
    breaks, halves the bracket on trials of `trial_requests` to `width`, and confirms downward by `back_off`
    with `confirm_requests`. It stops at `most_requests` or `most_s`.
    Without `search` only the proof is made: whether 1.3 times the forecast holds, not where the shop breaks.
    The proof lasts for `proof_requests` at least. `instances` says how many of them serve, so that it can be
    told how many more are needed (not given: of the mock shop its servers).
    """

    slo: dict[Name, Slo] = Field(default={})
    search: bool = True
    start_per_s: Positive | None = None
    trial_requests: Annotated[int, Field(ge=100, le=10**7)] = 1000
    confirm_requests: Annotated[int, Field(ge=1000, le=10**7)] = 10000
    proof_requests: Annotated[int, Field(ge=1000, le=10**7)] = 10000
    most_requests: Annotated[int, Field(ge=1000, le=10**9)] = 45000
    most_s: Annotated[float, Field(gt=0, le=86400)] = 1800.0
    width: Annotated[float, Field(gt=0, le=1)] = 0.05
    back_off: Annotated[float, Field(gt=0.5, lt=1)] = 0.975
    surviving: tuple[Surviving, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    metrics: str = ""
    resources: tuple[Resource, ...] = ()
    instances: Annotated[int, Field(ge=1, le=10000)] | None = None
