from collections.abc import Callable

import pytest

from rehearsal.model.plan import Plan
from rehearsal.model.timeline import Window, timeline_of

S = 1_000_000_000


def test_phases_follow_one_another_and_faults_lie_inside(make_plan: Callable[..., Plan]) -> None:
    """Windows are half-open and gapless; a fault begins after_s into its phase and lasts hold_s."""
    timeline = timeline_of(make_plan())

    assert timeline.windows == (
        Window(0, 10 * S),
        Window(10 * S, 14 * S),
        Window(14 * S, 20 * S),
        Window(20 * S, 26 * S),
    )
    assert timeline.faults[0].window == Window(15 * S, 19 * S)
    assert timeline.end_ns == 26 * S


@pytest.mark.parametrize(
    ("at_ns", "name"),
    [
        pytest.param(-5, "normal", id="before the start: the first"),
        pytest.param(0, "normal", id="the very start"),
        pytest.param(10 * S - 1, "normal", id="just before a boundary"),
        pytest.param(10 * S, "burst", id="on a boundary: the later phase"),
        pytest.param(99 * S, "back", id="after the end: the last"),
    ],
)
def test_every_instant_has_a_phase(make_plan: Callable[..., Plan], at_ns: int, name: str) -> None:
    """An instant belongs to the phase whose window holds it."""
    assert timeline_of(make_plan()).phase_at(at_ns).name == name


def test_windows_know_their_length_and_what_they_hold(make_plan: Callable[..., Plan]) -> None:
    """The end is outside, the start inside; an unknown phase is a KeyError."""
    timeline = timeline_of(make_plan())
    window = timeline.window_of("burst")

    assert window.duration_s == 4.0
    assert window.start_ns in window
    assert window.end_ns not in window
    with pytest.raises(KeyError, match="nowhere"):
        timeline.window_of("nowhere")
