"""Watches over one conductor, from a process of its own: `python -m rehearsal.pipeline.supervisor`.

It reads a pipe. A byte each half second says that the conductor is well; `QUIT` says that it has ended in
good order; the pipe's end says that it is dead; and five seconds of silence say that it hangs or was stopped
by somebody: then it is ended. Everything the run's lease names is healed and ended, and its folder completed.
It must be there in a blink, so what healing needs is loaded once the watch has begun.
"""

import contextlib
import importlib
import os
import select
import signal
import sys
import time
from pathlib import Path

BEAT, QUIT, WATCHING = b".", b"q", b"watching\n"
#: So long a conductor may be silent. It beats ten times in this; a machine may stand still for a while.
SILENCE_S = 5.0
_AT_ONCE = 65536
_NEEDED = ("chaos.heal", "chaos.lease_file", "rehearsal.process")


def watch(pipe: int, silence_s: float = SILENCE_S) -> str:
    """Return once the conductor is gone or silent: why, "" if it said that all is over."""
    while True:
        readable, _, _ = select.select([pipe], [], [], silence_s)
        if not readable:
            return f"its conductor was silent for {silence_s:g} s and was ended"
        said = os.read(pipe, _AT_ONCE)
        if QUIT in said:
            return ""
        if not said:
            return "its conductor died"


def rescue(run: Path, state: Path, conductor: tuple[int, float], why: str) -> None:
    """End the conductor if it still lives, heal all that its lease names, complete the run's folder."""
    from chaos.heal import heal_run  # noqa: PLC0415 - loaded once the watch has begun
    from chaos.lease_file import Lease, path_of, read_lease  # noqa: PLC0415 - as above
    from rehearsal import process  # noqa: PLC0415 - as above
    from rehearsal.process import Child  # noqa: PLC0415 - as above

    begun_s = time.monotonic()
    child = Child(label="conductor", pid=conductor[0], created=conductor[1], argv=())
    # It alone: its descendants are ended in order, and this process is one of them.
    if found := process.find(child):
        found.kill()
        process.wait_until(lambda: process.find(child) is None, timeout_s=SILENCE_S)
    try:
        lease = read_lease(path_of(state, run.name))
    except (OSError, ValueError):
        # It died before its first process, or the lease was broken: the mark finds what there is.
        lease = Lease(run_id=run.name, run_dir=str(run), conductor=child)
    _say(f"{why}: healing")
    healed = heal_run(lease, state, lambda _: _complete(run, why, begun_s))
    _say(f"ended {', '.join(healed.processes) or 'no process'} and {len(healed.strays)} strays")
    _say(f"healed {', '.join(healed.listeners) or 'no listener'}")
    _say(f"undid {', '.join(healed.undone) or 'nothing'}")
    for problem in healed.problems:
        _tell(run, problem, well=False)


def _complete(run: Path, why: str, begun_s: float) -> None:
    from rehearsal.pipeline.complete import complete_quietly  # noqa: PLC0415 - the heaviest, and needed last

    words = f"healing took {time.monotonic() - begun_s:.1f} s"
    _tell(run, f"{why}; {words}")
    _say(complete_quietly(run, f"{why} ({words})"))


def _tell(run: Path, words: str, *, well: bool = True) -> None:
    from rehearsal.model.history import Outcome  # noqa: PLC0415 - needed last
    from rehearsal.model.protocol import ProtocolStep  # noqa: PLC0415 - as above
    from rehearsal.rundir.protocol_log import ProtocolLog  # noqa: PLC0415 - as above

    _say(words)
    with contextlib.suppress(OSError):
        ProtocolLog(run).tell(ProtocolStep.SUPERVISOR, words, outcome=Outcome.OK if well else Outcome.FAIL)


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201 - into the run's logs


def main(argv: list[str]) -> int:
    """Watch the conductor `argv` names (run folder, folder of leases, pid, time it was created)."""
    run, state, pid, created = Path(argv[0]), Path(argv[1]), int(argv[2]), float(argv[3])
    # A closed terminal or a Ctrl-C is the conductor's affair; whoever means this process sends SIGTERM.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.write(sys.stdout.fileno(), WATCHING)
    for module in _NEEDED:
        importlib.import_module(module)
    if why := watch(sys.stdin.fileno()):
        rescue(run, state, (pid, created), why)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
