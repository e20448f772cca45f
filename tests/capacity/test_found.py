"""What a proof adds to what a search found."""

import pytest

from capacity.found import proven
from capacity.search import Goal, drive, search
from rehearsal.model.capacity import Band, Found, Trial, Wanted
from rehearsal.model.verdict import Status
from tests.capacity.told_trials import SET, met, trial


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
    found = proven(Found(slo_set="strict", capacity=band), 40.0, Status.PASS).capacity

    assert (found.low, found.value, found.high) == becomes


@pytest.mark.parametrize(
    ("low", "becomes"), [(45.0, (None, None, 40.0)), (35.0, (35.0, 40.0, 40.0)), (None, (None, 40.0, 40.0))]
)
def test_a_rate_that_broke_contradicts_a_higher_bound(
    low: float | None, becomes: tuple[float | None, ...]
) -> None:
    """Nobody may read 45 off a sheet when 40 broke, held for minutes."""
    found = proven(Found(slo_set="strict", capacity=Band(low=low, value=50.0, high=60.0)), 40.0, Status.FAIL)

    assert (found.capacity.low, found.capacity.value, found.capacity.high) == becomes
    assert ("the shop has changed" in found.why) is (low == 45.0)


@pytest.mark.parametrize("status", [Status.INCONCLUSIVE, Status.INVALID])
def test_a_proof_that_shows_nothing_changes_nothing(status: Status) -> None:
    """Neither bound moves."""
    found = Found(slo_set="strict", capacity=Band(low=30.0, value=50.0, high=60.0))

    assert proven(found, 40.0, status) == found


def test_a_trial_that_broke_by_chance_bounds_nothing() -> None:
    """One short trial in which too many missed, and longer ones at higher rates that all held: no bound."""
    made: list[Trial] = []

    def measure(wanted: Wanted) -> Trial:
        share = 0.989 if len(made) == 1 else 0.994
        kept = met(share, samples=wanted.requests, apart=0.15 / wanted.requests**0.5)
        made.append(trial(wanted, kept, number=len(made) + 1))
        return made[-1]

    found = drive(search(Goal(slo_set=SET, start_per_s=20.0)), measure)

    assert max(each.wanted.rate_per_s for each in made if each.requests > 1000) > 40.0
    assert found.capacity.high is None
