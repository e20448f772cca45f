import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import SecretSource
from scenarios.secret_sources import Source, read_secrets, sources_of

UNREADABLE = [
    ("an unset variable", Source(name="key", env="KEY"), "the environment variable KEY, which is not set"),
    ("a missing file", Source(name="key", file="/nowhere/key"), "cannot be read: No such file"),
    ("a folder", Source(name="key", file="/"), "cannot be read: Is a directory"),
    ("the home of nobody", Source(name="key", file="~nobody-here/key"), "cannot be read"),
    ("a file that never ends", Source(name="key", file="/dev/zero"), "is longer than 65,536 letters"),
    ("five letters", Source(name="key", env="SHORT"), "The secret key in SHORT has 5 letters; with fewer"),
    ("a short number", Source(name="key", env="PIN"), "in PIN is a short number"),
]
ENV = {"SHORT": "abcde", "PIN": "12345678", "LONG": "geheim"}


@pytest.mark.parametrize(
    ("source", "words"), [row[1:] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE]
)
def test_a_secret_that_is_not_there_is_a_sentence(source: Source, words: str) -> None:
    """Which names the secret and where it should be, and no value."""
    with pytest.raises(RehearsalError, match=re.escape(words)) as refused:
        read_secrets((source,), ENV)

    assert not any(value in str(refused.value) for value in ENV.values())


def test_secrets_are_read_from_variables_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a file the last line break is cut, and only that; ~ is the reader's own home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "door").write_bytes(b" open sesame\n\r\n")
    sources = (Source(name="key", env="LONG"), Source(name="door", file="~/door"))

    assert dict(read_secrets(sources, ENV)) == {"key": "geheim", "door": " open sesame\n"}


def test_what_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    """A key in binary form has to be encoded by whoever gives it."""
    (tmp_path / "key").write_bytes(b"\xff\xfe\xfd\xfc\xfb\xfa\xf9")
    with pytest.raises(RehearsalError, match="cannot be read: 'utf-8' codec"):
        read_secrets((Source(name="key", file=str(tmp_path / "key")),), {})


def test_sources_can_be_read_from_any_folder(
    make_plan: Callable[..., Plan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path is made absolute where the drill is started; one from home on is each machine's own."""
    monkeypatch.chdir(tmp_path)
    secrets = {
        "a": SecretSource(file="keys/a"),
        "b": SecretSource(file="~/b"),
        "c": SecretSource(env="C"),
    }

    assert sources_of(make_plan().model_copy(update={"secrets": secrets})) == (
        Source(name="a", file=str(tmp_path / "keys" / "a")),
        Source(name="b", file="~/b"),
        Source(name="c", env="C"),
    )


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody may ever write to it, and of a drill's processes only one could read it."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(RehearsalError, match="cannot be read: it is a pipe"):
        read_secrets((Source(name="key", file=str(tmp_path / "pipe")),), {})
