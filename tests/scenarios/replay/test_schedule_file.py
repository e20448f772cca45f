from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from rehearsal.model.errors import RehearsalError
from scenarios.replay import schedule_file
from scenarios.replay.steps import Steps

ASKED = pl.DataFrame(
    {
        "method": ["GET", "POST", "GET"],
        "target": ["/", "/carts/7/items", "/p/1"],
        "label": ["GET /", "POST /carts/{cart}/items", "GET /p/{n}"],
        "send": ["/", "/carts/{buyer}/items", "/p/1"],
    }
)


def test_a_schedule_names_every_step(steps_of: Callable[..., Steps], tmp_path: Path) -> None:
    """Due from the first start on, one buyer a session, carts of their own; and a file keeps it."""
    steps = steps_of([(10, 0), (12.5, 1)], [(11, 2)])
    table = schedule_file.table_of(steps, ASKED, seed=7)
    schedule_file.write(table, tmp_path / "s.parquet")
    read = schedule_file.read(tmp_path / "s.parquet")

    assert tuple(read.columns) == schedule_file.COLUMNS
    assert read.select("session", "buyer", "due_ns", "step").rows() == [
        (0, "r7-0", 0, 0),
        (0, "r7-0", 2_500_000_000, 1),
        (1, "r7-1", 1_000_000_000, 0),
    ]
    assert read["path"].to_list() == ["/", "/carts/r7-0/items", "/p/1"]
    assert read["template"].to_list() == ["GET /", "POST /carts/{cart}/items", "GET /p/{n}"]
    assert read["think_s"].to_list() == [0, 2.5, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["s.parquet"]


def test_paths_without_a_buyer_are_sent_as_logged(steps_of: Callable[..., Steps]) -> None:
    """Nothing is put into them."""
    plain = ASKED.with_columns(pl.col("target").alias("send"))

    assert schedule_file.table_of(steps_of([(0, 1)]), plain[1:2], seed=1)["path"].to_list() == [
        "/carts/7/items"
    ]


@pytest.mark.parametrize("content", [None, b"", b"junk"])
def test_what_is_no_schedule_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    """Missing, empty or something else."""
    path = tmp_path / "s.parquet"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(RehearsalError, match="cannot be read"):
        schedule_file.read(path)
