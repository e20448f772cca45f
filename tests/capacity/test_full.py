"""Which resource was full when the shop broke: named where it was near its ceiling, and not else."""

import math

import msgspec
import pytest

from capacity.full import FULL, NEAR, fullest, with_resource
from rehearsal.model.capacity import Band, Found, Trial
from tests.capacity.told_trials import SET, at

LIMITS = {"servers": 8.0, "cpu": 2.0, "edge": 125e6}
UNITS = {"servers": "servers", "cpu": "cores", "edge": "bytes/s"}


def using(number: int, rate_per_s: float, share: float, **used: float) -> Trial:
    """Return a trial of which readings are known; "product in a" broke if a promise did."""
    broke = "product in a" if share < 0.99 else ""
    return msgspec.structs.replace(at(rate_per_s, share), number=number, used=used, broke=broke)


HELD, BROKE = using(1, 70.0, 0.999, servers=5.0), using(2, 90.0, 0.97, servers=7.8)
FOUND = Found(slo_set=SET, capacity=Band(low=75.0), broke="product in a", trials=(1, 2, 3))


@pytest.mark.parametrize(
    ("used", "words"),
    [
        pytest.param({"servers": 7.8, "cpu": 1.7}, "servers full: 7.8 of 8", id="the fullest, and no more"),
        pytest.param({"cpu": 1.9}, "cpu full: 1.9 of 2 cores", id="in its unit"),
        pytest.param({"edge": 124e6}, "edge full: 992 of 1,000 Mbit/s", id="a link"),
        pytest.param({"servers": 6.7}, "servers nearly full: 6.7 of 8", id="nearly"),
        pytest.param({"servers": 8.4}, "servers full: 8.4 of 8", id="more than there is"),
        pytest.param({"servers": 8 * FULL}, "servers full: 7.6 of 8", id="just full"),
        pytest.param({"servers": 8 * NEAR}, "servers nearly full: 6.4 of 8", id="just near"),
        pytest.param({"servers": 8 * NEAR - 0.01}, "", id="with room left"),
        pytest.param({"heap": 1e12}, "", id="without a ceiling"),
        pytest.param({"servers": math.nan, "cpu": math.inf}, "", id="no readings"),
        pytest.param({}, "", id="nothing was read"),
    ],
)
def test_the_fullest_is_named(used: dict[str, float], words: str) -> None:
    """From four fifths of its ceiling on; the one that is nearest to it."""
    assert fullest(using(1, 90.0, 0.97, **used), LIMITS, UNITS) == words


@pytest.mark.parametrize(
    ("trials", "broke"),
    [
        pytest.param([HELD, BROKE], "product in a; servers full: 7.8 of 8", id="path, region, resource"),
        pytest.param([HELD, using(2, 90.0, 0.97, servers=4.0)], "product in a", id="there was room"),
        pytest.param([HELD, using(2, 90.0, 0.97)], "product in a", id="nothing was read"),
        pytest.param(
            [HELD, using(2, 90.0, 0.97, servers=5.0), using(3, 160.0, 0.5, servers=8.0)],
            "product in a",
            id="full far above the capacity only",
        ),
        pytest.param([HELD, using(4, 90.0, 0.97, servers=8.0)], "product in a", id="another search's trial"),
    ],
)
def test_what_broke_is_told_with_the_resource_that_was_full(trials: list[Trial], broke: str) -> None:
    """Of the trial that broke first, the lowest above the capacity; never of one that held."""
    assert with_resource(FOUND, trials, LIMITS, UNITS).broke == broke


def test_where_nothing_broke_nothing_is_named() -> None:
    """A full resource in a shop that kept its promises is no first to break."""
    found = msgspec.structs.replace(FOUND, broke="")

    assert with_resource(found, [using(1, 70.0, 0.999, servers=8.0)], LIMITS, UNITS) == found
