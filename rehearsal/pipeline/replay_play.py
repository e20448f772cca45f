"""sessions.parquet → a shop: plays a replay under Locust, and measures what was really sent."""

import math
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
import numpy as np
import polars as pl

from rehearsal.model.clock import SystemClock, nanoseconds
from rehearsal.model.errors import BrokenOff, RehearsalError, TargetRefused, Unreachable
from rehearsal.model.hosts import is_loopback
from rehearsal.pipeline.halt import Halt
from rehearsal.process import Child, kill, start
from rehearsal.rundir import folder
from scenarios.replay import play_order, schedule_file
from scenarios.replay.fidelity import Fidelity, fidelity
from scenarios.replay.play_order import PlayEnd, PlayOrder, PlayProgress, SentRows
from scenarios.replay.steps import Floats, Steps

LOCUSTFILE = Path(play_order.__file__).with_name("locustfile.py")
FOLDER, RESULT = "played", "played.json"

_LARGEST_POOL = 20_000
_SPARE, _LEAST_SPARE = 1.5, 20
#: After the last step is due: how long answers may take before the process is given up.
_LINGER_S = 60.0
#: A send up to half of this early or late is no other think time.
_TOLERANCE_S = 0.02
_PERCENTS = (50, 95, 99, 99.9)

Watch = Callable[[PlayProgress], None]


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where to play, and how much: only steps due within `limit_s`, and only with these methods."""

    url: str
    allow: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("GET",)
    limit_s: float = 60.0


class Clocks(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds at 50, 95, 99 and 99.9 %, and the largest; None where nothing was measured."""

    p50: float | None
    p95: float | None
    p99: float | None
    p999: float | None
    max: float | None


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent. Sessions: planned = started + dropped. Requests: planned = sent + unsent."""

    planned: int
    started: int
    dropped: dict[str, int]
    requests_planned: int
    requests_sent: int
    requests_unsent: int
    left_out: int
    statuses: dict[str, int]
    errors: dict[str, int]
    wall_s: float
    response_ms: Clocks
    service_ms: Clocks
    send_lag_ms: Clocks
    stopped: bool
    fidelity: Fidelity | None = None


class Cut(NamedTuple):
    """The part of a schedule that is played, as steps and as a table, and how many requests are left out."""

    steps: Steps
    table: pl.DataFrame
    left_out: int


def check(target: Target) -> Target:
    """Return the target with its address in order; TargetRefused if load may not go there."""
    url = target.url.rstrip("/")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise TargetRefused(f"{url!r} is no http address: {error}.") from None
    if (
        parts.scheme not in {"http", "https"}
        or not host
        or parts.query
        or parts.fragment
        or not url.isascii()
    ):
        raise TargetRefused(f"{url!r} is no http address: write http://host:port.")
    if not (is_loopback(host) or host in target.allow):
        raise TargetRefused(
            f"{host} is not this machine. If you may send it a promotion's peak, say --allow {host}."
        )
    return msgspec.structs.replace(target, url=url)


def check_answers(target: Target) -> None:
    """Raise Unreachable unless somebody listens at the address."""
    parts = urlsplit(target.url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    try:
        socket.create_connection((parts.hostname or "", port), timeout=5).close()
    except OSError as error:
        raise Unreachable(f"Nobody answers at {target.url}: {error}. Start the shop first.") from None


def cut(steps: Steps, table: pl.DataFrame, target: Target) -> Cut:
    """Return the steps that are played: due within the limit, with the methods allowed."""
    in_time = table["due_ns"].to_numpy() < nanoseconds(target.limit_s)
    is_sent = (
        in_time
        & table.select(
            pl.col("method").cast(pl.String).is_in(list(target.methods))
            & (pl.col("path").cast(pl.String) != "*")
        )
        .to_series()
        .to_numpy()
    )
    session = steps.session[is_sent]
    if not len(session):
        raise RehearsalError(
            f"Nothing is due within {target.limit_s:g} s that may be sent as {', '.join(target.methods)}: "
            "raise --limit-s, or allow more with --methods."
        )
    length = np.unique(session, return_counts=True)[1].astype(np.int64)
    kept = Steps(length, steps.at_ns[is_sent], steps.template[is_sent], steps.row[is_sent], steps.labels)
    # A session whose first request is left out begins with the next: the order of starts may change.
    order = np.argsort(kept.start_ns, kind="stable")
    rows = np.flatnonzero(is_sent)
    moved = Steps(kept.length, kept.at_ns, kept.template, rows, kept.labels).pick(order)
    part = Steps(moved.length, moved.at_ns, moved.template, steps.row[moved.row], moved.labels)
    shown = table[moved.row].with_columns(pl.Series("session", part.session.astype(np.int32)))
    return Cut(part, shown, int(in_time.sum() - is_sent.sum()))


def play(out: Path, part: Cut, target: Target, *, halt: Halt, watch: Watch, resolution_ns: int) -> Played:
    """Play it and return what was measured; a halt ends it early. BrokenOff if the load process dies."""
    run = out / FOLDER
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    schedule_file.write(part.table, run / play_order.STEPS)
    pool = pool_of(part.steps)
    order = PlayOrder(url=target.url, pool=pool, allow=target.allow, headers={"X-Rehearsal": "replay"})
    folder.write_json(run / play_order.ORDER, order)
    log = run / "locust.log"
    child, process = start("locust", _command(run, pool), log=log, run_id=f"replay-{out.resolve()}")
    try:
        _follow(
            run, process, halt, watch, end_s=float(part.table["due_ns"].to_numpy().max()) / 1e9 + _LINGER_S
        )
    finally:
        _ended(child, process)
    if not (run / play_order.END).exists():
        raise BrokenOff(f"The process that plays the replay ended early; {log} says why.")
    played = measure(run, part, stopped=bool(halt.reason), resolution_ns=resolution_ns)
    folder.write_json(out / RESULT, played)
    return played


def pool_of(steps: Steps) -> int:
    """Return how many users are needed: the most sessions under way at once, and half as many to spare."""
    last = steps.first + steps.length - 1
    ends = np.sort(steps.at_ns[last])
    under_way = np.arange(1, steps.sessions + 1) - np.searchsorted(ends, steps.start_ns, side="left")
    return int(min(under_way.max() * _SPARE + _LEAST_SPARE, _LARGEST_POOL))


def measure(run: Path, part: Cut, *, stopped: bool, resolution_ns: int) -> Played:
    """Return what a finished play's files say."""
    end = folder.read_json(run / play_order.END, PlayEnd)
    content = (run / play_order.SENT).read_bytes()
    size = play_order.SENT_ROW.itemsize
    sent = np.frombuffer(content[: len(content) // size * size], dtype=play_order.SENT_ROW)
    codes, counts = np.unique(sent["error"], return_counts=True)
    statuses, numbers = np.unique(sent["status"][sent["status"] > 0], return_counts=True)
    return Played(
        planned=part.steps.sessions,
        started=end.started,
        dropped=end.dropped,
        requests_planned=len(part.steps.at_ns),
        requests_sent=len(sent),
        requests_unsent=len(part.steps.at_ns) - len(sent),
        left_out=part.left_out,
        statuses={str(status): int(count) for status, count in zip(statuses, numbers, strict=True)},
        errors={end.errors[code]: int(count) for code, count in zip(codes, counts, strict=True) if code},
        wall_s=end.wall_s,
        response_ms=clocks(sent["done_ns"] - sent["due_ns"]),
        service_ms=clocks(sent["done_ns"] - sent["sent_ns"]),
        send_lag_ms=clocks(sent["sent_ns"] - sent["due_ns"]),
        stopped=stopped,
        fidelity=_fidelity(part, sent, end.wall_s if stopped else math.inf, resolution_ns),
    )


def clocks(durations_ns: Floats) -> Clocks:
    """Return the percentiles of durations; exact, for all of them are at hand."""
    if not len(durations_ns):
        return Clocks(p50=None, p95=None, p99=None, p999=None, max=None)
    values = np.percentile(durations_ns / 1e6, _PERCENTS)
    p50, p95, p99, p999 = (round(float(value), 3) for value in values)
    return Clocks(p50=p50, p95=p95, p99=p99, p999=p999, max=round(float(durations_ns.max()) / 1e6, 3))


def sent_steps(part: Cut, sent: SentRows) -> Steps:
    """Return what was sent as sessions, at the instants at which it was sent."""
    rows = np.sort(sent, order="row")
    session = part.steps.session[rows["row"]]
    _, length = np.unique(session, return_counts=True)
    template = part.steps.template[rows["row"]]
    at_ns = rows["sent_ns"].astype(np.int64)
    found = Steps(length.astype(np.int64), at_ns, template, part.steps.row[rows["row"]], part.steps.labels)
    return found.pick(np.argsort(found.start_ns, kind="stable"))


def _fidelity(part: Cut, sent: SentRows, until_s: float, resolution_ns: int) -> Fidelity | None:
    """Compare what was sent with what was due until the end, or until a stop."""
    due_ns = part.table["due_ns"].to_numpy()
    is_due = due_ns < until_s * 1e9
    if not len(sent) or not is_due.any():
        return None
    steps = part.steps
    length = np.bincount(steps.session[is_due], minlength=steps.sessions)
    planned = Steps(
        length[length > 0].astype(np.int64),
        due_ns[is_due],
        steps.template[is_due],
        steps.row[is_due],
        steps.labels,
    )
    return fidelity(
        planned, sent_steps(part, sent), multiplier=1, resolution_ns=resolution_ns, tolerance_s=_TOLERANCE_S
    )


def _command(run: Path, pool: int) -> list[str]:
    return [
        *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "--only-summary"),
        *("--loglevel", "ERROR", "--users", str(pool), "--spawn-rate", str(pool)),
        *("--stop-timeout", "1", "--exit-code-on-error", "0", "--replay-run", str(run)),
    ]


def _follow(run: Path, process: Popen[bytes], halt: Halt, watch: Watch, *, end_s: float) -> None:
    """Pass progress on until the process ends; tell it to stop when asked to, or when it takes too long."""
    clock, offset, is_told = SystemClock(), 0, False
    while process.poll() is None:
        clock.sleep_until_ns(clock.now_ns() + nanoseconds(0.1))
        offset, latest = _latest(run / play_order.PROGRESS, offset)
        if latest is not None:
            watch(latest)
        if not is_told and (halt.reason or (latest is not None and latest.at_s > end_s)):
            is_told = True
            (run / play_order.STOP).touch()


def _latest(path: Path, offset: int) -> tuple[int, PlayProgress | None]:
    if not path.exists():
        return offset, None
    with path.open("rb") as file:
        file.seek(offset)
        lines, newline, _ = file.read().rpartition(b"\n")
    if not newline:
        return offset, None
    return offset + len(lines) + 1, msgspec.json.decode(lines.splitlines()[-1], type=PlayProgress)


def _ended(child: Child, process: Popen[Any]) -> None:
    if process.poll() is None:
        kill(child)
    process.wait()
