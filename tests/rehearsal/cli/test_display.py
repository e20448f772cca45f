import io
from collections.abc import Callable

import pytest
from rich.console import Console
from rich.live import Live

from rehearsal.cli.capacity_text import trial_head, trial_line
from rehearsal.cli.display import Display, Plain, sparkline, watching
from rehearsal.model.capacity import Band, Met, Purpose, Trial, Wanted
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import Plan
from scenarios.load_order import Progress
from tests.rehearsal.model.search_texts import SEARCH

STEP = Row(
    kind=Kind.FAULT, f="payment_unreachable", done_ns=15_000_000_000, outcome="ok", note="inject: no payment"
)


def shown(display: Display, width: int = 100) -> str:
    """Return a display's picture as text."""
    console = Console(file=io.StringIO(), width=width)
    console.print(display.picture())
    output = console.file
    assert isinstance(output, io.StringIO)
    return output.getvalue()


def test_the_display_shows_phase_load_and_faults(make_plan: Callable[..., Plan]) -> None:
    """Where the run is, what the load does, what was broken."""
    live = Live(console=Console(file=io.StringIO()))
    display = Display(make_plan(), live)
    display.stage("The load runs.")
    assert "requests/s" not in shown(display)

    running = Progress(state="running", at_s=15.5, started=40, in_flight=3, requests_per_s=51.0, p95_ms=88.0)
    display.progress(running)
    display.progress(running)
    display.fault(STEP)
    text = shown(display)

    assert "The load runs." in text
    assert "16 of 26 s" in text
    assert "down" in text
    assert "88 ms" in text
    assert "15.0 s  payment unreachable  inject: no payment" in text
    assert text.count("█") == 1


HEADINGS = ("in flight", "requests/s", "good", "p95", "send lag", "visits", "dropped")


@pytest.mark.parametrize("width", [40, 60, 80, 140])
def test_a_narrow_terminal_cuts_no_heading_and_no_figure(make_plan: Callable[..., Plan], width: int) -> None:
    """Figures take more lines where there is no room beside each other; the curve becomes shorter."""
    display = Display(make_plan(), Live(console=Console(file=io.StringIO())))
    for at in range(200):
        display.progress(
            Progress(
                state="running",
                at_s=at / 10,
                started=20390 + at,
                in_flight=133,
                requests_per_s=1251.0,
                p95_ms=1288.0,
                lag_ms=31.0,
                dropped=12,
            )
        )
    text = shown(display, width)

    assert [name for name in HEADINGS if name not in text] == []
    assert [value for value in ("133", "1251", "1288 ms", "31 ms", "20589", "12") if value not in text] == []
    assert "…" not in text
    assert max(len(line) for line in text.splitlines()) <= width


def test_plain_lines_for_logs_say_each_phase_once(make_plan: Callable[..., Plan]) -> None:
    """Not a terminal: a line when a phase begins, a line a fault step."""
    sink = io.StringIO()
    plain = Plain(make_plan(), sink)
    for at_s in (0.2, 0.4, 10.1):
        plain.progress(Progress(state="running", at_s=at_s, requests_per_s=4.0))
    plain.fault(STEP)

    assert sink.getvalue().splitlines() == [
        "   0.2 s  normal begins; 4 requests/s before",
        "  10.1 s  burst begins; 4 requests/s before",
        "  15.0 s  payment unreachable: inject: no payment",
    ]


def test_several_workers_are_counted(make_plan: Callable[..., Plan]) -> None:
    """How many of them live, where there is more than one; a line when that changes."""
    display = Display(make_plan(), Live(console=Console(file=io.StringIO())))
    display.progress(Progress(state="running", at_s=1.0))
    assert "workers" not in shown(display)
    display.progress(Progress(state="running", at_s=1.0, workers=3, alive=2))
    assert "2 of 3" in shown(display)

    sink = io.StringIO()
    plain = Plain(make_plan(), sink)
    for at_s, alive in ((0.2, 3), (0.4, 3), (1.5, 2)):
        plain.progress(Progress(state="running", at_s=at_s, workers=3, alive=alive))
    assert [line for line in sink.getvalue().splitlines() if "workers" in line] == [
        "   0.2 s  workers: 3 of 3",
        "   1.5 s  workers: 2 of 3",
    ]


@pytest.mark.parametrize(("terminal", "kind"), [(True, Display), (False, Plain)])
def test_a_terminal_gets_the_picture_and_a_pipe_the_lines(
    make_plan: Callable[..., Plan], terminal: bool, kind: type
) -> None:
    """The display follows from what it is shown on."""
    console = Console(file=io.StringIO(), force_terminal=terminal)
    with watching(make_plan(), console) as watcher:
        assert isinstance(watcher, kind)


@pytest.mark.parametrize(
    ("values", "width", "curve"),
    [
        pytest.param([], 5, "", id="nothing yet"),
        pytest.param([0.0, 0.0], 5, "", id="no load yet"),
        pytest.param([7.0, 3.5, 0.0], 5, "█▅▁", id="fewer values than cells"),
        pytest.param([0.0, 2.0, 4.0, 4.0], 2, "▃█", id="more values than cells are averaged"),
    ],
)
def test_sparklines(values: list[float], width: int, curve: str) -> None:
    """The highest cell is a full block."""
    assert sparkline(values, width) == curve


def test_a_strangers_users_are_there_not_late(make_plan: Callable[..., Plan]) -> None:
    """They come at no rate: how many there are is shown, and nothing of visits, drops and send lag."""
    plan = make_plan()
    traffic = plan.traffic.model_copy(update={"locustfile": "theirs.py", "users": 5})
    display = Display(plan.model_copy(update={"traffic": traffic}), Live(console=Console(file=io.StringIO())))
    display.progress(Progress(state="running", at_s=1.0, in_flight=37, requests_per_s=51.0))
    text = shown(display)

    assert "users" in text
    assert "37" in text
    assert not any(word in text for word in ("visits", "dropped", "send lag", "in flight"))


def trial(number: int) -> Trial:
    """Return a trial of a short search."""
    share = Band(low=0.985, value=0.99, high=0.995)
    return Trial(
        number=number,
        wanted=Wanted(purpose=Purpose.BISECT, rate_per_s=41.0, requests=1000),
        start_s=2.0,
        steady_s=4.0,
        end_s=20.5 + number,
        visits=300,
        requests=1000,
        offered_per_s=41.2,
        goodput_per_s=41.0,
        met=(Met(slo_set="strict", promise="p99 <= 300 ms", target=0.99, share=share, samples=1000),),
    )


def test_trials_in_a_log_are_a_table(make_plan: Callable[..., Plan]) -> None:
    """A heading before the first, then a line each, with the time at which it ended."""
    sink = io.StringIO()
    plain = Plain(make_plan(), sink)
    for number in (1, 2):
        plain.trial(trial(number))
    head, *lines = sink.getvalue().splitlines()

    assert head.split() == trial_head().plain.split()
    assert [line[:10] for line in lines] == ["  21.5 s  ", "  22.5 s  "]
    assert [line[10:] for line in lines] == [trial_line(trial(number)).plain for number in (1, 2)]
    assert len(head) == len(" " * 10 + trial_head().plain)


@pytest.mark.parametrize("width", [50, 140])
def test_trials_on_a_terminal_keep_within_it(make_plan: Callable[..., Plan], width: int) -> None:
    """The last dozen, under their heading; where there is no room for all columns, with fewer."""
    display = Display(make_plan(), Live(console=Console(file=io.StringIO(), width=width)))
    assert "purpose" not in shown(display, width)
    for number in range(1, 20):
        display.trial(trial(number))
    text = shown(display, width)
    lines = [line.split() for line in text.splitlines() if line.strip()]

    assert text.count("purpose") == 1
    assert [line[0] for line in lines[-12:]] == [str(number) for number in range(8, 20)]
    assert ("requests" in text) == (width > 72)
    assert max(map(len, text.splitlines())) <= width


def test_a_search_has_no_end_to_show(make_plan: Callable[..., Plan]) -> None:
    """Nobody knows how long it takes: what has passed is told, and no bar."""
    display = Display(make_plan(SEARCH), Live(console=Console(file=io.StringIO())))
    display.progress(Progress(state="running", at_s=2.0))
    assert "2 of 1805 s" in shown(display)
    display.progress(Progress(state="running", at_s=2400.0))

    assert "2400 s" in shown(display)
    assert "of 1805" not in shown(display)
