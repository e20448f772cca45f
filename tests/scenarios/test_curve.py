from pathlib import Path

import pytest

from scenarios import curve


def test_the_world_cup_curve_climbs_as_measured() -> None:
    """From 43,503 to 229,426 requests a minute over 162 minutes: 5.27 times."""
    counts = curve.read("worldcup98_1998-07-07.csv")

    assert (len(counts), counts[0], counts[-1]) == (162, 43503.0, 229426.0)
    assert curve.names() == ("worldcup98_1998-07-07.csv",)


@pytest.mark.parametrize("rows", ["", "0,5\n", "0,5\n1,7\n2,5\n"])
def test_a_curve_that_cannot_shape_a_phase_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str
) -> None:
    """Too few counts, or equal ends: nothing to stretch."""
    (tmp_path / "c.csv").write_text(f"minute,count\n{rows}")
    monkeypatch.setattr(curve, "FOLDER", tmp_path)

    with pytest.raises(ValueError, match=r"the curve c\.csv needs"):
        curve.read("c.csv")
