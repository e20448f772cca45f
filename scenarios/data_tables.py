"""A plan's tables of test data, read and checked before anything is started."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan, VisitKind
from rehearsal.model.secrets import SHORTEST, SHORTEST_NUMBER
from scenarios import data_file
from scenarios.schedule import KINDS, Schedule
from scenarios.secret_sources import from_anywhere
from scenarios.test_data import Table, takers


def tables_of(plan: Plan) -> tuple[Table, ...]:
    """Read and check a plan's tables; RehearsalError says in a sentence what is wrong with one."""
    return tuple(_table(plan, name) for name in plan.data)


def require_rows(tables: Sequence[Table], schedule: Schedule) -> None:
    """Raise RehearsalError if a file has fewer rows than visits of the schedule take."""
    for table in tables:
        takes = takers(table, schedule)
        wanted = int(np.count_nonzero(takes))
        if table.file and wanted > table.rows:
            kinds = ", ".join(KINDS[kind] for kind in np.unique(np.asarray(schedule.kind)[takes]))
            raise RehearsalError(
                f"data.{table.name}: {table.file} has {table.rows:,} rows, and {wanted:,} visits ({kinds}) "
                f"take one each; add {wanted - table.rows:,} rows, or name in `kinds` who needs one."
            )


def secret_values(tables: Sequence[Table]) -> Iterator[str]:
    """Yield the values of the tables' secret columns; RehearsalError if a file is not there any more."""
    for table in tables:
        if table.secret:
            frame, _ = data_file.load(Path(table.file))
            for column in table.secret:
                yield from frame[column].unique(maintain_order=True).to_list()


def require_unique(frame: pl.DataFrame, columns: Sequence[str], path: Path) -> None:
    """Raise RehearsalError, naming two lines, if a column holds a value twice."""
    for column in columns:
        values = frame[column]
        first_time = values.is_first_distinct()
        if first_time.all():
            continue
        again = int(first_time.arg_min() or 0)
        lines = [_line(path, row) for row in (int(values.index_of(values[again]) or 0), again)]
        raise RehearsalError(
            f"{path}, line {lines[1]}: {column} has the value of line {lines[0]}, and no value may stand "
            "there twice; mend the file, or name in `unique` the columns that must not repeat."
        )


def require_tellable(frame: pl.DataFrame, columns: Sequence[str], path: Path) -> None:
    """Raise RehearsalError if a secret value is too short to be told from other text or numbers."""
    for column in columns:
        letters = frame[column].str.len_chars()
        is_number = frame[column].str.contains(r"^\p{Nd}+$")
        short = (letters < SHORTEST) | (is_number & (letters < SHORTEST_NUMBER))
        if short.any():
            line = _line(path, int(short.arg_max() or 0))
            raise RehearsalError(
                f"{path}, line {line}: {column} is secret, and this value could not be told from other text "
                f"when the run's files are searched for it; it needs {SHORTEST} letters, "
                f"{SHORTEST_NUMBER} if all are digits."
            )


def _table(plan: Plan, name: str) -> Table:
    said = plan.data[name]
    kinds = tuple(VisitKind(kind) for kind in said.kinds)
    if said.generate:
        return Table(name=name, generate=said.generate, kinds=kinds)
    path = Path(from_anywhere(said.file)).expanduser()
    frame, sha256 = data_file.load(path)
    for key, columns in (("unique", said.unique or ()), ("secret", said.secret)):
        if unknown := [column for column in columns if column not in frame.columns]:
            raise RehearsalError(
                f"data.{name}.{key}: {path} has no column {', '.join(unknown)}; "
                f"it has {', '.join(frame.columns)}."
            )
    require_unique(frame, frame.columns[:1] if said.unique is None else said.unique, path)
    require_tellable(frame, said.secret, path)
    return Table(name=name, file=str(path), sha256=sha256, rows=frame.height, kinds=kinds, secret=said.secret)


def _line(path: Path, row: int) -> int:
    return data_file.line_of(path.read_bytes(), path, row)
