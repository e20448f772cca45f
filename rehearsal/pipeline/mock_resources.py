"""Which resources of a shop are read while capacity is searched for; of the mock shop without being asked."""

from collections.abc import Callable, Mapping

import psutil

from capacity.utilisation import Unit
from rehearsal.model.clock import Clock
from rehearsal.model.history import Row
from rehearsal.model.plan import Plan
from rehearsal.model.plan_capacity import Capacity, Resource
from rehearsal.pipeline.gauges import Gauges, endpoint
from rehearsal.pipeline.shop_links import REGIONS, Links

#: Nothing bounds a loopback: what a small machine is given, 1 Gbit/s, in bytes.
_LINK_BYTES_PER_S = 125_000_000.0


def resources_of(plan: Plan) -> tuple[Resource, ...]:
    """Return the plan's own resources, or those of the mock shop; none of another shop that names none.

    Of the mock shop: processor time in cores, servers that are busy, connections that write to the database
    (one a region), and bytes a second each way (told in Mbit/s). Those who wait use nothing up, and grow
    without measure.
    """
    own = (plan.capacity or Capacity()).resources
    if own or plan.target.shop != "mock":
        return own
    regions, store = len(REGIONS), plan.store
    link = regions * _LINK_BYTES_PER_S
    return (
        _grows("cpu", "shop_cpu_seconds_total", psutil.cpu_count() or 1, Unit.CORES),
        _grows("servers", "shop_station_busy_seconds_total", regions * store.servers, Unit.SERVERS),
        _grows("db_connections", "shop_db_busy_seconds_total", regions, Unit.CONNECTIONS),
        _grows("bandwidth_sent", "shop_sent_bytes_total", link, Unit.BYTES_A_SECOND),
        _grows("bandwidth_received", "shop_received_bytes_total", link, Unit.BYTES_A_SECOND),
    )


def units_of(plan: Plan) -> dict[str, str]:
    """Return what each resource's readings and ceiling are counted in; "" where the plan does not say."""
    return {resource.name: resource.unit for resource in resources_of(plan)}


def gauges_of(
    plan: Plan,
    links: Links | None,
    *,
    clock: Clock,
    origin_ns: int,
    record: Callable[[Row], None],
    headers: Mapping[str, str],
) -> Gauges:
    """Return what reads the plan's resources; of a shop that has no endpoint it reads nothing.

    `links` are the mock shop's, whose director speaks for all its regions; `headers` go with each request.
    """
    capacity = plan.capacity or Capacity()
    url = capacity.metrics or (f"{links.director}/metrics" if links else "")
    reached = endpoint(url, ca_file=plan.target.ca_file, headers=headers)
    resources = resources_of(plan) if url else ()
    return Gauges(resources, reached, clock=clock, origin_ns=origin_ns, record=record)


def _grows(name: str, series: str, limit: float, unit: Unit) -> Resource:
    return Resource(name=name, series=series, limit=limit, rate=True, unit=unit.value)
