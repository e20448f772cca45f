"""What a run has started and may break, as a file: `rehearse heal` finds it after any death.

The lease exists before the first process starts and is rewritten after every start. A process started in
between is found all the same, because it carries the run's mark in its environment (rehearsal.process).
"""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import psutil

from rehearsal.process import Child, created_s
from rehearsal.rundir.folder import write_bytes

SCHEMA = 1
#: The label under which a run starts its Toxiproxy: only a server of that label is ever healed.
TOXIPROXY = "toxiproxy"
_PRIVATE = 0o600


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """A shell command that undoes what a run did to somebody's own shop; it is safe to repeat.

    `last`: it is carried out once all of the run's processes have ended, for it cleans up after them.
    """

    name: str
    command: str
    timeout_s: float
    last: bool = False


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a listener of somebody's own Toxiproxy listens, and to what it leads: it may have to be made."""

    listen: str
    upstream: str


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """One run's lease. `conductor` is the process that holds it; `toxiproxy_url` is "" before it starts.

    `supervisor` heals should the conductor die. `undos` are owed as long as they stand here; so is the
    healing of `foreign`, the listeners by name that the run has touched of a Toxiproxy not its own, by that
    server's address. `servers` are the processes of those that the harness keeps for a plan's links: of one
    that is gone the listeners are gone with it, and nothing is owed.
    """

    schema: int = SCHEMA
    run_id: str
    run_dir: str
    conductor: Child
    children: tuple[Child, ...] = ()
    toxiproxy_url: str = ""
    supervisor: Child | None = None
    undos: tuple[Undo, ...] = ()
    foreign: dict[str, dict[str, Place]] = {}
    servers: dict[str, Child] = {}

    @property
    def owes(self) -> bool:
        """Tell whether something of somebody's own shop is still to be mended."""
        return bool(self.undos or self.foreign)


def state_dir(env: Mapping[str, str]) -> Path:
    """Return the folder of leases ($XDG_STATE_HOME, else ~/.local/state)."""
    base = env.get("XDG_STATE_HOME") or Path(env.get("HOME") or Path.home()) / ".local" / "state"
    return Path(base) / "rehearsal" / "leases"


def path_of(folder: Path, run_id: str) -> Path:
    """Return the file of one run's lease."""
    return folder / f"{run_id}.json"


def write_lease(folder: Path, lease: Lease) -> None:
    """Write a lease, whole or not at all, readable by its owner only."""
    encoded = msgspec.json.format(msgspec.json.encode(lease), indent=2)
    write_bytes(path_of(folder, lease.run_id), encoded + b"\n", mode=_PRIVATE)


def read_lease(path: Path) -> Lease:
    """Read a lease; ValueError if it is no lease of this schema, FileNotFoundError if it is gone."""
    lease = msgspec.json.decode(path.read_bytes(), type=Lease)
    if lease.schema != SCHEMA:
        raise ValueError(f"it is of schema {lease.schema}, this version knows {SCHEMA}")
    return lease


def drop_lease(folder: Path, run_id: str) -> None:
    """Remove a run's lease, and what a killed writer left of it."""
    path_of(folder, run_id).unlink(missing_ok=True)
    for draft in folder.glob(f".{run_id}.json.*"):
        draft.unlink(missing_ok=True)


def this_process(label: str = "conductor") -> Child:
    """Return the calling process as a Child."""
    me = psutil.Process(os.getpid())
    return Child(label=label, pid=me.pid, created=created_s(me), argv=tuple(me.cmdline()))
