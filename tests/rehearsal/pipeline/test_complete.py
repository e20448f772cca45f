import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import Plan
from rehearsal.model.protocol import ProtocolStep
from rehearsal.pipeline.circumstances import record_of
from rehearsal.pipeline.complete import complete, complete_quietly
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import HistoryLog
from rehearsal.rundir.protocol_log import ProtocolLog
from scenarios.load_order import ORIGIN, Origin
from scenarios.schedule import build


class Standing:
    """A clock that stands still."""

    def now_ns(self) -> int:
        """Return the instant."""
        return 5_000_000_000

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Return at once."""


@pytest.fixture
def run(make_plan: Callable[..., Plan], plan_text: str, tmp_path: Path) -> Path:
    """Return the folder of a run whose conductor died while it held a fault."""
    plan = make_plan(plan_text)
    folder.write_json(tmp_path / folder.PLAN, plan.model_dump(mode="json"))
    folder.write_json(tmp_path / folder.SCHEDULE, build(plan))
    record = record_of(plan, tmp_path.name, at=datetime.now(UTC), defects=(), toxiproxy=None)
    folder.write_json(tmp_path / folder.RUN, record)
    folder.write_json(tmp_path / ORIGIN, Origin(origin_ns=2_000_000_000))
    log = HistoryLog(tmp_path / folder.CONDUCTOR_LOG)
    log.append(Row(kind=Kind.STOCK, f="flash", sent_ns=1, qty=50))
    log.close()
    protocol = ProtocolLog(tmp_path, Standing())
    protocol.begin(ProtocolStep.INJECT, "payment_unreachable")
    protocol.begin(ProtocolStep.HOLD, "payment_unreachable")
    return tmp_path


def test_a_run_is_completed(run: Path) -> None:
    """It is INVALID, says where it was, and its history has the protocol on the run's clock."""
    (run / folder.REPORT).write_text("GO")
    (run / ".history.parquet").write_text("half")
    assert complete(run) == "INVALID"

    record = json.loads((run / folder.RUN).read_text())
    history = pl.read_parquet(run / folder.HISTORY).filter(pl.col("kind") == "protocol")
    assert record["stopped"] == "its conductor died, while it was at the step hold"
    assert record["origin_ns"] == 2_000_000_000
    assert history.select("f", "sent_ns").rows() == [("inject", 3_000_000_000), ("hold", 3_000_000_000)]
    assert json.loads((run / folder.VERDICT).read_text())["verdict"] == "INVALID"
    assert not (run / folder.REPORT).exists()
    assert not (run / ".history.parquet").exists()


def test_a_line_that_was_cut_is_taken_away(run: Path) -> None:
    """What a killed writer left half written must not become a bad line in the midst."""
    with (run / folder.CONDUCTOR_LOG).open("ab") as log:
        log.write(b'{"kind":"sto')

    assert complete(run) == "INVALID"
    assert pl.read_parquet(run / folder.HISTORY).height == 3


def test_completing_twice_changes_nothing(run: Path) -> None:
    """Supervisor and `rehearse heal` may both come to it."""
    complete(run)
    before = pl.read_parquet(run / folder.HISTORY)
    complete(run)

    assert pl.read_parquet(run / folder.HISTORY).equals(before)


def test_a_death_before_the_first_step(run: Path) -> None:
    """Without protocol and origin the run is as readable."""
    (run / folder.PROTOCOL).unlink()
    (run / ORIGIN).unlink()

    assert complete(run) == "INVALID"
    assert json.loads((run / folder.RUN).read_text())["stopped"] == "its conductor died"


def test_a_signed_run_is_left_alone(run: Path) -> None:
    """Whoever died after signing has done all there was to do."""
    (run / folder.EVIDENCE).write_text("{}")
    before = (run / folder.RUN).read_bytes()

    assert complete_quietly(run) == "It had ended."
    assert (run / folder.RUN).read_bytes() == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param(folder.PLAN, "{", id="a plan that is no plan"),
        pytest.param(folder.PROTOCOL, "{\n" * 2, id="lines cut by a full disk"),
    ],
)
def test_a_folder_beyond_reading(run: Path, name: str, content: str) -> None:
    """It is said in a sentence, and whoever heals goes on with the next run."""
    (run / name).write_text(content)

    assert "could not be completed" in complete_quietly(run)
