"""Which resource fills up first, what is to be there at 1.3 times, and what is not known."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.utilisation import Readings, Unit, Use, bandwidth, utilisation_of
from rehearsal.model.errors import RehearsalError

RATES = (50.0, 100.0, 150.0, 200.0)
CPU = Readings(name="processors", unit=Unit.CORES, rates_per_s=RATES, used=(1.68, 3.24, 4.8, 6.48), limit=8)
LINK = bandwidth(
    "link", rates_per_s=RATES, bytes_per_s=(1.5e6, 3.02e6, 4.4e6, 6.1e6), limit_bytes_per_s=125e6
)
DATABASE = Readings(
    name="database", unit=Unit.CONNECTIONS, rates_per_s=RATES, used=(12, 17, 21.5, 27), limit=30
)
QUEUE = Readings(name="queue", unit=Unit.WAITING, rates_per_s=RATES, used=(1, 2, 5, 17), limit=100)
DISK = Readings(name="disk", unit=Unit.SLOTS, rates_per_s=RATES, used=(3, 3, 2.9, 3), limit=10)


def use_of(readings: Readings, *, peak_per_s: float = 180, required: float = 1.3) -> Use:
    """Return what is told of one resource."""
    return utilisation_of([readings], peak_per_s=peak_per_s, required=required).uses[0]


def pool(demand: float, idle: float, limit: float, *, ceiling: float = 1.0) -> Readings:
    """Return exact readings of a pool."""
    used = tuple(idle + demand * rate for rate in RATES)
    return Readings(
        name=f"pool of {limit:g}", unit=Unit.SLOTS, rates_per_s=RATES, used=used, limit=limit, ceiling=ceiling
    )


@given(st.floats(0.01, 2), st.floats(0, 20), st.integers(60, 900), st.floats(0.5, 1))
def test_the_law(demand: float, idle: float, limit: int, ceiling: float) -> None:
    """U = X D / m: capacity, headroom and the units needed follow from demand, idle use and limit."""
    use = use_of(pool(demand, idle, limit, ceiling=ceiling), peak_per_s=100)
    full_per_s = (ceiling * limit - idle) / demand
    assert use.capacity_per_s is not None
    assert use.headroom is not None

    assert max(0, full_per_s) == pytest.approx(use.capacity_per_s.point, abs=1e-6)
    assert max(0, full_per_s / 100) == pytest.approx(use.headroom.point, abs=1e-8)
    assert use.needed == math.ceil((idle + 130 * demand) / ceiling * (1 - 1e-9))


def test_the_bottleneck_is_named() -> None:
    """Of five resources the database fills up first, and the processors may do as well."""
    told = utilisation_of([DISK, CPU, LINK, QUEUE, DATABASE], peak_per_s=180)

    assert [use.readings.name for use in told.uses] == ["database", "processors", "link", "disk", "queue"]
    assert (told.bottleneck, told.rivals) == ("database", ("processors",))
    assert told.words == (
        "database: the first to fill up, at 230/s (215.7 to 246.1), 1.28 times the forecast peak;"
        " not told apart from processors; no rate above 200/s was tried"
    )


def test_a_bottleneck_that_stands_alone() -> None:
    """Exact readings leave no rival, and a limit that was reached in the trials is no extrapolation."""
    told = utilisation_of([pool(0.1, 0, 19), pool(0.1, 0, 60)], peak_per_s=100)

    assert (
        told.words == "pool of 19: the first to fill up, at 190/s (190 to 190), 1.90 times the forecast peak"
    )


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        pytest.param(
            CPU,
            "processors: 5.78 of 8 cores at the forecast (72 %); 1.3 times it takes 7.48 (7.25 to 7.72),"
            " so have 7.72",
            id="enough",
        ),
        pytest.param(
            DATABASE,
            "database: 25 of 30 connections at the forecast (83 %); 1.3 times it takes 30.4 (28.9 to 31.9),"
            " so have 32, 2 more than there are",
            id="too few, in whole pieces",
        ),
        pytest.param(
            bandwidth("link", rates_per_s=RATES, bytes_per_s=(1.5e6, 3.02e6, 4.4e6, 6.1e6)),
            "link: 43.7 Mbit/s at the forecast; 1.3 times it takes 56.9 (53.2 to 60.6), so have 60.6",
            id="no known limit",
        ),
        pytest.param(
            bandwidth("link", rates_per_s=RATES, bytes_per_s=RATES, limit_bytes_per_s=125e6),
            "link: 0.00144 of 1,000 Mbit/s at the forecast (under 1 %);"
            " 1.3 times it takes 0.00187 (0.00187 to 0.00187), so have 0.00187",
            id="hardly any is not none",
        ),
        pytest.param(
            Readings(name="heap", unit=Unit.SLOTS, rates_per_s=RATES, used=(10, 21, 35, 52), limit=200),
            "heap: 44.9 of 200 slots at the forecast (22 %); 1.3 times it takes 60 (50.8 to 69.2),"
            " so have 70; it grows faster than the load, and takes more than that",
            id="faster than the load",
        ),
        pytest.param(
            QUEUE,
            "queue: it grows with the load but along no line, 17 waiting were used at 200/s at most",
            id="along no line",
        ),
        pytest.param(
            DISK, "disk: no growth with the load is beyond doubt, 3 slots were used at most", id="flat"
        ),
    ],
)
def test_words(readings: Readings, words: str) -> None:
    """Each resource is told with what it takes, or with why no line says so."""
    assert words == use_of(readings).words


def test_a_queue_without_a_line_is_given_no_number() -> None:
    """What grows along no line has neither a capacity nor units to have."""
    use = use_of(QUEUE)

    assert (use.capacity_per_s, use.headroom, use.needed) == (None, None, None)


def test_a_pool_full_when_idle_carries_nothing() -> None:
    """Where idle use is above the ceiling no rate is left, not a negative one."""
    use = use_of(pool(0.1, 50, 40))

    assert use.headroom is not None
    assert (use.headroom.low, use.headroom.point, use.headroom.high) == (0, 0, 0)


@pytest.mark.parametrize(
    "resources", [[], [DISK, QUEUE], [bandwidth("link", rates_per_s=RATES, bytes_per_s=RATES)]]
)
def test_no_bottleneck_where_none_was_seen(resources: list[Readings]) -> None:
    """Without a resource that grows to a limit nothing is named."""
    told = utilisation_of(resources, peak_per_s=180)

    assert (told.bottleneck, told.rivals) == (None, ())
    assert told.words.startswith("what fills up first is not known")


def test_bytes_are_told_as_megabits() -> None:
    """125 MB a second are 1000 Mbit/s."""
    assert LINK.limit == pytest.approx(1000)
    assert LINK.used[0] == pytest.approx(12)


def test_too_few_rates_are_refused() -> None:
    """Two trials leave no doubt to be told, so nothing is."""
    few = Readings(name="pool", unit=Unit.SLOTS, rates_per_s=(1.0, 2.0), used=(1.0, 2.0), limit=9)

    with pytest.raises(RehearsalError, match="3 different rates, not 2"):
        use_of(few)


@pytest.mark.parametrize(
    ("limit", "ceiling", "peak", "words"),
    [
        pytest.param(0.0, 1.0, 180, "of 0 slots", id="no pool"),
        pytest.param(9.0, 0.0, 180, "a share of 0 is none", id="nothing may be used"),
        pytest.param(9.0, 1.2, 180, "a share of 1.2 is none", id="more than all"),
        pytest.param(9.0, 1.0, 0.0, "a peak of 0/s", id="no peak"),
    ],
)
def test_wrong_limits_are_refused(limit: float, ceiling: float, peak: float, words: str) -> None:
    """A limit, a ceiling and a peak are above 0."""
    with pytest.raises(ValueError, match=words):
        use_of(pool(0.1, 0, limit, ceiling=ceiling), peak_per_s=peak)
