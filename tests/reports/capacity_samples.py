"""A search for capacity as it might have gone: every purpose and status, things gone, dimensions."""

import math
from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from rehearsal.model.capacity import (
    Band,
    CapacityRecord,
    Found,
    Met,
    Purpose,
    Survived,
    Swept,
    Trial,
    Wanted,
)
from rehearsal.model.verdict import Status
from reports.capacity import (
    CapacityPage,
    ForecastShown,
    LatencyLimit,
    Needed,
    Overlap,
    ResourceRow,
    SceneRow,
    ThreeFigures,
)

SLO_SET, SECOND = "shop", "checkout"
#: Where the sample shop breaks, and where it does with something gone, in visits a second.
BREAKS_AT = {"": 42.0, "region a gone": 29.3, "payment slow": 39.0}
SEARCH = (
    (Purpose.DOUBLE, 7.5, 1000),
    (Purpose.DOUBLE, 15.0, 1000),
    (Purpose.DOUBLE, 30.0, 1000),
    (Purpose.DOUBLE, 60.0, 1000),
    (Purpose.BISECT, 42.4, 1000),
    (Purpose.BISECT, 35.7, 1000),
    (Purpose.BISECT, 38.9, 1000),
    (Purpose.BISECT, 40.6, 1000),
    (Purpose.CONFIRM, 42.2, 10000),
    (Purpose.CONFIRM, 40.9, 10000),
    (Purpose.PROOF, 39.0, 10000),
    (Purpose.AGAIN, 40.9, 10000),
)


def trial_of(number: int, purpose: Purpose, rate_per_s: float, requests: int, **changes: Any) -> Trial:
    """Return a trial of a shop whose times grow as a queue's near `BREAKS_AT`."""
    scene = changes.pop("scene", "")
    load = rate_per_s / (BREAKS_AT.get(scene, 42.0) * 1.12)
    stretch = 1 / (1 - load) if load < 0.97 else 33.0
    width = 3.0 / math.sqrt(max(requests, 1))
    goodput = rate_per_s * min(1.0, 1.02 / max(load, 1.02))
    wiggle = 1 + 0.01 * math.sin(number * 2.4)
    values: dict[str, Any] = {
        "number": number,
        "wanted": Wanted(purpose=purpose, rate_per_s=rate_per_s, requests=requests, scene=scene),
        "start_s": 40.0 * number,
        "steady_s": 40.0 * number + 5,
        "end_s": 40.0 * number + 5 + requests / 4.2 / rate_per_s,
        "visits": int(requests / 4.2),
        "requests": requests,
        "offered_per_s": rate_per_s * wiggle,
        "goodput_per_s": goodput * wiggle,
        "p50_ms": _around(11 * stretch**0.5, width),
        "p95_ms": _around(25 * stretch**0.8, width * 1.5),
        "p99_ms": _around(34 * stretch, width * 2, unknown=requests < 299),
        "mean_ms": 14 * stretch**0.7,
        "in_flight": rate_per_s * 0.014 * stretch**0.7,
        "met": tuple(_met(load, width, requests)),
        "broke": "order, region b" if load > 0.92 else "",
        "used": {"cpu": 8 * min(load, 1.0)},
    }
    return Trial(**{**values, **changes})


def record_of(**changes: Any) -> CapacityRecord:
    """Return the whole search: as it is, with things gone, along two dimensions, one trial INVALID."""
    trials = [trial_of(number, *wanted) for number, wanted in enumerate(SEARCH, 1)]
    late = "the generator sent 38 ms late (p99); 10 are allowed"
    trials.insert(4, trial_of(0, Purpose.BISECT, 44.0, 1000, invalid=late))
    for scene in ("region a gone", "payment slow"):
        breaks = BREAKS_AT[scene]
        for purpose, part, requests in (
            (Purpose.BISECT, 0.7, 1000),
            (Purpose.BISECT, 1.15, 1000),
            (Purpose.CONFIRM, 0.97, 10000),
        ):
            trials.append(trial_of(0, purpose, breaks * part, requests, scene=scene))
    values: dict[str, Any] = {
        "trials": tuple(_numbered(trials)),
        "found": (
            found_of(40.9, 41.6, 42.6, broke="order in region b", trials=(10, 11, 13), shoppers=310.0),
            found_of(43.1, 44.0, None, slo_set=SECOND, why="no trial above 43.1 was long enough"),
        ),
        "proof": 12,
        "surviving": (
            Survived(
                scene="region a gone",
                fault="region_killed",
                found=found_of(28.4, 29.0, 29.6, scene="region a gone", broke="pay"),
                required=1.0,
                proven=True,
            ),
            Survived(
                scene="payment slow",
                fault="payment_slow",
                found=found_of(36.9, 38.0, None, scene="payment slow"),
                required=1.2,
                proven=True,
            ),
            Survived(
                scene="zone lost",
                fault="zone_lost",
                found=None,
                required=1.0,
                proven=False,
                why="the fault was not felt by shoppers",
            ),
        ),
        "dimensions": (
            *(
                Swept(dimension="rules", value=n, found=found_of(*_near(44 / (1 + 0.06 * n))))
                for n in (0, 2, 5, 10)
            ),
            *(
                Swept(dimension="cart_lines", value=n, found=found_of(*_near(46 / n**0.3)))
                for n in (1, 3, 10)
            ),
            Swept(
                dimension="flash_share",
                value=0.5,
                found=found_of(None, None, None, why="the search was stopped"),
            ),
            Swept(dimension="flash_share", value=0.1, found=found_of(39.0, 40.0, None)),
        ),
        "limits": {"cpu": 8.0, "database connections": 100.0},
    }
    return CapacityRecord(**{**values, **changes})


def found_of(low: float | None, value: float | None, high: float | None, **changes: Any) -> Found:
    """Return a capacity between two bounds."""
    return Found(**{"slo_set": SLO_SET, "capacity": Band(low=low, value=value, high=high), **changes})


def page_of(**changes: Any) -> CapacityPage:
    """Return a page on which every part has something to say."""
    rates = tuple(15 + 0.1 * step for step in range(601))
    values: dict[str, Any] = {
        "record": record_of(),
        "held": Status.PASS,
        "forecast": ForecastShown(
            peak_per_s=30.0, required=1.3, n=5, low_per_s=19.3, high_per_s=46.7, above_required=0.137
        ),
        "figures": ThreeFigures(factor=40.9 / 30, spare=1 - 30 / 40.9, slack=40.9 / 30 - 1),
        "limits": (
            LatencyLimit(slo_set=SLO_SET, quantile="p95", limit_ms=200),
            LatencyLimit(slo_set=SLO_SET, quantile="p99", limit_ms=300),
            LatencyLimit(slo_set=SECOND, quantile="p99", limit_ms=320),
        ),
        "overlap": Overlap(
            rates_per_s=rates,
            forecast=tuple(_bell(math.log(rate / 30) / 0.22) / (0.22 * rate) for rate in rates),
            capacity=tuple(_bell((rate - 41.7) / 0.6) / 0.6 for rate in rates),
            overload=tuple(
                _bell(math.log(rate / 30) / 0.22) / (0.22 * rate) / (1 + math.exp((41.7 - rate) / 0.35))
                for rate in rates
            ),
            chance=0.1034,
            holds=0.6127,
        ),
        "scenes": (
            SceneRow(
                scene="region a gone",
                fault="region_killed",
                capacity=Band(low=28.4, value=29.0, high=29.6),
                required=1.0,
                status=Status.FAIL,
                broke="pay",
            ),
            SceneRow(
                scene="payment slow",
                fault="payment_slow",
                capacity=Band(low=36.9, value=38.0),
                required=1.2,
                status=Status.PASS,
            ),
            SceneRow(
                scene="zone lost",
                fault="zone_lost",
                capacity=Band(),
                required=1.0,
                status=Status.INCONCLUSIVE,
                why="the fault was not felt by shoppers",
            ),
        ),
        "resources": (
            ResourceRow(name="cpu", at_forecast=5.1, at_required=6.6, limit=8, unit="cores"),
            ResourceRow(
                name="database connections",
                at_forecast=82,
                at_required=107,
                limit=100,
                needed=112,
                unit="connections",
                words="database connections: 82 of 100 connections, so have 112",
            ),
            ResourceRow(name="memory", at_forecast=3.1, at_required=3.3, limit=None, unit="GiB"),
            ResourceRow(
                name="bandwidth to the edge",
                at_forecast=212,
                at_required=276,
                limit=1000,
                unit="Mbit/s",
                words="bandwidth to the edge: 212 of 1,000 Mbit/s, so have 280",
            ),
        ),
        "bottleneck": "database connections",
        "needed": (
            Needed(aim="1.3 times the forecast", more=0),
            Needed(aim="the forecast with one instance lost", more=2),
            Needed(aim="a chance of overload of 1 %", more=None, why="the forecast's spread is not known"),
        ),
        "explained": (
            "Contention 2.7 %, coherency 0.08 %; no peak is identified.",
            "Little's law holds within 3 % in every trial.",
        ),
    }
    return CapacityPage(**{**values, **changes})


def _around(value: float, width: float, *, unknown: bool = False) -> Band:
    if unknown:
        return Band(value=value)
    return Band(low=value * (1 - width), value=value, high=value * (1 + 1.6 * width))


def _met(load: float, width: float, requests: int) -> Iterator[Met]:
    for slo_set, promise, target, breaks in (
        (SLO_SET, "p95 <= 200 ms", 0.95, 0.95),
        (SLO_SET, "p99 <= 300 ms", 0.99, 0.893),
        (SECOND, "p99 <= 320 ms", 0.99, 0.93),
    ):
        room = 1 - target
        missed = room * (load / breaks) ** 9
        half = width * room * (2.4 if requests < 5000 else 1.0)
        share = max(0.0, 1 - missed)
        yield Met(
            slo_set=slo_set,
            promise=promise,
            target=target,
            share=Band(low=max(0.0, share - half), value=share, high=min(1.0, share + half)),
            samples=requests,
        )


def _numbered(trials: list[Trial]) -> Iterator[Trial]:
    for number, trial in enumerate(trials, 1):
        yield replace(trial, number=number)


def _near(value: float) -> tuple[float, float, float]:
    return value * 0.97, value, value * 1.02


def _bell(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
