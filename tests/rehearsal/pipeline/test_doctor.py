import os
import sys
import tempfile
from pathlib import Path

import pytest

from chaos import toxiproxy_binary
from chaos.toxiproxy_binary import Found
from rehearsal.pipeline.doctor import Check, examine, mend


@pytest.fixture
def env(homes: Path) -> dict[str, str]:
    """Return an environment with an empty home and nothing on PATH."""
    return {"HOME": str(homes), "PATH": ""}


def named(checks: tuple[Check, ...], name: str) -> Check:
    """Return the check of a name."""
    return next(check for check in checks if check.name == name)


def test_a_missing_toxiproxy_comes_with_its_mend(env: dict[str, str]) -> None:
    """On a bare machine it is the one thing missing."""
    found = named(examine(env), "Toxiproxy")

    assert not found.ok
    assert "rehearse doctor --mend" in found.sentence


def test_a_wrong_explicit_toxiproxy_is_an_error(env: dict[str, str]) -> None:
    """A named server that is not there is not passed over."""
    found = named(examine({**env, "TOXIPROXY_SERVER": "/nowhere"}), "Toxiproxy")

    assert not found.ok
    assert "/nowhere" in found.sentence


def test_a_found_toxiproxy_says_where_and_how(env: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Path, how it was found, version."""
    server = Found(path=Path("/opt/tp"), how="on PATH", version="2.12.0")
    monkeypatch.setattr(toxiproxy_binary, "locate", lambda _env: server)

    assert named(examine(env), "Toxiproxy").sentence == "/opt/tp, on PATH (version 2.12.0)."


def test_old_pythons_and_small_machines_are_said(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One core is too few for load and shop together."""
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    checks = examine(env)

    assert (named(checks, "Python").ok, named(checks, "Machine").ok) == (False, False)


def test_a_folder_that_cannot_be_written_is_named(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys and leases need a place."""

    def refused(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    found = named(examine(env), "Folders")

    assert (found.ok, "Permission denied" in found.sentence) == (False, True)


def test_leases_are_listed(env: dict[str, str], homes: Path) -> None:
    """Whoever holds a lease is named, with the way to clean up."""
    assert named(examine(env), "Leases").sentence == "no run has left anything behind."
    leases = homes / ".local/state/rehearsal/leases"
    leases.mkdir(parents=True)
    (leases / "r1.json").write_text("{}")

    assert "held by r1" in named(examine(env), "Leases").sentence


def test_mending_builds_what_is_missing_and_only_that(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built once, into the user's cache; found, nothing is done."""
    said: list[str] = []
    monkeypatch.setattr(toxiproxy_binary, "build", lambda cache, _say: cache / "server")
    mend(env, said.append)
    monkeypatch.setattr(toxiproxy_binary, "locate", lambda _env: Found(path=Path("x"), how="y", version="z"))
    mend(env, said.append)

    assert said == [f"Toxiproxy 2.12.0 is at {env['HOME']}/.cache/rehearsal/server."]
