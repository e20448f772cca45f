import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import SecretSource, TestData
from rehearsal.pipeline.circumstances import record_of
from rehearsal.pipeline.complete import complete
from rehearsal.pipeline.given import NOTHING, given_of, sweep_run
from rehearsal.rundir import folder
from rehearsal.rundir.record import RunRecord
from rehearsal.rundir.sweep import Swept
from scenarios.schedule import build
from scenarios.secret_sources import Source
from scenarios.test_data import Table

ENV = {"KEY": "geheim/nis"}
USERS = "email,pin\n" + "".join(f"u{n},pin-geheim-{n}\n" for n in range(200))


@pytest.fixture
def secretive(make_plan: Callable[..., Plan], tmp_path: Path) -> Plan:
    """Return the small plan with a secret and a table whose pins are secret."""
    (tmp_path / "users.csv").write_text(USERS)
    users = TestData(file=str(tmp_path / "users.csv"), secret=("pin",))
    return make_plan().model_copy(
        update={"secrets": {"key": SecretSource(env="KEY")}, "data": {"users": users}}
    )


@pytest.fixture
def run(secretive: Plan, tmp_path: Path) -> Path:
    """Return the folder of a run in which secrets slipped into a log and a note."""
    run = tmp_path / "run"
    folder.write_json(run / folder.PLAN, secretive.model_dump(mode="json"))
    folder.write_json(run / folder.SCHEDULE, build(secretive))
    record = record_of(secretive, run.name, at=datetime.now(UTC), defects=(), toxiproxy=None)
    folder.write_json(run / folder.RUN, record)
    (run / folder.PROTOCOL).write_text("")
    (run / folder.LOGS).mkdir()
    (run / folder.LOGS / "locust.log").write_text("geheim%2Fnis\npin-geheim-99\nfine\n")
    return run


def test_a_plan_without_data_and_secrets_gives_nothing(make_plan: Callable[..., Plan]) -> None:
    """And its runs are not searched: there is nothing to search for."""
    plan = make_plan()

    assert given_of(plan, build(plan), {}) is NOTHING


def test_load_processes_are_told_where_not_what(secretive: Plan) -> None:
    """Places of secrets and files; values stay in this process's memory, and are masked in what it says."""
    given = given_of(secretive, build(secretive), ENV)

    assert given.sources == (Source(name="key", env="KEY"),)
    assert [type(table) for table in given.tables] == [Table]
    assert given.mask("with geheim/nis") == "with ***"
    assert "geheim" not in repr((given, secretive))


def test_a_run_s_record_names_what_data_it_had(run: Path, secretive: Plan, tmp_path: Path) -> None:
    """By the hash of each file, which evidence then signs; beside the versions of the programs."""
    record = folder.read_json(run / folder.RUN, RunRecord)
    noted = given_of(secretive, build(secretive), ENV).noted(record)

    assert noted.versions == {**record.versions, "data.users": folder.sha256_of(tmp_path / "users.csv")}
    assert NOTHING.noted(record) == record


@pytest.mark.parametrize(
    ("env", "users", "words"),
    [
        ({}, USERS, "the environment variable KEY, which is not set"),
        (ENV, "email,pin\nu1,pin-geheim-1\n", "has 1 rows, and"),
        ({"KEY": "browse"}, USERS, "The secret key is also a word of the plan"),
        (ENV, USERS + "u200,outcome\n", "A secret value of data.users is also a word of the plan"),
    ],
    ids=["an unset variable", "too few rows", "a word of the plan", "a word of ours"],
)
def test_what_is_wrong_is_told_before_anything_starts(
    secretive: Plan, tmp_path: Path, env: dict[str, str], users: str, words: str
) -> None:
    """In one sentence. A secret that is a word of every file could not be masked without spoiling them."""
    (tmp_path / "users.csv").write_text(users)
    with pytest.raises(RehearsalError, match=re.escape(words)):
        given_of(secretive, build(secretive), env)


def test_a_run_is_searched_and_says_so(run: Path, secretive: Plan) -> None:
    """However a secret is spelled, whether the plan's or a row's; run.json keeps what was found."""
    sweep_run(run, secretive, ENV)

    assert (run / folder.LOGS / "locust.log").read_text() == "***\n***\nfine\n"
    assert folder.read_json(run / folder.RUN, RunRecord).secrets == Swept(
        files=5, masked={"logs/locust.log": 2}
    )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_log_of_two_bytes_a_letter_is_searched(run: Path, secretive: Plan, encoding: str) -> None:
    """It holds zero bytes, so it is no text that could be masked: the finding must say that it is there."""
    (run / folder.LOGS / "hook.log").write_bytes("the key: geheim/nis, ä".encode(encoding))
    sweep_run(run, secretive, ENV)
    swept = folder.read_json(run / folder.RUN, RunRecord).secrets

    assert swept is not None
    assert swept.left == {"logs/hook.log": 1}


def test_what_cannot_be_read_any_more_is_not_searched_for(run: Path, secretive: Plan) -> None:
    """In another shell the variable may not be set; that is said, and the rest is searched for as ever."""
    sweep_run(run, secretive, {})
    swept = folder.read_json(run / folder.RUN, RunRecord).secrets

    assert swept is not None
    assert (swept.masked, "KEY, which is not set" in swept.unread) == ({"logs/locust.log": 1}, True)
    assert (run / folder.LOGS / "locust.log").read_text() == "geheim%2Fnis\n***\nfine\n"


def test_a_table_that_is_gone_is_not_searched_for(run: Path, secretive: Plan, tmp_path: Path) -> None:
    """The plan's own secrets are masked."""
    (tmp_path / "users.csv").unlink()
    sweep_run(run, secretive, ENV)
    swept = folder.read_json(run / folder.RUN, RunRecord).secrets

    assert swept is not None
    assert (swept.masked, "users.csv cannot be read" in swept.unread) == ({"logs/locust.log": 1}, True)


def test_the_folder_of_a_dead_conductor_is_searched_too(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By whoever completes it."""
    monkeypatch.setenv("KEY", ENV["KEY"])
    complete(run)

    assert "geheim" not in (run / folder.LOGS / "locust.log").read_text()
    assert json.loads((run / folder.RUN).read_text())["secrets"]["masked"] == {"logs/locust.log": 2}


def test_a_plan_without_secrets_is_not_searched(run: Path, make_plan: Callable[..., Plan]) -> None:
    """Its runs say nothing of secrets."""
    sweep_run(run, make_plan(), ENV)

    assert folder.read_json(run / folder.RUN, RunRecord).secrets is None
