"""What a search for capacity may do and hardly means to, a sentence each. Pure."""

from collections.abc import Iterator

from rehearsal.model.capacity_check import searches
from rehearsal.model.plan import Plan
from rehearsal.model.plan_capacity import Capacity
from rehearsal.model.scene_check import LONGEST_PROOF, requests_of

#: A visit of our shoppers makes no more requests than this, retries aside.
_MOST_OF_A_VISIT = 12
#: So many confirmations must fit: the first candidate of a search is often too high.
_CONFIRMATIONS = 3


def search_warnings(plan: Plan) -> Iterator[str]:
    """Yield what is allowed but unusual about a plan's search; nothing if it makes none."""
    capacity = plan.capacity
    if capacity is None or not searches(plan):
        return
    if plan.forecast is None:
        yield "There is no [forecast]: capacity is searched for, and no headroom is judged."
    if capacity.search:
        yield from _budget(plan, capacity)
    elif len(capacity.slo) > 1:
        yield f"capacity.search is false: only {next(iter(capacity.slo))!r} is proven, the first SLO set."
    yield from _running_out(plan, capacity)
    if plan.stop.error_share is not None or plan.stop.p99_ms is not None:
        yield "[stop] has no say while capacity is searched for: trials above it break promises on purpose."


def _budget(plan: Plan, capacity: Capacity) -> Iterator[str]:
    confirming = _CONFIRMATIONS * capacity.confirm_requests
    if confirming > capacity.most_requests:
        yield (
            f"capacity.most_requests is {capacity.most_requests:,}, less than {_CONFIRMATIONS} times "
            f"confirm_requests ({confirming:,}): the search may stop before anything is confirmed."
        )
    if plan.forecast is None:
        return
    proven_per_s = plan.forecast.headroom * plan.forecast.peak_per_s
    least_s = capacity.confirm_requests / (proven_per_s * _MOST_OF_A_VISIT)
    if least_s > capacity.most_s:
        yield (
            f"capacity.most_s is {capacity.most_s:g}, and {capacity.confirm_requests:,} requests to confirm "
            f"take {least_s:,.0f} s at {proven_per_s:.4g} visits/s even of {_MOST_OF_A_VISIT} requests each."
        )


def _running_out(plan: Plan, capacity: Capacity) -> Iterator[str]:
    """Yield what trials use up: no other phase comes near so many visits."""
    mix = plan.traffic.mix
    flash = mix.flash_sale if mix else 0.0
    most = capacity.most_requests if capacity.search else LONGEST_PROOF * capacity.proof_requests
    buyers = flash * most / _MOST_OF_A_VISIT
    if plan.has_sale and plan.sale.stock < buyers:
        yield (
            f"sale.stock is {plan.sale.stock:,}, and trials may bring more than {buyers:,.0f} buyers: once it"
            " is sold out, visits are shorter and capacity looks larger."
        )
    for name, table in plan.data.items():
        if table.file:
            yield (
                f"data.{name} is a file, and trials take a row for each visit, {requests_of(capacity):,} at "
                "most: with too few rows the search ends early."
            )
