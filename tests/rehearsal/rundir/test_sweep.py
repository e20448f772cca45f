import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.needles import Needles
from rehearsal.rundir import folder, sweep
from rehearsal.rundir.sweep import Swept

SECRET = "geheimnis"
NUMBER = "123456789012"
NEEDLES = Needles([SECRET.encode(), NUMBER.encode()])


def test_what_is_found_is_masked_and_named(tmp_path: Path) -> None:
    """In a log and in JSON, however deep the file lies; other files stay to the byte."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text(f"with {SECRET}\nand {SECRET}, at the end {SECRET}")
    (tmp_path / "final.json").write_text(json.dumps({"note": f"x{SECRET}"}))
    (tmp_path / "clean.txt").write_bytes(b"nothing\r\nhere\xff")
    swept = sweep.sweep(tmp_path, NEEDLES)

    assert swept == Swept(files=3, masked={"final.json": 1, "logs/a.log": 3})
    assert (tmp_path / "logs" / "a.log").read_text() == "with ***\nand ***, at the end ***"
    assert json.loads((tmp_path / "final.json").read_text()) == {"note": "x***"}
    assert (tmp_path / "clean.txt").read_bytes() == b"nothing\r\nhere\xff"
    assert sweep.sweep(tmp_path, NEEDLES) == Swept(files=3)


def test_a_number_in_json_is_no_secret(tmp_path: Path) -> None:
    """An instant that happens to be one stays, and the line stays JSON; in a string it is masked."""
    line = {"at_ns": int(NUMBER), "note": f'he said "{NUMBER}"'}
    (tmp_path / "history.load.0.ndjson").write_text(f"{json.dumps(line)}\n" * 2)
    swept = sweep.sweep(tmp_path, NEEDLES)
    lines = (tmp_path / "history.load.0.ndjson").read_text().splitlines()

    assert swept.masked == {"history.load.0.ndjson": 2}
    assert [json.loads(line) for line in lines] == [{"at_ns": int(NUMBER), "note": 'he said "***"'}] * 2


@given(
    before=st.text(st.sampled_from('"\\x')),
    after=st.text(st.sampled_from('"\\x')),
    key=st.sampled_from("a\\"),
)
def test_masked_json_is_json(before: str, after: str, key: str) -> None:
    """Whatever quotes and backslashes stand around the secret."""
    text = json.dumps({key: f"{before}{SECRET}{after}", "number": int(NUMBER)}).encode()
    spans = sweep.spans_in(text, NEEDLES, is_json=True)

    assert json.loads(sweep.masked(text, spans)) == {key: f"{before}***{after}", "number": int(NUMBER)}


def test_what_is_no_text_is_left_and_named(tmp_path: Path) -> None:
    """A database cannot be masked; it is said that it holds a secret, and it is not touched."""
    content = b"SQLite\0" + SECRET.encode()
    (tmp_path / "shop.sqlite").write_bytes(content)
    swept = sweep.sweep(tmp_path, NEEDLES)

    assert swept == Swept(files=1, left={"shop.sqlite": 1})
    assert (tmp_path / "shop.sqlite").read_bytes() == content


def test_tables_made_of_the_others_are_not_searched(tmp_path: Path) -> None:
    """They are written anew from what was searched; links lead out of the folder."""
    (tmp_path / folder.HISTORY).write_bytes(SECRET.encode())
    (tmp_path / "latest").symlink_to(tmp_path / folder.HISTORY)

    assert sweep.sweep(tmp_path, NEEDLES) == Swept()


def test_a_file_longer_than_a_block_is_searched_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks end with lines, so that no secret is cut in two; a line longer than a block is one."""
    monkeypatch.setattr(sweep, "BLOCK", 16)
    (tmp_path / "a.log").write_text(f"{'x' * 12}{SECRET}{'y' * 40}\n{SECRET}\n\n{SECRET}")
    swept = sweep.sweep(tmp_path, NEEDLES)

    assert swept.masked == {"a.log": 3}
    assert (tmp_path / "a.log").read_text() == f"{'x' * 12}***{'y' * 40}\n***\n\n***"


def test_the_mode_of_a_masked_file_stays(tmp_path: Path) -> None:
    """What only its owner may read is not opened to others."""
    path = tmp_path / "a.log"
    path.write_text(SECRET)
    path.chmod(0o600)
    sweep.sweep(tmp_path, NEEDLES)

    assert oct(path.stat().st_mode & 0o777) == oct(0o600)
