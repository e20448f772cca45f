import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console
from rich.live import Live

from rehearsal.cli.display import Display, Plain, sparkline, watching
from rehearsal.model.capacity import Band, Met, Purpose, Trial, Wanted
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import Plan
from scenarios.load_order import Progress

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


HELD, MISSED = Band(low=0.985, value=0.99, high=0.995), Band(low=0.90, value=0.92, high=0.94)
TRIALS = [
    pytest.param(
        {"met": (Met(slo_set="strict", promise="p99 <= 300 ms", target=0.99, share=HELD, samples=1000),)},
        "  21.5 s  trial 3, bisect: 41.2/s, 1000 requests; strict holds",
        id="one SLO set held",
    ),
    pytest.param(
        {
            "met": (
                Met(slo_set="strict", promise="p99 <= 300 ms", target=0.99, share=MISSED, samples=1000),
                Met(slo_set="loose", promise="p99 <= 900 ms", target=0.9, share=MISSED, samples=1000),
            )
        },
        "  21.5 s  trial 3, bisect: 41.2/s, 1000 requests; strict breaks, loose holds",
        id="one broke, one held",
    ),
    pytest.param(
        {"invalid": "sends were 61 ms late"},
        "  21.5 s  trial 3, bisect: 41.2/s, 1000 requests; not believed: sends were 61 ms late",
        id="the generator's fault",
    ),
]


@pytest.mark.parametrize(("part", "line"), TRIALS)
def test_a_trial_is_a_line(make_plan: Callable[..., Plan], part: dict[str, Any], line: str) -> None:
    """What was offered, and which SLO sets held: on a terminal as in a log."""
    trial = Trial(
        number=3,
        wanted=Wanted(purpose=Purpose.BISECT, rate_per_s=41.0, requests=1000),
        start_s=2.0,
        steady_s=4.0,
        end_s=21.5,
        visits=300,
        requests=1000,
        offered_per_s=41.2,
        goodput_per_s=41.0,
        **part,
    )
    sink = io.StringIO()
    Plain(make_plan(), sink).trial(trial)
    display = Display(make_plan(), Live(console=Console(file=io.StringIO())))
    display.trial(trial)

    assert sink.getvalue() == f"{line}\n"
    assert line in shown(display)
