"""What a drill needs of a machine, looked at one by one; and the mending of what can be mended."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import psutil

from chaos import toxiproxy_binary
from chaos.lease import state_dir
from rehearsal.model.errors import PrerequisiteMissing
from reports.keys import key_path

_GIB = 1024**3
_MEMORY_GIB, _DISK_GIB, _CPUS = 1.5, 0.5, 2
_PYTHON = (3, 11)


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing looked at. `sentence` says what was found, and the mend if it is missing."""

    name: str
    ok: bool
    sentence: str


def examine(env: Mapping[str, str]) -> tuple[Check, ...]:
    """Look at everything a drill needs."""
    return (_python(), _toxiproxy(env), _folders(env), _machine(), _leases(env))


def mend(env: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Build Toxiproxy if there is none; PrerequisiteMissing says what hinders it."""
    if toxiproxy_binary.locate(env) is None:
        path = toxiproxy_binary.build(toxiproxy_binary.cache_dir(env), say)
        say(f"Toxiproxy {toxiproxy_binary.VERSION} is at {path}.")


def _python() -> Check:
    found = ".".join(str(part) for part in sys.version_info[:3])
    return Check(name="Python", ok=sys.version_info >= _PYTHON, sentence=f"{found}; 3.11 or newer is needed.")


def _toxiproxy(env: Mapping[str, str]) -> Check:
    try:
        found = toxiproxy_binary.locate(env)
    except PrerequisiteMissing as error:
        return Check(name="Toxiproxy", ok=False, sentence=str(error))
    if found is None:
        return Check(name="Toxiproxy", ok=False, sentence=f"not found. {toxiproxy_binary.MEND}")
    return Check(name="Toxiproxy", ok=True, sentence=f"{found.path}, {found.how} (version {found.version}).")


def _folders(env: Mapping[str, str]) -> Check:
    for path in (state_dir(env), key_path(env).parent, Path.cwd()):
        try:
            _try_to_write(path)
        except OSError as error:
            return Check(name="Folders", ok=False, sentence=f"{path} cannot be written: {error.strerror}.")
    free_gib = shutil.disk_usage(Path.cwd()).free / _GIB
    sentence = f"writable; {free_gib:.1f} GiB free, a run takes less than {_DISK_GIB:g}."
    return Check(name="Folders", ok=free_gib >= _DISK_GIB, sentence=sentence)


def _try_to_write(path: Path) -> None:
    nearest = next(parent for parent in (path, *path.parents) if parent.exists())
    with tempfile.TemporaryFile(dir=nearest):
        pass


def _machine() -> Check:
    cpus, free_gib = os.cpu_count() or 1, psutil.virtual_memory().available / _GIB
    enough = cpus >= _CPUS and free_gib >= _MEMORY_GIB
    sentence = f"{cpus} cores, {free_gib:.1f} GiB free; a drill takes {_CPUS} and {_MEMORY_GIB:g}."
    return Check(name="Machine", ok=enough, sentence=sentence)


def _leases(env: Mapping[str, str]) -> Check:
    left = sorted(path.stem for path in state_dir(env).glob("*.json"))
    if not left:
        return Check(name="Leases", ok=True, sentence="no run has left anything behind.")
    names = ", ".join(left)
    return Check(name="Leases", ok=True, sentence=f"held by {names}. If that has died, run: rehearse heal")
