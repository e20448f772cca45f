"""What a proof adds to what a search found."""

import pytest

from capacity.found import raised
from rehearsal.model.capacity import Band, Found


@pytest.mark.parametrize(
    ("band", "becomes"),
    [
        pytest.param(Band(low=30.0, value=50.0, high=60.0), (40.0, 50.0, 60.0), id="a higher bound"),
        pytest.param(Band(low=45.0, value=50.0, high=60.0), (45.0, 50.0, 60.0), id="already higher"),
        pytest.param(Band(value=35.0), (40.0, 40.0, None), id="the only bound; no middle is below it"),
        pytest.param(Band(), (40.0, None, None), id="the only thing known"),
        pytest.param(Band(low=30.0, value=32.0, high=35.0), (30.0, 32.0, 35.0), id="a contradiction stays"),
    ],
)
def test_a_rate_that_was_held_is_a_lower_bound(band: Band, becomes: tuple[float | None, ...]) -> None:
    """Held beyond doubt at 40 a second, the shop carries 40."""
    found = raised(Found(slo_set="strict", capacity=band), 40.0).capacity

    assert (found.low, found.value, found.high) == becomes
