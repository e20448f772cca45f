"""Shares are written one way: a number, a space, the sign; and no file of the product writes another."""

import re
from pathlib import Path

import pytest

from rehearsal.model.percent import percent

ROOT = Path(__file__).parents[3]
#: A format that writes `1.0%`.
OTHER_WAY = re.compile(r":[\d>]*\.\d%[}\"]")


@pytest.mark.parametrize(
    ("share", "digits", "written"),
    [
        pytest.param(0.137, 1, "13.7 %", id="a tenth"),
        pytest.param(0.5, 0, "50 %", id="whole"),
        pytest.param(1.0, 2, "100.00 %", id="all"),
        pytest.param(-0.05, 1, "-5.0 %", id="less than nothing"),
        pytest.param(0.0, 1, "0.0 %", id="nothing"),
    ],
)
def test_a_share_in_per_cent(share: float, digits: int, written: str) -> None:
    """With as many decimals as are asked for."""
    assert written == percent(share, digits)


def test_no_other_way_is_left() -> None:
    """The product's sources have no format of per cent but this one."""
    rooms = ("rehearsal", "reports", "capacity", "chaos", "scenarios")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]

    assert OTHER_WAY.search('f"{share:.1%}"')
    assert OTHER_WAY.search('"{:.0%}"')
    assert [path.name for path in files if OTHER_WAY.search(path.read_text())] == []
