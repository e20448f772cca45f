"""What a shop says of its resources, in Prometheus' text format (version 0.0.4), a series a region.

https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md
"""

import time
from collections.abc import Iterator, Mapping

from starlette.responses import Response

from mock_store.region import Region
from mock_store.units import NS_PER_S

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: Each series: its name, its type and what it is.
FAMILIES = (
    ("shop_cpu_seconds_total", "counter", "Processor time that the region's process has used."),
    ("shop_station_busy_seconds_total", "counter", "How long servers were busy, all of them together."),
    ("shop_station_waiting", "gauge", "Requests that wait for a server now."),
    ("shop_in_flight", "gauge", "Requests of shoppers and providers that are not answered yet."),
    ("shop_received_bytes_total", "counter", "Bytes of requests, heads and bodies."),
    ("shop_sent_bytes_total", "counter", "Bytes of answers, heads and bodies."),
    ("shop_db_connections_in_use", "gauge", "Connections to the database that write now, or wait to."),
    ("shop_db_busy_seconds_total", "counter", "How long connections were in use for writing."),
)


def readings(region: Region) -> dict[str, float]:
    """Return what a region uses now, and has used since its start, by series."""
    station, storage, traffic = region.station, region.storage, region.traffic
    return {
        "shop_cpu_seconds_total": time.process_time(),
        "shop_station_busy_seconds_total": station.busy_ns / NS_PER_S,
        "shop_station_waiting": station.waiting,
        "shop_in_flight": traffic.in_flight,
        "shop_received_bytes_total": traffic.received,
        "shop_sent_bytes_total": traffic.sent,
        "shop_db_connections_in_use": storage.in_use,
        "shop_db_busy_seconds_total": storage.busy_ns / NS_PER_S,
    }


def exposition(regions: Mapping[str, Mapping[str, float]]) -> Response:
    """Return the readings of regions, by name, as an answer to whoever scrapes."""
    return Response("".join(_lines(regions)), media_type=CONTENT_TYPE)


def _lines(regions: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    for name, kind, words in FAMILIES:
        yield f"# HELP {name} {words}\n# TYPE {name} {kind}\n"
        for region, values in regions.items():
            if name in values:
                yield f'{name}{{region="{region}"}} {float(values[name])!r}\n'
