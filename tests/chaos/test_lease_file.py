from pathlib import Path

import pytest

from chaos import lease as face
from chaos.lease_file import Lease, path_of, read_lease, state_dir, this_process, write_lease
from rehearsal.process import Child, find

LEASE = Lease(
    run_id="r1",
    run_dir="/runs/r1",
    conductor=Child(label="conductor", pid=1, created=2.5, argv=("rehearse", "drill")),
    children=(Child(label="toxiproxy", pid=3, created=4.5, argv=("server",)),),
    toxiproxy_url="http://127.0.0.1:8474",
)


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        pytest.param({"XDG_STATE_HOME": "/s", "HOME": "/h"}, "/s/rehearsal/leases", id="XDG names it"),
        pytest.param({"HOME": "/h"}, "/h/.local/state/rehearsal/leases", id="the home's default"),
        pytest.param(
            {"XDG_STATE_HOME": "", "HOME": "/h"}, "/h/.local/state/rehearsal/leases", id="empty is unset"
        ),
    ],
)
def test_state_dir(env: dict[str, str], expected: str) -> None:
    """Leases lie where the XDG base directory specification puts state."""
    assert state_dir(env) == Path(expected)


def test_state_dir_without_home() -> None:
    """Without HOME the user database knows the home."""
    assert state_dir({}).parts[-2:] == ("rehearsal", "leases")


def test_round_trip(tmp_path: Path) -> None:
    """What is written is read, and nobody else may read it."""
    write_lease(tmp_path / "leases", LEASE)
    path = path_of(tmp_path / "leases", "r1")

    assert read_lease(path) == LEASE
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        pytest.param(b"", "truncated", id="empty"),
        pytest.param(b"{}", "run_id", id="no lease"),
        pytest.param(b'{"schema":2,"run_id":"r","run_dir":"","conductor":{}}', "label", id="half a lease"),
    ],
)
def test_broken(tmp_path: Path, content: bytes, complaint: str) -> None:
    """A broken file says what is wrong with it."""
    path = tmp_path / "r1.json"
    path.write_bytes(content)

    with pytest.raises(ValueError, match=complaint):
        read_lease(path)


def test_other_schema(tmp_path: Path) -> None:
    """A lease of another version is not guessed at."""
    write_lease(tmp_path, Lease(schema=9, run_id="r1", run_dir="", conductor=LEASE.conductor))

    with pytest.raises(ValueError, match="schema 9"):
        read_lease(path_of(tmp_path, "r1"))


def test_this_process() -> None:
    """The conductor's own entry names a living process."""
    assert find(this_process()) is not None


def test_face_is_sorted_and_whole() -> None:
    """The face offers what it names."""
    assert all(hasattr(face, name) for name in face.__all__)
