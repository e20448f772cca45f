"""Undoes what a dead run left behind: listeners first, then processes, then the lease itself."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from chaos.lease_file import TOXIPROXY, Lease, Place, drop_lease, read_lease, write_lease
from chaos.strays import kill_marked
from chaos.toxiproxy import Toxiproxy
from chaos.undo import Undoing
from rehearsal import process
from rehearsal.model.checks import sentence
from rehearsal.model.errors import RehearsalError
from rehearsal.process import Child

#: A control API that has not answered for so long is wedged: its server is ended, and its toxics with it.
_API_S = 2.0
#: A run's own processes keep nothing that is still needed, so they get less time to end than elsewhere.
_GRACE_S = 2.0
#: A supervisor at work has healed and written by then; one that takes longer hangs.
_SUPERVISED_S = 30.0
#: What helps against a server of the harness's own that outlives runs and hangs.
_RESTART = " End `rehearse links up` with Ctrl-C and start it again: a new server is healed."


class Healed(msgspec.Struct, frozen=True, kw_only=True):
    """What healing one run did: listeners opened again, processes ended (by label), strays killed (pids).

    `undone` are the commands that were owed and have been carried out. `by_supervisor`: all of it had been
    done by the time it was looked at. `owes`: something of somebody's own shop is still to be mended.
    """

    run_id: str
    run_dir: str = ""
    by_supervisor: bool = False
    owes: bool = False
    undone: tuple[str, ...] = ()
    listeners: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    strays: tuple[int, ...] = ()
    problems: tuple[str, ...] = ()


class HealSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What healing all leases did, and, in sentences, what it refused and which files it set aside."""

    healed: tuple[Healed, ...] = ()
    refused: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()


def heal_leases(folder: Path, complete: Callable[[Path], object] = lambda _: None) -> HealSummary:
    """Heal every run whose lease lies in `folder`. Never raises for a broken file; idempotent.

    A lease that cannot be read is set aside; one whose healing breaks off stays, for it is owed still.
    `complete` is called with the folder of each run once it is healed, before its lease is removed.
    """
    healed: list[Healed] = []
    refused: list[str] = []
    set_aside: list[str] = []
    for path in sorted(folder.glob("*.json")):
        try:
            lease = read_lease(path)
        except FileNotFoundError:
            continue
        except (ValueError, OSError) as error:
            set_aside.append(_set_aside(path, error))
            continue
        try:
            healed.append(_healed(lease, path, complete))
        except RehearsalError as error:
            refused.append(str(error))
        except Exception as error:  # noqa: BLE001 - a full disk, nonsense in it: others must be healed too
            words = f"The healing broke off: {sentence(str(error))} Its lease is {path}."
            healed.append(Healed(run_id=lease.run_id, run_dir=lease.run_dir, owes=True, problems=(words,)))
    return HealSummary(healed=tuple(healed), refused=tuple(refused), set_aside=tuple(set_aside))


def heal_run(lease: Lease, folder: Path, complete: Callable[[Path], object] = lambda _: None) -> Healed:
    """Heal one run and remove its lease; RehearsalError if the process that holds it still lives.

    What of somebody's own shop could not be mended stays in the lease, and so is tried again the next time.
    """
    if process.find(lease.conductor):
        raise RehearsalError(
            f"Run {lease.run_id} is still going (process {lease.conductor.pid}). "
            f"Press Ctrl-C where it runs, or: kill -TERM {lease.conductor.pid}; it heals itself."
        )
    # A command that is still at breaking something must not outlive what undoes it.
    strays = kill_marked(lease.run_id, spared=[child.pid for child in lease.children])
    # Somebody's own shop first, and all at once: what was started by the run ends in any case.
    undoing = {undo.name: Undoing(undo) for undo in lease.undos if not undo.last}
    listeners, problems = _heal_own(lease)
    opened, foreign, closed = _heal_foreign(lease)
    living = [child for child in reversed(lease.children) if process.find(child)]
    process.stop(living, grace_s=_GRACE_S)
    strays += kill_marked(lease.run_id)
    undoing |= {undo.name: Undoing(undo) for undo in lease.undos if undo.last}
    failures = {name: each.wait() for name, each in undoing.items()}
    # What cleans up may bear the run's mark.
    strays += kill_marked(lease.run_id)
    complete(Path(lease.run_dir))
    owed = tuple(undo for undo in lease.undos if failures[undo.name])
    rest = msgspec.structs.replace(lease, children=(), supervisor=None, undos=owed, foreign=foreign)
    if rest.owes:
        write_lease(folder, rest)
    else:
        drop_lease(folder, lease.run_id)
    return Healed(
        run_id=lease.run_id,
        run_dir=lease.run_dir,
        owes=rest.owes,
        undone=tuple(name for name, failure in failures.items() if not failure),
        listeners=(*listeners, *opened),
        processes=tuple(child.label for child in living),
        strays=strays,
        problems=(*problems, *closed, *filter(None, failures.values())),
    )


def _healed(lease: Lease, path: Path, complete: Callable[[Path], object]) -> Healed:
    supervisor = lease.supervisor
    if supervisor and supervisor.pid != os.getpid() and not process.find(lease.conductor):
        # It is at the same work: two at once would only be in each other's way.
        commands_s = 2 * max((undo.timeout_s for undo in lease.undos), default=0.0)
        process.wait_until(lambda: not process.find(supervisor), timeout_s=_SUPERVISED_S + commands_s)
        process.kill(supervisor)
        if not path.exists():
            return Healed(run_id=lease.run_id, run_dir=lease.run_dir, by_supervisor=True)
    return heal_run(lease, path.parent, complete)


def _heal_foreign(lease: Lease) -> tuple[list[str], dict[str, dict[str, Place]], list[str]]:
    """Heal listeners of others' servers; return which were healed, which are still owed, and why."""
    opened: list[str] = []
    owed: dict[str, dict[str, Place]] = {}
    problems: list[str] = []
    for url, touched in lease.foreign.items():
        if url in lease.servers and not process.find(lease.servers[url]):
            continue
        toxiproxy = Toxiproxy(url, timeout_s=_API_S)
        for name, place in touched.items():
            try:
                toxiproxy.heal(name, place)
                opened.append(name)
            except RehearsalError as error:
                owed.setdefault(url, {})[name] = place
                mend = _RESTART if url in lease.servers else ""
                problems.append(f"{name} could not be healed: {error}{mend}")
    return opened, owed, problems


def _heal_own(lease: Lease) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if not (lease.toxiproxy_url and _lives(TOXIPROXY, lease.children)):
        return (), ()
    try:
        return Toxiproxy(lease.toxiproxy_url, timeout_s=_API_S).heal_all(), ()
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
    return (
        f"{path} is no readable lease ({error}); it is now {aside.name}. What its run left is not known: end "
        f"what has {process.MARK}={path.stem} in its environment, and look at what it may have broken."
    )
