"""Kills conductors, one in each step of the protocol, and looks at what is left of their runs."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from chaos.lease import state_dir
from chaos.lease_file import Lease, path_of, read_lease
from rehearsal import process
from rehearsal.model.errors import RehearsalError
from rehearsal.model.protocol import ProtocolLine, ProtocolStep
from rehearsal.pipeline import ports
from rehearsal.pipeline.judge import read_run
from rehearsal.pipeline.selftest.kill_cases import LIMIT_S, Kill, plan_of
from rehearsal.rundir import folder
from rehearsal.rundir.protocol_log import read_protocol
from rehearsal.rundir.record import VerdictRecord
from reports.verify import verify_run

_LOG = "drill.log"
_REACH_S, _LOOK_S, _WAIT_S = 90.0, 0.002, 30.0
#: Some steps take milliseconds; a kill that came too late for one is tried again.
_TRIES = 4


class Killed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one run. `died_in` is the last step that its protocol knows.

    `healed_s` is how long it took until nothing of the run lived, `complete_s` until its folder was complete;
    `left` names what was still there at `LIMIT_S`, `wrong` what the folder lacks. `signed`: all was done when
    the kill came, so the run stands as it is.
    """

    name: str
    died_in: str
    healed_s: float
    complete_s: float
    verdict: str = ""
    left: tuple[str, ...] = ()
    wrong: str = ""
    signed: bool = False

    @property
    def holds(self) -> bool:
        """Tell whether all was healed in time, and the run says INVALID, unless it was over before."""
        said = self.verdict == "INVALID" or self.signed
        return self.healed_s <= LIMIT_S and not self.left and not self.wrong and said


def killed(kill: Kill, room: Path) -> Killed:
    """Drill in `room`, which is emptied first, kill the conductor, and return what was left."""
    for _ in range(_TRIES):
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(parents=True)
        outcome = _once(kill, room)
        if outcome.died_in == kill.step and not outcome.signed:
            break
    return outcome


def _once(kill: Kill, room: Path) -> Killed:
    plan = room / "plan.toml"
    plan.write_text(plan_of(kill), encoding="utf-8")
    argv = [sys.executable, "-m", "rehearsal.cli", "drill", str(plan), "--out", str(room), "--quiet"]
    with (room / _LOG).open("wb") as log:
        drill = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        run = _reached(kill, room, drill)
        if kill.blinded:
            _blind(run)
        lease = _lease(run)
        begun_s = time.monotonic()
        drill.send_signal(kill.number)
        return _left(kill, run, lease, begun_s)
    finally:
        # If the supervisor did not end it, it must not go on for that.
        drill.kill()
        drill.wait()


def _reached(kill: Kill, room: Path, drill: subprocess.Popen[bytes]) -> Path:
    """Return the run's folder once its conductor is far enough; RehearsalError if it ends before."""
    latest = room / "latest"

    def far_enough() -> bool:
        return drill.poll() is not None or bool(_lines(latest, kill.step))

    process.wait_until(far_enough, timeout_s=_REACH_S, every_s=_LOOK_S)
    begun = _lines(latest, kill.step)
    if not begun:
        raise RehearsalError(f"The drill did not come to {kill.step}; {room / _LOG} may say why.")
    due_ns = begun[0].at_ns + round(kill.into_s * 1e9)
    process.wait_until(lambda: time.monotonic_ns() >= due_ns, timeout_s=_REACH_S, every_s=_LOOK_S)
    return latest.resolve()


def _lines(run: Path, step: ProtocolStep) -> list[ProtocolLine]:
    with suppress(msgspec.DecodeError):
        return [line for line in read_protocol(run) if line.step is step]
    return []


def _lease(run: Path) -> Lease | None:
    try:
        return read_lease(path_of(state_dir(os.environ), run.name))
    except (OSError, ValueError):
        return None


def _blind(run: Path) -> None:
    """Kill the supervisor, and wait until the run has another."""
    lease = _lease(run)
    if lease is None or lease.supervisor is None:
        raise RehearsalError(f"The run {run} has no supervisor.")
    before = lease.supervisor
    os.kill(before.pid, signal.SIGKILL)
    process.wait_until(
        lambda: (now := _lease(run)) is not None and now.supervisor != before, timeout_s=_WAIT_S
    )


def _left(kill: Kill, run: Path, lease: Lease | None, begun_s: float) -> Killed:
    steps = [line.step for line in read_protocol(run) if line.step is not ProtocolStep.SUPERVISOR]
    process.wait_until(lambda: not _living(run, lease), timeout_s=LIMIT_S + 1.0)
    healed_s = time.monotonic() - begun_s
    left = _living(run, lease)
    process.wait_until(lambda: _at_rest(run, lease), timeout_s=_WAIT_S)
    complete_s = time.monotonic() - begun_s
    if not _at_rest(run, lease):
        left = (*left, "its lease, or its supervisor")
    verdict, wrong, signed = _read(run)
    return Killed(
        name=kill.name,
        died_in=steps[-1] if steps else "",
        healed_s=round(healed_s, 2),
        complete_s=round(complete_s, 2),
        verdict=verdict,
        left=left,
        wrong=wrong,
        signed=signed,
    )


def _living(run: Path, lease: Lease | None) -> tuple[str, ...]:
    """Return what still lives of a run: its processes, whatever bears its mark, its Toxiproxy."""
    conductor = (lease.conductor, *lease.children) if lease else ()
    named = [child.label for child in conductor if process.find(child)]
    strays = [f"process {each.pid}" for each in process.marked(run.name)]
    return (*named, *strays, *_listening(lease))


def _listening(lease: Lease | None) -> tuple[str, ...]:
    if lease is None or not lease.toxiproxy_url:
        return ()
    with socket.socket() as probe:
        taken = probe.connect_ex((ports.HOST, ports.port_of(lease.toxiproxy_url))) == 0
    return (lease.toxiproxy_url,) if taken else ()


def _at_rest(run: Path, lease: Lease | None) -> bool:
    supervisor = lease.supervisor if lease else None
    return _lease(run) is None and not (supervisor and process.find(supervisor))


def _read(run: Path) -> tuple[str, str, bool]:
    """Return a run's verdict, what is wrong with its files, and whether it had been signed."""
    try:
        files = read_run(run)
        verdict = folder.read_json(run / folder.VERDICT, VerdictRecord).verdict
    except RehearsalError as error:
        return "", str(error), False
    drafts = [path.name for path in run.glob(".*")]
    if drafts:
        return verdict.value, f"drafts were left: {', '.join(drafts)}", False
    if files.record.stopped:
        return verdict.value, "", False
    if all(step.ok for step in verify_run(run)):
        return verdict.value, "", True
    return verdict.value, "run.json does not say that it was cut short", False
