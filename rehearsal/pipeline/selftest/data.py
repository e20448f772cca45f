"""Whether each visit of many, in several load processes, gets a user of its own, and no secret is written."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx
import msgspec
import polars as pl

from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Kind
from rehearsal.model.secrets import MASK
from rehearsal.model.verdict import EXIT_CODES
from rehearsal.pipeline.selftest.booking_shop import HOST
from rehearsal.pipeline.selftest.search import files_with
from rehearsal.pipeline.selftest.toml_text import toml_text
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import scan_history
from rehearsal.rundir.record import RunRecord

#: A part of every secret. Where it stands, a secret was not masked.
STEM = "Kx9vQh-Tz7Lm"
WORKERS = 2
_VARIABLE = "REHEARSAL_SELFTEST_KEY"
_USERS, _DOOR, _PLAN, _LOG = "users.csv", "door.key", "plan.toml", "drill.log"
_STARTS_S, _ANSWERS_S = 20.0, 60.0
#: A drill takes its plan's time, and some to start, to judge and to draw.
_BESIDES_S = 300.0


class DataTried(msgspec.Struct, frozen=True, kw_only=True):
    """The figures. `twice`, `missing` and `strange` count users: seen from two visits, from none, unheard of.

    `dropped` are visits that the generator did not start; `masked` counts rows of the history in which a
    secret was masked, `swept` secrets masked in other files by the search at the end. `found` names files in
    which a secret stands all the same, among the `files` of the run and what the drill printed.
    """

    users: int
    workers: int
    seconds: float
    booked: int
    dropped: int
    twice: int
    missing: int
    strange: int
    masked: int
    swept: int
    files: int
    found: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Tell whether each visit had a user of its own, and secrets slipped but none was written."""
        users_are_right = not (self.twice or self.missing or self.strange) and self.booked > 0
        return users_are_right and self.masked > 0 and self.swept > 0 and not self.found


def try_data(users: int, per_s: float, room: Path) -> DataTried:
    """Rehearse a shop that books `users` users, `per_s` visits a second, in a folder that is emptied first.

    RehearsalError if the shop does not start, or the drill does not come to a verdict.
    """
    shutil.rmtree(room, ignore_errors=True)
    room.mkdir(parents=True)
    write_users(room / _USERS, users)
    (room / _DOOR).write_text(f"{STEM} of the door\n", encoding="utf-8")
    begun_s = time.monotonic()
    with booking_shop() as url:
        (room / _PLAN).write_text(plan_of(url, users, per_s), encoding="utf-8")
        _drill(room, users / per_s)
        booked = httpx.get(f"{url}/booked", timeout=_ANSWERS_S, trust_env=False).json()["users"]
    return figures(room, users, booked, time.monotonic() - begun_s)


def figures(room: Path, users: int, booked: Mapping[str, int], seconds: float) -> DataTried:
    """Return what the shop's book (shoppers by user) and the folder of the only run in `room` show."""
    run = (room / "runs" / "latest").resolve()
    known = {email_of(number) for number in range(1, users + 1)}
    rows = scan_history(run).select("kind", "error", "region", "note")
    dropped = rows.filter(pl.col("kind") == Kind.DROP).collect().height
    hushed = rows.filter(
        pl.any_horizontal(pl.col("error", "region", "note").str.contains(MASK, literal=True))
    )
    swept = folder.read_json(run / folder.RUN, RunRecord).secrets
    files, found = files_with(STEM, run, room / _LOG)
    return DataTried(
        users=users,
        workers=WORKERS,
        seconds=round(seconds, 1),
        booked=len(booked),
        dropped=dropped,
        twice=sum(count > 1 for count in booked.values()),
        missing=max(0, len(known - booked.keys()) - dropped),
        strange=len(booked.keys() - known),
        masked=hushed.collect().height,
        swept=sum(swept.masked.values()) if swept else 0,
        files=files,
        found=found,
    )


def email_of(number: int) -> str:
    """Return the address of a user, counted from 1."""
    return f"u{number}@rehearsal.invalid"


def write_users(path: Path, users: int) -> None:
    """Write the table of users: passwords hold what CSV, JSON, addresses and pages each write differently."""
    lines = (f'{email_of(number)},"{STEM} ä""&/{number}"\n' for number in range(1, users + 1))
    with path.open("w", encoding="utf-8") as file:
        file.write("email,password\n")
        file.writelines(lines)


def plan_of(url: str, users: int, per_s: float) -> str:
    """Return the plan, in which as many visits come as there are users."""
    slo = {"p95_ms": 1000.0, "p99_ms": 2000.0, "goodput": 0.9, "payment_success": 0.9}
    plan = {
        "name": "booking",
        "target": {
            "shop": "url",
            "url": url,
            "adapter": "rehearsal.pipeline.selftest.booking_adapter:BookingStorefront",
        },
        "data": {"users": {"file": _USERS, "unique": ["email", "password"], "secret": ["password"]}},
        "secrets": {"key": {"env": _VARIABLE}, "door": {"file": _DOOR}},
        "traffic": {
            "normal_per_s": per_s / 5,
            "multiplier": 5.0,
            "think_s": 0.0,
            "mix": {"browse": 1.0, "cart": 0.0, "flash_sale": 0.0},
        },
        "forecast": {"peak_per_s": per_s},
        "sale": {"sku": "page", "opens_with": "rush"},
        "phases": [{"name": "rush", "kind": "normal", "duration_s": users / per_s, "rate": 5.0}],
        "slo": {"normal": slo},
        "limits": {"quiesce_s": 1.0},
    }
    return toml_text(plan)


@contextlib.contextmanager
def booking_shop() -> Iterator[str]:
    """Start the shop, give its address, and end it when the block is left; RehearsalError if it fails."""
    argv = [sys.executable, "-m", "rehearsal.pipeline.selftest.booking_shop"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as shop:
        try:
            port = shop.stdout.readline().strip() if shop.stdout else b""
            if not port.isdigit():
                raise RehearsalError("The shop of the selftest does not start; its words are above.")
            yield f"http://{HOST}:{int(port)}"
        finally:
            shop.terminate()


def _drill(room: Path, lasts_s: float) -> None:
    argv = [sys.executable, "-m", "rehearsal.cli", "drill", str(room / _PLAN), "--out", str(room / "runs")]
    log = room / _LOG
    with log.open("wb") as said:
        done = subprocess.run(
            [*argv, "--workers", str(WORKERS)],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, _VARIABLE: f"{STEM}/+ of all shoppers"},
            timeout=lasts_s + _BESIDES_S,
            check=False,
        )
    if done.returncode not in EXIT_CODES.values() or not (room / "runs" / "latest").exists():
        said_last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
        raise RehearsalError(f"The drill came to no verdict (exit code {done.returncode}): {said_last}")
