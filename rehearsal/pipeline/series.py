"""Series of Prometheus' text format: named as a plan names them, found in what an endpoint says, summed."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

_TOTAL = "_total"
_QUOTED = 100

#: The series that match a selector, by their labels, each with its value now.
Values = dict[frozenset[tuple[str, str]], float]


class Selector(msgspec.Struct, frozen=True):
    """A series' name, and labels that it must have."""

    name: str
    labels: dict[str, str]


class NotText(Exception):
    """What an endpoint said is not Prometheus' text format; the message says why."""


def selector_of(series: str) -> Selector:
    """Return what `NAME` or `NAME{label="value"}` asks for; ValueError if it is neither."""
    # A series and a value are a line of the format, so the format's own reader reads it.
    families = text_string_to_metric_families(f"{series} 1\n")
    samples = [sample for family in families for sample in family.samples]
    if len(samples) != 1:
        raise ValueError(f"{series!r} names no series")
    return Selector(samples[0].name, dict(samples[0].labels))


def families_of(text: str) -> list[Metric]:
    """Return the families of an exposition; NotText if it is none."""
    try:
        return list(text_string_to_metric_families(text))
    except Exception as error:  # noqa: BLE001 - a stranger's text; the reader breaks in many ways
        # It quotes the line that it could not read, and a page may be one line of megabytes.
        why = str(error) or repr(error)
        why = why if len(why) <= _QUOTED else f"{why[:_QUOTED]}…"
        raise NotText(f"what they say is not Prometheus' text format ({why})") from None


def values_of(selector: Selector, families: Iterable[Metric]) -> Values:
    """Return every series that matches, whatever its value: NaN and infinity are values in this format."""
    wanted = selector.labels.items()
    return {
        frozenset(sample.labels.items()): sample.value
        for sample in _named(selector.name, families)
        if wanted <= sample.labels.items()
    }


def growth(before: Mapping[frozenset[tuple[str, str]], float], now: Values) -> float | None:
    """Return how much counters have grown, all together; None if none was there both times.

    One that has fallen was started anew, and has grown to what it is (as Prometheus' `rate` has it).
    """
    both = now.keys() & before.keys()
    if not both:
        return None
    return sum(now[each] - before[each] if now[each] >= before[each] else now[each] for each in both)


def _named(name: str, families: Iterable[Metric]) -> Iterator[Sample]:
    for family in families:
        # The reader gives counters their OpenMetrics name, whatever they are called in the text.
        names = {name, name + _TOTAL} if family.type == "counter" else {name}
        yield from (sample for sample in family.samples if sample.name in names)
