"""The names of a run's files, and how they are written: whole or not at all."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import polars as pl

from rehearsal.model.errors import RunDirError

SCHEMA = 1

PLAN = "plan.json"
SCHEDULE = "schedule.json"
RUN = "run.json"
LOAD_LOGS = "history.load.*.ndjson"
HISTOGRAM_LOGS = "histograms.*.ndjson"
CONDUCTOR_LOG = "history.conductor.ndjson"
PROTOCOL = "protocol.ndjson"
HISTORY = "history.parquet"
HISTOGRAMS = "histograms.parquet"
FINAL = "final.json"
CAPACITY = "capacity.json"
FINDINGS = "findings.json"
VERDICT = "verdict.json"
REPORT = "report.html"
EVIDENCE = "evidence.dsse.json"
PUBLIC_KEY = "harness.pub.pem"
LOGS = "logs"

#: What the evidence covers, in the order in which `verify` checks it.
SIGNED = (PLAN, SCHEDULE, RUN, HISTORY, HISTOGRAMS, FINAL, FINDINGS, VERDICT, REPORT)
#: Covered as well where a run has them.
SIGNED_IF_THERE = (CAPACITY,)

T = TypeVar("T")


def load_log(worker: int) -> str:
    """Return the name of worker k's part of the history."""
    return LOAD_LOGS.replace("*", str(worker))


def histogram_log(worker: int) -> str:
    """Return the name of worker k's histograms."""
    return HISTOGRAM_LOGS.replace("*", str(worker))


def logs_of(run: Path, pattern: str) -> dict[int, Path]:
    """Return the files of a run named by LOAD_LOGS or HISTOGRAM_LOGS, by worker, in their order."""
    before, after = pattern.split("*")
    found = {path.name.removeprefix(before).removesuffix(after): path for path in run.glob(pattern)}
    return {int(name): found[name] for name in sorted(filter(str.isdecimal, found), key=int)}


def signed_in(run: Path) -> tuple[str, ...]:
    """Return the names of the files that the evidence of a run covers."""
    return (*SIGNED, *(name for name in SIGNED_IF_THERE if os.path.lexists(run / name)))


def write_bytes(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file so that a reader sees the old content or the new, never a part (rename(2) is atomic)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write a value as JSON, keys sorted, so that equal values are equal bytes."""
    encoded = msgspec.json.encode(msgspec.to_builtins(value), order="sorted")
    write_bytes(path, msgspec.json.format(encoded, indent=2) + b"\n")


def read_json(path: Path, kind: type[T]) -> T:
    """Read a JSON file as a value of `kind`; RunDirError if it is missing or of another shape."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        raise RunDirError(f"{path} is missing: is {path.parent} the folder of a finished run?") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
        raise RunDirError(f"{path} cannot be read: {error}") from None


def write_table(run: Path, name: str, frame: pl.DataFrame) -> None:
    """Write a frame as a run's parquet file, whole or not at all; OSError if the disk does not take it."""
    draft = run / f".{name}"
    try:
        frame.write_parquet(draft, compression="zstd", statistics=True)
    except (pl.exceptions.PolarsError, OSError) as error:
        draft.unlink(missing_ok=True)
        raise OSError(f"{run / name} cannot be written: {error}") from error
    draft.replace(run / name)


def read_table(run: Path, name: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Read a parquet file of a run; RunDirError if it is missing or has other columns."""
    scan = scan_table(run, name, schema)
    try:
        return scan.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise RunDirError(f"{run / name} cannot be read: {error}") from None


def scan_table(run: Path, name: str, schema: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """Open a parquet file of a run, to be read as far as it is needed; RunDirError as `read_table`."""
    path = run / name
    if not path.exists():
        raise RunDirError(f"{path} is missing: is {run} the folder of a finished run?")
    try:
        scan = pl.scan_parquet(path)
        columns = dict(scan.collect_schema())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise RunDirError(f"{path} cannot be read: {error}") from None
    if columns != dict(schema):
        raise RunDirError(f"{path} has other columns than schema {SCHEMA}; use the version that wrote it.")
    return scan


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256 in hex; RunDirError if it is missing."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise RunDirError(f"{path} is missing: is {path.parent} the folder of a finished run?") from None


def require_run(path: Path) -> None:
    """Raise RunDirError if a path is no folder, or a folder in which no file of a run lies."""
    if not any((path / name).exists() for name in (*SIGNED, EVIDENCE)):
        raise RunDirError(f"{path} is not a run's folder. Try runs/latest.")


def point_latest(run: Path) -> None:
    """Let `latest` beside the run point at it, replacing an older link in one step."""
    link = run.parent / "latest"
    draft = run.parent / f".latest.{os.getpid()}"
    draft.unlink(missing_ok=True)
    draft.symlink_to(run.name)
    draft.replace(link)
