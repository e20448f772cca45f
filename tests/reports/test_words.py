"""Numbers as a reader reads them."""

from math import inf

import pytest

from rehearsal.model.capacity import Band
from rehearsal.model.plan import Phase, PhaseKind
from rehearsal.model.verdict import Status, Verdict
from reports import words


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (None, "–"),
        (inf, "for ever"),
        (0.04, "0.04 ms"),
        (0.44, "0.4 ms"),
        (1.0, "1 ms"),
        (85.4, "85 ms"),
        (999.4, "999 ms"),
        (1234.0, "1.23 s"),
        (61000.0, "61 s"),
    ],
)
def test_durations(milliseconds: float | None, text: str) -> None:
    """Milliseconds below a second, seconds above."""
    assert text == words.duration(milliseconds)


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "–"), (1.0, "100.00 %"), (0.999999, "99.99 %"), (0.5, "50.00 %"), (0.0, "0.00 %")],
)
def test_per_cent_is_never_rounded_up_to_all(share: float | None, text: str) -> None:
    """One failure in a million is not 100 %."""
    assert text == words.percent(share)


@pytest.mark.parametrize(
    ("per_s", "text"),
    [(None, "–"), (inf, "without end"), (0.417, "0.42"), (1.0, "1.0"), (41.77, "41.8"), (1253.6, "1,254")],
)
def test_rates(per_s: float | None, text: str) -> None:
    """To the digit that a search can tell."""
    assert text == words.rate(per_s)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        pytest.param(None, "–", id="not known"),
        pytest.param(0.0, "below 0.1 %", id="never is not said"),
        pytest.param(0.0009, "below 0.1 %", id="rare"),
        pytest.param(0.137, "13.7 %", id="a chance"),
        pytest.param(0.9995, "above 99.9 %", id="nor is always"),
    ],
)
def test_a_chance_is_no_certainty(share: float | None, text: str) -> None:
    """Few promotions know nothing of a chance in a thousand."""
    assert text == words.chance(share)


@pytest.mark.parametrize(
    ("band", "text"),
    [
        (Band(), "–"),
        (Band(low=40.9), "at least 40.9"),
        (Band(high=42.6), "at most 42.6"),
        (Band(low=40.9, value=41.0, high=42.6), "40.9 to 42.6"),
    ],
)
def test_bounds_are_told_as_far_as_they_are_known(band: Band, text: str) -> None:
    """A missing bound is never made up."""
    assert text == words.between(band, words.rate)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "ms", "–"),
        (118.2, "ms", "118 ms"),
        (0.9986, "share", "99.86 %"),
        (1.307, "times the forecast peak", "1.307 ×"),
        (3.0, "units", "3 units"),
        (2.0, "", "2"),
    ],
)
def test_measures_carry_their_unit(value: float | None, unit: str, text: str) -> None:
    """Each number with the unit it was measured in."""
    assert text == words.measure(value, unit)


@pytest.mark.parametrize(
    ("iso", "text"),
    [
        ("2026-11-21T20:35:25+00:00", "2026-11-21 20:35 UTC"),
        ("2026-11-21T20:35:25", "2026-11-21 20:35"),
        ("yesterday", "yesterday"),
    ],
)
def test_moments(iso: str, text: str) -> None:
    """A date and time without letters in between; what is none stays as it is."""
    assert text == words.moment(iso)


def test_money_has_thousands_apart() -> None:
    """Minor units become a decimal."""
    assert words.money(2388000) == "23,880.00"


@pytest.mark.parametrize(("at_s", "text"), [(None, "–"), (52.04, "52.0 s")])
def test_instants(at_s: float | None, text: str) -> None:
    """Seconds since the start."""
    assert text == words.instant(at_s)


@pytest.mark.parametrize(
    ("shape", "text"),
    [({"rate": 10.0}, "30"), ({"start": 1.0, "end": 5.0}, "3 to 15"), ({}, "0 to 0")],
)
def test_multiples_of_normal_volume(shape: dict[str, float], text: str) -> None:
    """A constant is one number, a ramp two."""
    phase = Phase(name="x", kind=PhaseKind.BURST, duration_s=1.0).model_copy(update=shape)

    assert text == words.multiple(phase, 3.0)


def test_every_verdict_and_status_has_words() -> None:
    """None is shown by colour alone."""
    assert set(Verdict) == set(words.VERDICTS)
    assert set(Status) == set(words.STATUSES)
