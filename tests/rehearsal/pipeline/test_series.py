from math import inf, nan

import pytest

from rehearsal.pipeline.series import NotText, families_of, growth, selector_of, values_of

TEXT = """\
# HELP shop_busy_seconds_total How long servers were busy.
# TYPE shop_busy_seconds_total counter
shop_busy_seconds_total{region="a",zone="1"} 3.5
shop_busy_seconds_total{region="b",zone="1"} 1.5
# TYPE requests counter
requests 7
# TYPE waiting gauge
waiting 4 1762000000000
broken NaN
endless +Inf
hits_total{path="a \\"b\\" \\\\ c"} 2
"""


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ("shop_busy_seconds_total", 5.0),  # of several that match, the sum
        ('shop_busy_seconds_total{region="a"}', 3.5),
        ('shop_busy_seconds_total{zone="1",region="b"}', 1.5),
        ('shop_busy_seconds_total{region="c"}', None),
        ("shop_busy_seconds", 5.0),  # a counter's name without _total, as OpenMetrics has it
        ("shop_busy", None),  # not the beginning of a name
        ("requests", 7.0),  # a counter without _total, which the reader of the format calls otherwise
        ("waiting", 4.0),  # with the time of its reading, and of no matter here
        ("waiting{}", 4.0),
        ("broken", nan),  # a value of the format, if no reading: who sums decides
        ("endless", inf),
        ('hits_total{path="a \\"b\\" \\\\ c"}', 2.0),  # with what the format escapes
        ("absent", None),
    ],
)
def test_a_series_is_found_by_name_and_labels(series: str, expected: float | None) -> None:
    """As a plan names it."""
    values = values_of(selector_of(series), families_of(TEXT))

    assert (sum(values.values()) if values else None) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("series", ["", "1x", "x-y", 'x{a=~"b"}', 'x{a="b"', "# x", "x y", "x\ny"])
def test_what_names_no_series_is_a_mistake(series: str) -> None:
    """Neither is a pattern, nor half a label, nor two lines."""
    with pytest.raises(ValueError, match=r".*"):
        selector_of(series)


@pytest.mark.parametrize("text", ["<html>no</html>", "x{", "x 1\nx oops\n", '{"a": 1}'])
def test_what_is_not_the_format_is_told(text: str) -> None:
    """A page for people, half a line, a word in place of a number."""
    with pytest.raises(NotText, match=r"^what they say is not Prometheus' text format \(.+\)$"):
        families_of(text)


def test_a_page_is_not_quoted_in_full() -> None:
    """It may be one line of megabytes."""
    with pytest.raises(NotText) as caught:
        families_of("<html>" + 10_000 * "x")

    assert str(caught.value).endswith("xxx…)")
    assert len(str(caught.value)) < 200


A, B = frozenset({("region", "a")}), frozenset({("region", "b")})


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({A: 1.0}, {A: 4.0}, 3.0),
        ({A: 1.0, B: 10.0}, {A: 2.0, B: 12.0}, 3.0),  # of several the sum
        ({A: 9.0}, {A: 2.0}, 2.0),  # started anew: it has grown since
        ({A: 1.0, B: 500.0}, {A: 2.0}, 1.0),  # one that is gone counts for nothing
        ({A: 1.0}, {A: 2.0, B: 500.0}, 1.0),  # nor does one that has come back
        ({A: 1.0}, {B: 2.0}, None),
        ({}, {A: 2.0}, None),
    ],
)
def test_growth_is_of_each_series(
    before: dict[frozenset[tuple[str, str]], float],
    now: dict[frozenset[tuple[str, str]], float],
    expected: float | None,
) -> None:
    """A region that dies and comes back is no leap of the shop's."""
    assert growth(before, now) == expected
