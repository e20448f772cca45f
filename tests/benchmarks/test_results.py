"""The document: where its figures are, what is null and why, the goals, the table."""

from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks import table
from benchmarks.clean_rate import Attempt, Search
from benchmarks.closed_loop import Round
from benchmarks.freeze import Frozen, truth_ms
from benchmarks.goals import GOALS
from benchmarks.memory import Memory, Soak, Users
from benchmarks.results import NOT_RUN, Circumstances, Document, Raw, document
from benchmarks.truth import NS_PER_S

ABOUT = Circumstances(
    date="2026-11-21T23:00:00+00:00",
    form="quick",
    seconds=200.0,
    machine={"processor": "a processor", "cores": 2},
    versions={"k6": "2.1.0", "hey": None},
)
TRUTH = {"p50": 0.0, "p90": 0.0, "p95": 500.0, "p97_5": 1250.0, "p99": 1700.0}
MISSING = "k6 is not installed; get it"


def a_round(per_s: float, **changes: float) -> Round:
    """Return a round in which the generator was the limit on a quiet machine."""
    return msgspec.structs.replace(
        Round(per_s=per_s, generator_cpu=1.0, target_cpu=0.4, others_cpu=0.02), **changes
    )


def raw(**changes: object) -> Raw:
    """Return everything measured: k6 missing, wrk at the target's limit, the rest fine."""
    closed = {
        "ours": [a_round(60_000.0), a_round(50_000.0), a_round(61_000.0)],
        "k6": [Round(failed=MISSING)],
        "fasthttpuser": [a_round(10_000.0)],
        "httpuser": [a_round(2_000.0)],
        "hey": [a_round(50_000.0)],
        "wrk": [a_round(120_000.0, generator_cpu=0.7, target_cpu=0.99)],
    }
    clean = {
        "ours": [Search(rate_per_s=22_000, confirmed=True), Search(rate_per_s=20_000, confirmed=True)],
        "k6": [Search(failed=MISSING)],
        "fasthttpuser": [Search(rate_per_s=4_000)],
        "httpuser": [Search(failed="no rate was clean")],
    }
    frozen = {
        "ours": Frozen(planned=6000, measured_ms={"p95": 510.0, "p99": 1700.0}, truth_ms=TRUTH),
        "k6": Frozen(failed=MISSING),
        "fasthttpuser": Frozen(measured_ms={"p95": 9.0, "p99": 1500.0}, truth_ms=TRUTH),
        "artillery": Frozen(measured_ms={"p95": 596.0, "p99": 1755.0}, truth_ms=TRUTH),
        "autocannon": Frozen(measured_ms={"p90": 1748.0, "p99": 1978.0}, truth_ms=TRUTH),
    }
    memory = Memory(
        users={
            "ours": Users(mb_per_1000=17.0),
            "k6": Users(failed=MISSING),
            "fasthttpuser": Users(mb_per_1000=27.0),
        },
        soak={
            "ours": Soak(rate_per_s=5000, mb_per_min=0.2, end_mb=70.0),
            "k6": Soak(failed=MISSING),
            "fasthttpuser": Soak(rate_per_s=1500, mb_per_min=0.1, end_mb=46.0),
        },
    )
    whole = Raw(closed_loop=closed, clean_rate=clean, freeze=frozen, memory=memory)
    return msgspec.structs.replace(whole, **changes)


@pytest.fixture
def done() -> Document:
    """Return the document of all benchmarks."""
    return document(raw(), ABOUT)


def test_ratios_are_ours_divided_by_theirs(done: Document) -> None:
    """Medians of rounds are divided; our own rate is named."""
    assert done.closed_loop == {
        "k6": None,
        "fasthttpuser": 6.0,
        "httpuser": 30.0,
        "hey": 1.2,
        "wrk": 0.5,
        "ours_per_s": 60_000.0,
    }


def test_clean_rates_name_our_own(done: Document) -> None:
    """A peer without a schedule or without a clean rate has null."""
    assert done.clean_rate == {
        "k6": None,
        "fasthttpuser": 5.25,
        "httpuser": None,
        "hey": None,
        "wrk": None,
        "ours_per_s": 21_000.0,
    }


def test_freeze_errors_are_numbers_and_peers_are_nested(done: Document) -> None:
    """Ours stand at the top; a percentile a tool does not tell is null."""
    assert (done.freeze.p95_error, done.freeze.p99_error) == (0.02, 0.0)
    assert done.freeze.peers["autocannon"] == {"p95_error": None, "p99_error": 0.1635}
    assert done.freeze.peers["k6"] == {"p95_error": None, "p99_error": None}


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        pytest.param("closed_loop.k6", MISSING, id="missing in the closed loop"),
        pytest.param("clean_rate.k6", MISSING, id="missing in the search"),
        pytest.param("clean_rate.wrk", "a closed loop: it cannot keep a schedule", id="not of its kind"),
        pytest.param("clean_rate.httpuser", "no rate was clean", id="never clean"),
        pytest.param("freeze.k6.p95_error", MISSING, id="missing in the freeze test"),
        pytest.param(
            "freeze.autocannon.p95_error", "the tool does not tell p95; it tells p90, p99", id="not told"
        ),
        pytest.param("memory.k6", MISSING, id="missing in memory"),
    ],
)
def test_every_null_has_its_reason(done: Document, place: str, reason: str) -> None:
    """Under the path of the figure that is null stands why."""
    assert done.why[place] == reason


def test_the_truth_counts_the_backlog() -> None:
    """Those behind the freeze also wait for those before them: some milliseconds, not some percent."""
    truth = truth_ms(200, 30.0, (10 * NS_PER_S, 12 * NS_PER_S))

    assert (truth["p50"], truth["p95"], truth["p99"]) == (0.025, 507.525, 1701.525)


def test_figures_that_are_there_need_no_reason(done: Document) -> None:
    """Only what is null is explained."""
    assert not {"closed_loop.ours", "clean_rate.ours", "closed_loop.wrk", "memory.ours"} & set(done.why)


def test_what_was_not_run_is_null(done: Document) -> None:
    """A document of one benchmark has nulls and says so for the others."""
    part = document(raw(clean_rate=None, freeze=None, memory=None), ABOUT)

    assert (part.clean_rate["ours_per_s"], part.freeze.p95_error) == (None, None)
    assert part.closed_loop == done.closed_loop
    assert {part.why[name] for name in ("clean_rate.ours", "freeze.ours.p95_error", "memory.ours")} == {
        NOT_RUN
    }


def test_the_limit_and_the_strangers_are_named(done: Document) -> None:
    """Which side used its core up, and what others took from the machine."""
    assert (done.limits["ours"], done.limits["wrk"], done.limits["k6"]) == ("generator", "target", "unknown")
    assert done.others_cpu == 0.02


def test_a_disturbed_machine_is_told() -> None:
    """Where strangers took a tenth of a core or more, the page and the table say not to quote it."""
    busy = {"ours": [a_round(9.0, others_cpu=0.5)], "k6": [a_round(3.0, others_cpu=0.5)]}

    page = table.markdown(document(raw(closed_loop=busy), ABOUT))

    assert "other processes used 0.50 cores meanwhile" in page
    assert "Disturbed" not in table.markdown(document(raw(), ABOUT))


def test_the_price_of_a_request_is_told(done: Document) -> None:
    """One core for 60,000 requests a second is 16.7 microseconds each; without a figure there is no price."""
    assert (done.cpu_us_per_request["ours"], done.cpu_us_per_request["k6"]) == (16.7, None)


def test_the_document_survives_its_file(done: Document, tmp_path: Path) -> None:
    """What is written is read back as it was, and the Markdown stands beside it."""
    command.write(done, tmp_path / "out" / "latest.json")

    read = msgspec.json.decode((tmp_path / "out" / "latest.json").read_bytes(), type=Document)

    assert read == done
    assert (tmp_path / "out" / "latest.md").read_text(encoding="utf-8") == table.markdown(done)


def test_goals_are_met_missed_or_unknown(done: Document) -> None:
    """Each goal is judged on its own figure; a null meets nothing and breaks nothing."""
    judged = {goal.name: goal.met(done) for goal in GOALS}

    assert judged == {
        "closed_loop.k6": None,
        "closed_loop.fasthttpuser": True,
        "closed_loop.wrk": True,
        "clean_rate.k6": None,
        "clean_rate.fasthttpuser": True,
        "clean_rate.ours_per_s": True,
        "freeze.p95_error": True,
        "freeze.p99_error": True,
        "memory.users ÷ k6": None,
        "memory.users ÷ fasthttpuser": True,
        "memory.mb_per_min": None,
    }


def test_every_goal_can_be_missed() -> None:
    """Ours slow, late, wrong and growing misses every goal that has a figure."""
    nine, ten = [a_round(9.0)], [a_round(10.0)]
    same = [Search(rate_per_s=100)]
    fat, growing = Users(mb_per_1000=20.0), Soak(mb_per_min=1.0)
    slow = document(
        raw(
            closed_loop={"ours": ten, "k6": nine, "fasthttpuser": nine, "wrk": [a_round(90.0)]},
            clean_rate={"ours": same, "k6": same, "fasthttpuser": same},
            freeze={"ours": Frozen(measured_ms={"p95": 9.0, "p99": 9.0}, truth_ms=TRUTH)},
            memory=Memory(
                users={"ours": fat, "k6": fat, "fasthttpuser": fat},
                soak={"ours": growing, "k6": growing, "fasthttpuser": growing},
            ),
        ),
        ABOUT,
    )

    assert {goal.met(slow) for goal in GOALS if goal.name != "memory.mb_per_min"} == {False}


@pytest.mark.parametrize(
    ("form", "mb_per_min", "expected"),
    [
        pytest.param("full", 0.9, True, id="flat"),
        pytest.param("full", 1.0, False, id="growing"),
        pytest.param("quick", 9.0, None, id="the quick form is too short to judge"),
    ],
)
def test_growth_is_judged_in_the_full_form(form: str, mb_per_min: float, expected: bool | None) -> None:
    """Below 1 MB a minute is flat, if it was watched for long enough."""
    soak = Soak(mb_per_min=mb_per_min)
    memory = Memory(
        users={"ours": Users(), "k6": Users(), "fasthttpuser": Users()},
        soak={"ours": soak, "k6": soak, "fasthttpuser": soak},
    )
    done = document(raw(memory=memory), msgspec.structs.replace(ABOUT, form=form))

    assert GOALS[-1].met(done) == expected


def test_a_rate_from_short_probes_alone_says_so(done: Document) -> None:
    """A search that ran out of time before its long run leaves a note."""
    notes = {row.tool: row.note for row in table.rows(done) if row.benchmark == "clean rate"}

    assert (notes["Locust FastHttpUser"], notes["ours"]) == ("from short probes, not confirmed", "")


def test_the_table_names_missed_goals_and_missing_tools(done: Document) -> None:
    """The terminal's table shows a dash for what is missing and the reason under it."""
    console = Console(width=120, record=True)
    console.print(table.for_terminal(document(raw(), ABOUT)))

    text = console.export_text()

    assert f"k6, closed loop: {MISSING}" in text
    assert "wrk, closed loop: limit: target" in text


def test_markdown_has_a_row_for_every_tool(done: Document) -> None:
    """Each row of the page has all columns."""
    lines = [line for line in table.markdown(done).splitlines() if line.startswith("|")]

    assert len(lines) == 2 + len(table.rows(done))
    assert {line.count("|") for line in lines} == {len(table.COLUMNS) + 1}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="all arrived on time"),
        pytest.param({"arrived": 99}, True, id="one arrival on the very end is forgiven"),
        pytest.param({"arrived": 98}, False, id="two are missing"),
        pytest.param({"said_dropped": 1}, False, id="the tool says it dropped one"),
        pytest.param({"refused": 1}, False, id="the target refused one"),
        pytest.param({"lag_p99_ms": 10.0}, False, id="late"),
        pytest.param({"lag_p99_ms": None}, False, id="no lag known"),
    ],
)
def test_clean_is_complete_and_on_time(changes: dict[str, float | None], expected: bool) -> None:
    """One ruler: everything arrived, nothing dropped or refused, lag p99 below 10 ms."""
    attempt = Attempt(rate_per_s=10, seconds=10.0, planned=100, arrived=100, said_dropped=0, lag_p99_ms=9.9)

    assert msgspec.structs.replace(attempt, **changes).clean == expected


@pytest.mark.parametrize(
    ("generator", "target", "expected"),
    [
        pytest.param(1.0, 0.4, "generator", id="generator"),
        pytest.param(0.7, 0.99, "target", id="target"),
        pytest.param(0.95, 0.95, "both", id="both"),
        pytest.param(0.5, 0.5, "neither", id="neither: something else is"),
        pytest.param(None, None, "neither", id="unknown"),
    ],
)
def test_the_side_that_used_its_core_up(generator: float | None, target: float | None, expected: str) -> None:
    """From 93 % of its core on, a side counts as the limit."""
    assert Round(generator_cpu=generator, target_cpu=target).limit == expected
