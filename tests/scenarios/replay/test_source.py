import gzip
import os
from pathlib import Path

import pytest

from rehearsal.model.errors import RehearsalError
from scenarios.replay import source


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"a\nb\n", [(["a", "b"], 1, False)], id="whole lines"),
        pytest.param(b"a\nb", [(["a"], 1, False), (["b"], 2, True)], id="a cut last line"),
        pytest.param(b"a\n\n", [(["a", ""], 1, False)], id="a blank line stays a line"),
        pytest.param(b"\xff\xfe\n", [(["\ufffd\ufffd"], 1, False)], id="bytes that are no UTF-8"),
        pytest.param(b"", [], id="nothing"),
    ],
)
def test_a_file_is_its_lines(
    tmp_path: Path, content: bytes, expected: list[tuple[list[str], int, bool]]
) -> None:
    """Lines keep their order and number; only a last line without its newline counts as cut."""
    path = tmp_path / "log"
    path.write_bytes(content)

    assert [(chunk.lines, chunk.first, chunk.is_cut) for chunk in source.chunks(path)] == expected


def test_small_chunks_lose_and_split_no_line(tmp_path: Path) -> None:
    """Whatever the chunks' size, the lines and their numbers are the same."""
    lines = [f"line {number} {'x' * (number % 7)}" for number in range(100)]
    path = tmp_path / "log"
    path.write_text("\n".join(lines) + "\n")

    for size in (1, 3, 10, 1000):
        found = list(source.chunks(path, size))
        assert [line for chunk in found for line in chunk.lines] == lines
        assert all(chunk.lines[0] == lines[chunk.first - 1] for chunk in found)


def test_gzip_is_read_as_what_is_in_it(tmp_path: Path) -> None:
    """The first bytes tell, not the name."""
    path = tmp_path / "access.log"
    path.write_bytes(gzip.compress(b"a\nb\n"))

    assert next(source.chunks(path)).lines == ["a", "b"]
    assert source.head(path) == "a\nb\n"


def test_what_is_no_readable_file_is_one_sentence(tmp_path: Path) -> None:
    """Missing, a folder, a device, a pipe, empty, a cut archive: each is told apart."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").touch()
    (tmp_path / "cut.gz").write_bytes(gzip.compress(os.urandom(2000))[:-500])
    cases = {
        tmp_path / "none": "There is no log",
        tmp_path: "is a folder",
        Path("/dev/zero"): "is a device or a pipe",
        tmp_path / "pipe": "is a device or a pipe",
        tmp_path / "empty": "is empty",
        tmp_path / "cut.gz": "cannot be read to its end",
    }

    for path, says in cases.items():
        with pytest.raises(RehearsalError, match=says):
            source.head(path)


def test_a_file_nobody_may_read_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions are the operating system's to refuse."""
    path = tmp_path / "log"
    path.write_text("a\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(RehearsalError, match=r"cannot be read: .*Permission denied"):
        source.head(path)


def test_a_line_without_end_is_no_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory stays bounded whatever the file holds."""
    path = tmp_path / "log"
    path.write_bytes(b"short\n" + b"x" * 100)
    monkeypatch.setattr(source, "LONGEST", 50)

    with pytest.raises(RehearsalError, match="is no log: line 1 or a later one is over 50 bytes"):
        list(source.chunks(path))


def test_a_file_read_whole_has_a_limit(tmp_path: Path) -> None:
    """What is decoded as a whole must fit."""
    path = tmp_path / "har"
    path.write_bytes(b"12345")

    assert source.whole(path, 5) == b"12345"
    with pytest.raises(RehearsalError, match="longer than 4 bytes"):
        source.whole(path, 4)
