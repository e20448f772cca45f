"""What a proof adds to what a search found."""

import msgspec
import pytest

from capacity.found import bracket_of, found_of, missed_at, proven
from capacity.search import Goal, drive, search
from rehearsal.model.capacity import Band, Found, Trial, Wanted
from rehearsal.model.verdict import Status
from tests.capacity.told_trials import SET, at, met, trial


def underway(in_flight: float | None, share: float) -> Trial:
    """Return a trial at 40 a second with so many visits under way."""
    return msgspec.structs.replace(at(40.0, share), in_flight=in_flight)


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


def test_of_trials_at_one_rate_the_longest_decides() -> None:
    """Of equally long ones the last: what a short one showed by chance is no bound."""
    short, longer, again = at(40.0, 0.98), at(40.0, 0.995, requests=5000), at(40.0, 0.98, requests=5000)

    assert bracket_of([short, longer], SET) == (40.0, None)
    assert bracket_of([longer, short], SET) == (40.0, None)
    assert bracket_of([short, longer, again], SET) == (None, 40.0)


@pytest.mark.parametrize(
    ("shares", "rate_per_s"),
    [
        pytest.param((0.98,), 40.0, id="all of the interval below"),
        pytest.param((0.9895,), None, id="it reaches the target"),
        pytest.param((0.9885, *(0.999,) * 9), None, id="one of ten trials, and not by much"),
    ],
)
def test_what_broke_beyond_doubt(shares: tuple[float, ...], rate_per_s: float | None) -> None:
    """The more trials, the more one of them must miss by to be more than chance."""
    assert missed_at([at(40.0 + n, share) for n, share in enumerate(shares)], SET) == rate_per_s


@pytest.mark.parametrize(
    ("band", "shoppers", "status", "at_once"),
    [
        pytest.param(Band(), None, Status.PASS, 4.0, id="only the proof was made"),
        pytest.param(Band(low=30.0, high=60.0), 3.0, Status.PASS, 4.0, id="the proof is the higher bound"),
        pytest.param(Band(low=45.0, high=60.0), 4.5, Status.PASS, 4.5, id="more was confirmed"),
        pytest.param(Band(low=45.0, high=60.0), None, Status.PASS, None, id="of the higher none is known"),
        pytest.param(Band(), None, Status.INCONCLUSIVE, None, id="nothing was shown"),
        pytest.param(Band(), None, Status.FAIL, None, id="it broke"),
        pytest.param(Band(low=45.0), 4.5, Status.FAIL, None, id="it broke, and with it the bound"),
    ],
)
def test_shoppers_at_once_are_those_of_the_rate_that_is_the_bound(
    band: Band, shoppers: float | None, status: Status, at_once: float | None
) -> None:
    """Two trials held 40 a second with 4 under way on average; one that missed, with 400, does not count."""
    held = [underway(3.5, 0.999), underway(4.5, 0.999)]
    missed = underway(400.0, 0.9)
    found = Found(slo_set=SET, capacity=band, shoppers=shoppers)

    assert proven(found, 40.0, status, [*held, missed]).shoppers == (
        None if at_once is None else pytest.approx(at_once)
    )


def test_a_search_that_confirmed_nothing_tells_the_shoppers_of_its_highest_trial() -> None:
    """Nothing broke before it ended: 60 a second cleared, with 6 under way."""
    trials = [at(rate, 0.999) for rate in (30.0, 60.0)]
    found = found_of(trials, SET, scene="", accepted=(), why="the budget was spent")

    assert (found.capacity.low, found.shoppers) == (60.0, 6.0)
    assert found_of([], SET, scene="", accepted=(), why="").shoppers is None


def test_trials_that_nobody_counted_tell_no_shoppers() -> None:
    """A load that told nothing of visits under way leaves the number unknown."""
    uncounted = underway(None, 0.999)

    assert proven(Found(slo_set=SET, capacity=Band()), 40.0, Status.PASS, [uncounted]).shoppers is None


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
