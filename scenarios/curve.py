"""Measured traffic curves, a CSV of minute and count each, kept in scenarios/curves/."""

import csv
from pathlib import Path

FOLDER = Path(__file__).parent / "curves"
_SHORTEST = 2


def names() -> tuple[str, ...]:
    """Return the file names of all curves that a plan may name."""
    return tuple(sorted(path.name for path in FOLDER.glob("*.csv")))


def read(name: str) -> tuple[float, ...]:
    """Return a curve's counts, in order. ValueError if it cannot shape a phase."""
    with (FOLDER / name).open(newline="", encoding="ascii") as file:
        counts = tuple(float(row["count"]) for row in csv.DictReader(file))
    if len(counts) < _SHORTEST or counts[0] == counts[-1]:
        raise ValueError(f"the curve {name} needs two counts or more, its last different from its first")
    return counts
