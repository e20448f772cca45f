"""One drill of a case as a process of its own, and what it left behind."""

import contextlib
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from rehearsal.model.errors import RehearsalError
from rehearsal.model.verdict import EXIT_CODES, WORST_FIRST, Finding, Status
from rehearsal.pipeline.selftest.case import Case, Seen
from rehearsal.rundir import folder
from rehearsal.rundir.record import VerdictRecord

_LOG, _PLAN = "drill.log", "plan.toml"
#: The check that says whether a run came to its end.
_WHOLE = "run.completed"
#: A drill that is asked to stop heals first; after so long it is left to `rehearse heal`.
_HEALING_S = 45.0


class Trial:
    """A running drill, in a folder of its own."""

    def __init__(self, case: Case, room: Path) -> None:
        """Start `rehearse drill` on the case's plan; `room` is emptied first."""
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(parents=True)
        plan = room / _PLAN
        plan.write_text(case.text, encoding="utf-8")
        self.room = room
        with (room / _LOG).open("wb") as log:
            # In a session of its own: a Ctrl-C in the terminal is the selftest's to pass on.
            self._process = subprocess.Popen(
                drill_command(case, plan, room),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ended(self) -> bool:
        """Tell whether the drill is over."""
        return self._process.poll() is not None

    def seen(self) -> Seen:
        """Return what an ended drill left."""
        code = self._process.wait()
        said = (self.room / _LOG).read_text(encoding="utf-8", errors="replace")
        return seen_in(self.room, code, said)

    def stop(self) -> None:
        """Ask the drill to heal and end."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)

    def wait(self) -> bool:
        """Wait for a drill that was asked to stop; tell whether it ended by itself."""
        try:
            self._process.wait(_HEALING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        return True

    def clear(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.room, ignore_errors=True)


def drill_command(case: Case, plan: Path, room: Path) -> list[str]:
    """Return the command that runs a case."""
    planted = ["--defect", case.defect] if case.defect else []
    drill = [sys.executable, "-m", "rehearsal.cli", "drill", str(plan), "--out", str(room)]
    return [*drill, *planted, "--quiet"]


def seen_in(room: Path, code: int, said: str) -> Seen:
    """Return what a drill left in `room`, given its exit code and what it said."""
    run = (room / "latest").resolve()
    if code not in EXIT_CODES.values() or not run.exists():
        return Seen(broken=f"exit code {code}: {_last(said)}", run=str(run) if run.exists() else str(room))
    try:
        findings = folder.read_json(run / folder.FINDINGS, list[Finding])
        verdict = folder.read_json(run / folder.VERDICT, VerdictRecord).verdict
    except RehearsalError as error:
        return Seen(broken=str(error), run=str(run))
    cut = "".join(one.summary for one in findings if one.check == _WHOLE and one.status is not Status.PASS)
    return Seen(verdict=verdict, statuses=statuses_of(findings), run=str(run), broken=cut)


def statuses_of(findings: list[Finding]) -> dict[str, str]:
    """Return the worst status of each check."""
    worst: dict[str, str] = {}
    for finding in sorted(findings, key=lambda one: WORST_FIRST.index(one.status), reverse=True):
        worst[finding.check] = finding.status.value
    return worst


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
