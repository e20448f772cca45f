import json
from base64 import b64encode
from pathlib import Path

import polars as pl
import pytest

from rehearsal.pipeline.selftest.search import files_with
from rehearsal.rundir import folder

STEM = "Kx9vQh-Tz7Lm"


@pytest.mark.parametrize("before", ["", "u", "us", "use"])
def test_a_text_is_found_in_base64(tmp_path: Path, before: str) -> None:
    """Wherever in the encoded it begins."""
    (tmp_path / "a.log").write_text(b64encode(f"{before}{STEM}:x".encode()).decode())

    assert files_with(STEM, tmp_path) == (1, (str(tmp_path / "a.log"),))


def test_a_text_is_found_in_a_table(tmp_path: Path) -> None:
    """Whose file is compressed, so that its bytes do not show it; numbers and nothing are no texts."""
    rows = {"a": [1, 2], "note": ["fine", f"not {STEM}"], "none": [None, "x"]}
    pl.DataFrame(rows).write_parquet(tmp_path / "history.parquet", compression="zstd")
    pl.DataFrame({"note": ["fine", None]}).write_parquet(tmp_path / "other.parquet")

    assert files_with(STEM, tmp_path) == (2, (str(tmp_path / "history.parquet"),))


def test_a_text_is_found_in_what_is_signed(tmp_path: Path) -> None:
    """A payload of evidence is base64 of more than the text; it is decoded besides."""
    payload = b64encode(f"{{{STEM}}}".encode()).decode()
    (tmp_path / folder.EVIDENCE).write_text(json.dumps({"payload": payload}))

    assert files_with(STEM, tmp_path)[1] == (str(tmp_path / folder.EVIDENCE),)


def test_clean_files_are_counted(tmp_path: Path) -> None:
    """Named ones too; an empty file holds nothing, and links are not followed."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text("Kx9vQh Tz7Lm")
    (tmp_path / "empty").touch()
    (tmp_path / folder.EVIDENCE).write_text(json.dumps({"payload": b64encode(b"fine").decode()}))
    (tmp_path / "logs" / "link").symlink_to(tmp_path / "empty")

    assert files_with(STEM, tmp_path / "logs", tmp_path / "empty", tmp_path / folder.EVIDENCE) == (3, ())
