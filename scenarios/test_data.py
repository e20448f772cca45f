"""Test data: which row of which table each visit takes. A function of the schedule, so nothing is shared out.

Row i of a table goes to the i-th visit, in the schedule's order, of those kinds that take from it. So no two
visits of a run share a row, whatever process makes them, and a process needs its own rows only.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import VisitKind
from rehearsal.model.secrets import Masker, masker
from scenarios import data_file
from scenarios.means import NO_MEANS, Means
from scenarios.schedule import KINDS, Arrival, Schedule


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One table of the plan's, as load processes are told it: from a file of this content, or made.

    `kinds`: the visits that take a row each; none: all visits. `rows` is how many a file has.
    """

    name: str
    file: str = ""
    sha256: str = ""
    rows: int = 0
    generate: dict[str, str] = {}
    kinds: tuple[VisitKind, ...] = ()
    secret: tuple[str, ...] = ()


class Cells(dict[str, str]):
    """A row: values by column, all of them text. RehearsalError for a column that the table has not."""

    def __init__(self, table: str, values: dict[str, str]) -> None:
        """Take the table's name and the values."""
        super().__init__(values)
        self._table = table

    def __missing__(self, column: str) -> str:
        raise RehearsalError(f"data.{self._table} has no column {column!r}; it has {', '.join(self)}.")


class Handout:
    """What one load process gives its visits: rows, secrets and marks."""

    def __init__(
        self,
        tables: Sequence[Table],
        schedule: Schedule,
        *,
        worker: int = 0,
        workers: int = 1,
        basis: Means = NO_MEANS,
    ) -> None:
        """Read this process's rows; RehearsalError if a file is not here, or not what the drill started with.

        It is worker k of N, and so serves visits k, k + N, k + 2N …; `basis` is what all are given.
        """
        self._worker, self._workers = worker, workers
        self._basis = basis
        self._shares = [_Share(table, schedule, worker, workers) for table in tables]
        self._words = {"run": basis.run, "mail_domain": basis.mail_domain}
        self._secret = [share for share in self._shares if share.table.secret]
        #: Masks the plan's secrets.
        self.mask = masker(basis.secrets.values())

    @property
    def is_secret(self) -> bool:
        """Tell whether anything that a visit is given must not be read in a file."""
        return bool(self._basis.secrets or self._secret)

    def means_of(self, arrival: Arrival) -> Means:
        """Return what a visit of this process is given."""
        if not self._shares:
            return self._basis
        rows = {share.table.name: share.row(self._number(arrival), self._words) for share in self._shares}
        data = {name: row for name, row in rows.items() if row is not None}
        return msgspec.structs.replace(self._basis, data=data)

    def masker_of(self, arrival: Arrival) -> Masker:
        """Return what masks the plan's secrets, and those of a visit's own rows."""
        own: list[str] = []
        for share in self._secret:
            if (row := share.row(self._number(arrival), self._words)) is not None:
                own += [row[column] for column in share.table.secret]
        return masker([*self._basis.secrets.values(), *own]) if own else self.mask

    def _number(self, arrival: Arrival) -> int:
        return (arrival.index - self._worker) // self._workers


class _Share:
    """One process's rows of a table."""

    def __init__(self, table: Table, schedule: Schedule, worker: int, workers: int) -> None:
        self.table = table
        takes = takers(table, schedule)
        mine = takes[worker::workers]
        numbers = (np.cumsum(takes) - 1)[worker::workers]
        #: The row of each visit of this process, -1 for those that take none.
        self._rows = np.where(mine, numbers if table.generate else np.cumsum(mine) - 1, -1)
        self._frame = pl.DataFrame() if table.generate else _loaded(table, numbers[mine])

    def row(self, visit: int, words: dict[str, str]) -> Cells | None:
        number = int(self._rows[visit])
        if number < 0:
            return None
        if self.table.generate:
            return Cells(self.table.name, made(self.table.generate, number, words))
        return Cells(self.table.name, self._frame.row(number, named=True))


def made(generate: dict[str, str], number: int, words: dict[str, str]) -> dict[str, str]:
    """Return the row of a number (counted from 0; {n} counts from 1) by its templates."""
    return {column: template.format(n=number + 1, **words) for column, template in generate.items()}


def takers(table: Table, schedule: Schedule) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return for each visit of a schedule whether it takes a row of a table."""
    wanted = [KINDS.index(kind) for kind in table.kinds or KINDS]
    return np.isin(np.asarray(schedule.kind, np.int8), wanted)


def _loaded(table: Table, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.DataFrame:
    frame, sha256 = data_file.load(Path(table.file))
    if sha256 != table.sha256:
        raise RehearsalError(
            f"data.{table.name}: {table.file} is not here what it is where the drill was started; copy it."
        )
    if len(numbers) and numbers[-1] >= frame.height:
        raise RehearsalError(f"data.{table.name}: {table.file} has no row for each visit that takes one.")
    return frame[numbers]
