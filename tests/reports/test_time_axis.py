"""Names of phases along the top: of many, those that fit; rests between trials are not named or told."""

from dataclasses import replace

from rehearsal.model.plan import Phase, PhaseKind
from rehearsal.model.timeline import Window
from reports.canvas import NARROW, style
from reports.figure_rates import draw_rates
from reports.html import page_of
from reports.report import Report
from tests.reports.test_figures import words_of

TRIALS = 40


def searched(report: Report) -> Report:
    """Return the report with forty short trials and a rest before each, and a long trial at the end."""
    lengths = [(f"{kind} {n:02}", kind) for n in range(TRIALS) for kind in ("rest", "trial")]
    row, end_s = report.phases[0], report.duration_s
    step_ns = round(1e9 * end_s / 2 / len(lengths))
    rows = [
        replace(row, phase=phase_of(name, kind), window=Window(n * step_ns, (n + 1) * step_ns))
        for n, (name, kind) in enumerate(lengths)
    ]
    last = Window(len(lengths) * step_ns, round(1e9 * end_s))
    return replace(report, phases=(*rows, replace(row, phase=phase_of("the last", "trial"), window=last)))


def phase_of(name: str, kind: str) -> Phase:
    """Return a phase as a search appends it."""
    return Phase.model_construct(name=name, kind=PhaseKind(kind), duration_s=1.0, rate=1.0)


def test_names_that_would_run_into_each_other_are_left_out(go: Report) -> None:
    """On a phone some trials of forty are named, the long one at the end too, and no rest."""
    with style("salt"):
        words = words_of(draw_rates(searched(go), NARROW, "salt"))
    trials = [word for word in words if word.startswith("trial ")]

    assert 3 <= len(trials) < TRIALS
    assert "the last" in words
    assert not any(word.startswith("rest ") for word in words)


def test_rests_have_no_rows_in_the_tables(go: Report) -> None:
    """Nothing was asked in them; a note says that they are left out, and only where there are any."""
    page, plain = page_of(searched(go), {}), page_of(go, {})

    assert "<th>trial 01</th>" in page
    assert "<th>rest 01</th>" not in page
    assert "Rests between trials are left out" in page
    assert "Rests between trials are left out" not in plain
