"""Undoes what a dead run left behind: listeners first, then processes, then the lease itself."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from chaos.lease_file import TOXIPROXY, Lease, path_of, read_lease
from chaos.strays import kill_marked
from chaos.toxiproxy import Toxiproxy
from rehearsal import process
from rehearsal.model.errors import RehearsalError
from rehearsal.process import Child


class Healed(msgspec.Struct, frozen=True, kw_only=True):
    """What healing one run did: listeners opened again, processes ended (by label), strays killed (pids)."""

    run_id: str
    listeners: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    strays: tuple[int, ...] = ()
    problems: tuple[str, ...] = ()


class HealSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What healing all leases did, and, in sentences, what it refused and which files it set aside."""

    healed: tuple[Healed, ...] = ()
    refused: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()


def heal_leases(folder: Path) -> HealSummary:
    """Heal every run whose lease lies in `folder`. Never raises for a broken file; idempotent."""
    healed: list[Healed] = []
    refused: list[str] = []
    set_aside: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            healed.append(heal_run(read_lease(path), folder))
        except FileNotFoundError:
            continue
        except RehearsalError as error:
            refused.append(str(error))
        except (ValueError, OSError) as error:
            set_aside.append(_set_aside(path, error))
    return HealSummary(healed=tuple(healed), refused=tuple(refused), set_aside=tuple(set_aside))


def heal_run(lease: Lease, folder: Path) -> Healed:
    """Heal one run and remove its lease; RehearsalError if the process that holds it still lives."""
    if process.find(lease.conductor):
        raise RehearsalError(
            f"Run {lease.run_id} is still going (process {lease.conductor.pid}). "
            f"Press Ctrl-C where it runs, or: kill -TERM {lease.conductor.pid}; it heals itself."
        )
    listeners, problems = _heal_listeners(lease)
    living = [child for child in reversed(lease.children) if process.find(child)]
    process.stop(living)
    strays = kill_marked(lease.run_id)
    path_of(folder, lease.run_id).unlink(missing_ok=True)
    return Healed(
        run_id=lease.run_id,
        listeners=listeners,
        processes=tuple(child.label for child in living),
        strays=strays,
        problems=problems,
    )


def _heal_listeners(lease: Lease) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not (lease.toxiproxy_url and _lives(TOXIPROXY, lease.children)):
        return (), ()
    try:
        return Toxiproxy(lease.toxiproxy_url).heal_all(), ()
    except RehearsalError as error:
        return (), (f"{error} It was ended together with its listeners.",)


def _lives(label: str, children: Iterable[Child]) -> bool:
    return any(child.label == label and process.find(child) for child in children)


def _set_aside(path: Path, error: Exception) -> str:
    aside = path.with_suffix(".broken")
    try:
        path.replace(aside)
    except OSError as refusal:
        return f"{path} is no readable lease ({error}) and cannot be set aside ({refusal})."
    return f"{path} is no readable lease ({error}); it is now {aside.name}."
