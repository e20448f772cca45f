"""One violation among millions of clean operations: whether it is found, how fast, in how much memory."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import msgspec
import polars as pl

from rehearsal.model.errors import RehearsalError
from rehearsal.model.verdict import Finding, Status
from rehearsal.pipeline.selftest import clean_history, clean_readings
from rehearsal.rundir import folder

#: What an audit of ten million operations may take.
MOST_S, MOST_MIB = 60.0, 2048.0
_ROWS = 500_000
_KIB_PER_MIB = 1024


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit in a process of its own found, its seconds from start to end, and its largest memory."""

    findings: tuple[Finding, ...]
    seconds: float
    peak_mib: float


class Vast(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome: `broken` are the invariants that the audit calls broken, `named` the orders it names.

    `found`: the planted violation's invariant is among the broken, and the first order it names is the one
    that was tampered with.
    """

    ops: int
    planted: str
    order_id: str
    found: bool
    broken: tuple[str, ...]
    named: tuple[str, ...]
    seconds: float
    peak_mib: float

    @property
    def holds(self) -> bool:
        """Tell whether it was found within the limits of ten million operations."""
        return self.found and self.seconds <= MOST_S and self.peak_mib <= MOST_MIB


def try_vast(ops: int, planted: str, say: Callable[[str], None]) -> Vast:
    """Write a history of `ops` operations with one violation into a folder for the moment, and audit it.

    RehearsalError if such a violation cannot be planted, or if the audit dies.
    """
    with tempfile.TemporaryDirectory(prefix="rehearsal-vast-") as name:
        run = Path(name)
        say(f"Writing {ops:,} operations with one violation of {planted}.")
        written, order_id = write_run(run, ops, planted)
        say(f"Auditing {written:,} operations.")
        audited = audited_in_child(run)
    broken = tuple(one for one in audited.findings if one.status is Status.FAIL)
    hit = [one for one in broken if one.check.startswith(f"invariant.{planted}.")]
    return Vast(
        ops=written,
        planted=planted,
        order_id=order_id,
        found=any(one.ids[:1] == (order_id,) for one in hit),
        broken=tuple(one.check for one in broken),
        named=tuple(dict.fromkeys(name for one in broken for name in one.ids)),
        seconds=round(audited.seconds, 2),
        peak_mib=round(audited.peak_mib, 1),
    )


def write_run(run: Path, ops: int, planted: str) -> tuple[int, str]:
    """Write plan, history and final readings; return the number of operations and the order tampered with."""
    size = clean_history.size_of(ops)
    orders = clean_history.ordering(size)
    tables, order_id = clean_readings.planted(clean_readings.tables_of(orders, size.stock), planted)
    folder.write_json(run / folder.PLAN, clean_history.plan_of(size).model_dump(mode="json"))
    clean_readings.write_readings(run / folder.FINAL, tables)
    with tempfile.TemporaryDirectory(dir=run) as name:
        written = 0
        for number, part in enumerate(clean_history.parts_of(size, rows=_ROWS)):
            part.write_parquet(Path(name) / f"{number:06}.parquet")
            written += part.height
        pl.scan_parquet(sorted(Path(name).glob("*.parquet"))).sink_parquet(run / folder.HISTORY)
    return written, order_id


def audited_in_child(run: Path) -> Audited:
    """Return what `rehearse audit` says of a folder; its memory is the largest that the system saw."""
    command = [sys.executable, "-m", "rehearsal.cli", "audit", str(run), "--json"]
    begun = time.monotonic()
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as wrong:
        # Its own wait, since only that tells the memory of this child alone (wait4(2)).
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=wrong)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begun
        try:
            findings = msgspec.json.decode(_all(said), type=tuple[Finding, ...])
        except msgspec.DecodeError:
            words = _all(wrong).decode(errors="replace").strip()
            raise RehearsalError(f"The audit died (exit code {child.returncode}): {words}") from None
    return Audited(findings=findings, seconds=seconds, peak_mib=usage.ru_maxrss / _KIB_PER_MIB)


def _all(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
