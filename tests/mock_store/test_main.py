import runpy
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mock_store import __main__
from mock_store.config import Config
from mock_store.defects import Defect
from tests.mock_store.lab import provider_config, region_config
from tests.mock_store.test_config import DIRECTOR


async def served(app: object, host: str, port: int) -> None:
    """Stand in for the server: return at once."""
    assert callable(app)
    assert (host, port > 0) == ("127.0.0.1", True)


def configured(path: Path, role: str) -> Path:
    """Write a configuration of a role."""
    content: dict[str, Config | dict[str, Any]] = {
        "region": region_config(path),
        "provider": provider_config(path),
        "director": DIRECTOR,
    }
    file = path / f"{role}.json"
    file.write_bytes(msgspec.json.encode(content[role]))
    return file


@pytest.mark.parametrize("role", ["region", "provider", "director"])
def test_each_role_starts_and_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    """A good configuration is served, and the end of the server is a success."""
    monkeypatch.setattr(__main__, "serve", served)
    monkeypatch.setattr(__main__, "check_free", lambda _host, _port: None)

    assert __main__.main([role, str(configured(tmp_path, role))]) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "usage: python -m mock_store region|provider|director|worker CONFIG.json"),
        (["shop", "x.json"], "usage: "),
        (["region", "/nowhere/x.json"], "/nowhere/x.json cannot be read"),
    ],
    ids=["nothing said", "no such role", "no such file"],
)
def test_bad_usage_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    """Exit code 2 and one line on stderr."""
    assert __main__.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(said)
    assert error.count("\n") == 1


def test_an_unusable_database_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder where the database should be, or a file that is none: one sentence, exit code 2."""
    monkeypatch.setattr(__main__, "check_free", lambda _host, _port: None)
    file = configured(tmp_path, "region")
    (tmp_path / "shop.sqlite").write_bytes(b"this is no database" * 100)

    assert __main__.main(["region", str(file)]) == 2
    assert "the database cannot be used" in capsys.readouterr().err


def test_the_defects_can_be_listed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`python -m mock_store defects` prints every defect with a sentence on what it does."""
    monkeypatch.setattr(sys, "argv", ["mock_store", "defects"])
    monkeypatch.delitem(sys.modules, "mock_store.__main__")

    with pytest.raises(SystemExit) as end:
        runpy.run_module("mock_store", run_name="__main__")

    listed = msgspec.json.decode(capsys.readouterr().out, type=dict[str, str])
    assert end.value.code == 0
    assert set(Defect) == set(listed)
    assert all(sentence.endswith(".") for sentence in listed.values())
