"""A run's test data and secrets: looked at before anything starts, searched for when all has ended."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

import msgspec

from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import COLUMNS, Drop, Kind, Outcome, Step
from rehearsal.model.needles import Needles
from rehearsal.model.plan import Plan, VisitKind
from rehearsal.model.protocol import ProtocolLine, ProtocolStep
from rehearsal.model.readings import FinalReadings
from rehearsal.model.secrets import NO_SECRETS, Masker, Secrets, masker
from rehearsal.model.spellings import spellings
from rehearsal.rundir import folder
from rehearsal.rundir.histogram_file import Line
from rehearsal.rundir.record import RunRecord
from rehearsal.rundir.sweep import Swept, sweep
from rehearsal.rundir.worker_record import WorkerRecord
from scenarios.data_tables import require_rows, secret_values, tables_of
from scenarios.load_order import Progress
from scenarios.schedule import Schedule
from scenarios.secret_sources import Source, read_secrets, sources_of
from scenarios.test_data import Table

#: What files of a run are made of, besides what a plan, a shop and an adapter say.
_WORDS = (Kind, Step, Outcome, Drop, VisitKind, ProtocolStep)
_KEYS = (RunRecord, FinalReadings, Schedule, Line, Progress, ProtocolLine, WorkerRecord)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What load processes are told of test data and secrets, and the secrets themselves, in memory only."""

    tables: tuple[Table, ...] = ()
    sources: tuple[Source, ...] = ()
    secrets: Secrets = NO_SECRETS

    @property
    def mask(self) -> Masker:
        """Return what masks the plan's secrets in a text."""
        return masker(self.secrets.values())

    def noted(self, record: RunRecord) -> RunRecord:
        """Return a run's record that names the SHA-256 of each file of test data."""
        hashes = {f"data.{table.name}": table.sha256 for table in self.tables if table.file}
        return msgspec.structs.replace(record, versions={**record.versions, **hashes})


NOTHING = Given()


def given_of(plan: Plan, schedule: Schedule, env: Mapping[str, str]) -> Given:
    """Read a plan's test data and secrets; RehearsalError says in one sentence what is wrong with them."""
    if not (plan.data or plan.secrets):
        return NOTHING
    sources, tables = sources_of(plan), tables_of(plan)
    secrets = read_secrets(sources, env)
    require_rows(tables, schedule)
    _require_telling(plan, secrets, tables)
    return Given(tables=tables, sources=sources, secrets=secrets)


def sweep_run(run: Path, plan: Plan, env: Mapping[str, str]) -> None:
    """Mask what secrets stand in a run's files, and say in run.json what the search came to."""
    if not is_secret(plan):
        return
    swept = _swept(run, plan, env)
    record = folder.read_json(run / folder.RUN, RunRecord)
    folder.write_json(run / folder.RUN, msgspec.structs.replace(record, secrets=swept))


def is_secret(plan: Plan) -> bool:
    """Tell whether a plan has anything that must not be read in a file of its runs."""
    return bool(plan.secrets) or any(table.secret for table in plan.data.values())


def _swept(run: Path, plan: Plan, env: Mapping[str, str]) -> Swept:
    values, unread = set[str](), list[str]()
    for known in _readers(plan, env):
        try:
            values.update(known())
        except RehearsalError as error:
            unread.append(str(error))
    return msgspec.structs.replace(sweep(run, needles_of(values)), unread=" ".join(unread))


def _readers(plan: Plan, env: Mapping[str, str]) -> Iterator[Callable[[], Iterable[str]]]:
    """Yield what reads secrets, one after the other: what cannot be read any more must not hide the rest."""
    for source in sources_of(plan):
        yield partial(_secret_of, source, env)
    yield lambda: secret_values(tables_of(plan))


def _secret_of(source: Source, env: Mapping[str, str]) -> Iterable[str]:
    return read_secrets((source,), env).values()


def needles_of(values: Iterable[str]) -> Needles:
    """Return what finds these values, however spelled; UTF-16 too, which programs of Windows write."""
    return Needles(needle for value in values for needle in _needles_of(value))


def _needles_of(value: str) -> Iterator[bytes]:
    yield from (word.encode(errors="replace") for word in spellings(value))
    # Without the outermost zeros of plain letters this is the same in either order of bytes.
    yield value.encode("utf-16-le", "surrogatepass").rstrip(b"\0")
    yield value.encode("utf-16-be", "surrogatepass").lstrip(b"\0")


def _require_telling(plan: Plan, secrets: Secrets, tables: tuple[Table, ...]) -> None:
    """Raise RehearsalError for a secret that is a word of the plan or of ours: masking spoils files."""
    corpus = " ".join(_vocabulary(plan))
    for name, value in secrets.items():
        if value in corpus:
            raise RehearsalError(
                f"The secret {name} is also a word of the plan or of a run's files, which masking would "
                "spoil; choose another, or take it out of the plan."
            )
    if any(value in corpus for value in secret_values(tables)):
        names = ", ".join(f"data.{table.name}" for table in tables if table.secret)
        raise RehearsalError(
            f"A secret value of {names} is also a word of the plan or of a run's files, which masking would "
            "spoil; choose another, or take its column out of `secret`."
        )


def _vocabulary(plan: Plan) -> Iterator[str]:
    yield plan.model_dump_json()
    yield from COLUMNS
    yield from (word for words in _WORDS for word in words)
    for kind in _KEYS:
        yield from kind.__struct_fields__
