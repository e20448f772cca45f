"""One violation on a timeline: a lane for everybody who appears in the proof, a number for each step.

The kin is Jepsen's timeline of a failed history, cut down to the operations that prove it. The numbers are
those of the list under the figure.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from reports.canvas import INK, MUTED, PAPER, RULE, SMALL, VERMILION, Size, axes_at, new_figure, svg_of
from reports.fault_story import FaultStory
from reports.time_axis import span_of
from reports.violations import ProofStep, Violation

_LANE, _TOP, _BOTTOM = 34.0, 26.0, 46.0
_LEFT = {"wide": 190.0, "narrow": 112.0}
_LONGEST = {"wide": 26, "narrow": 14}
#: Steps of one lane nearer than this share of the width are written one above the other.
_NEAR = 0.03
_AROUND = 0.08
_SHORTEST_S = 1.0


def draw_proof(violation: Violation, faults: Sequence[FaultStory], size: Size, salt: str) -> str:
    """Return the figure of one violation as SVG; faults in force meanwhile are shaded."""
    lanes = violation.lanes
    figure = new_figure(size, _TOP + _LANE * len(lanes) + _BOTTOM)
    axes = axes_at(figure, left=_LEFT[size.name], right=24, top=_TOP, bottom=_TOP + _LANE * len(lanes))
    first_s, last_s, after_s = stretch_of(violation.steps)
    axes.set_xlim(first_s, after_s)
    axes.set_ylim(len(lanes) - 0.5, -0.5)
    axes.set_yticks(range(len(lanes)), [_short(lane, _LONGEST[size.name]) for lane in lanes])
    axes.tick_params(axis="y", labelcolor=INK)
    ticks = MaxNLocator(4 if size.is_narrow else 8).tick_values(first_s, last_s)
    axes.set_xticks([tick for tick in ticks if first_s <= tick <= last_s])
    axes.set_xlabel("seconds since the start")
    axes.spines["bottom"].set_color(MUTED)
    axes.axvline(last_s, color=RULE, linewidth=0.8, linestyle=(0, (2, 3)))
    axes.annotate(
        "after the run",
        (after_s, -0.5),
        xytext=(0, 6),
        textcoords="offset points",
        ha="right",
        fontsize=SMALL,
        color=MUTED,
    )
    _shade(axes, faults, first_s, last_s)
    _mark(axes, violation.steps, lanes, (last_s + after_s) / 2)
    title = f"Proof of {violation.title}"
    return svg_of(figure, title=title, description=describe_proof(violation), salt=salt)


def describe_proof(violation: Violation) -> str:
    """Return in a sentence what the figure shows."""
    return f"{len(violation.steps)} steps of {', '.join(violation.lanes)} that prove: {violation.summary}"


def stretch_of(steps: Sequence[ProofStep]) -> tuple[float, float, float]:
    """Return where the axis begins, where the run's part ends, and where the axis ends (seconds)."""
    known = [step.at_s for step in steps if step.at_s is not None] or [0.0]
    length_s = max(max(known) - min(known), _SHORTEST_S)
    first_s = max(0.0, min(known) - _AROUND * length_s)
    last_s = max(*known, first_s + length_s) + _AROUND * length_s
    return first_s, last_s, last_s + 0.16 * length_s


def _shade(axes: Axes, faults: Sequence[FaultStory], first_s: float, last_s: float) -> None:
    for story in faults:
        span = span_of(story, last_s)
        if span is not None and span[1] > first_s and span[0] < last_s:
            begin_s, end_s = max(span[0], first_s), min(span[1], last_s)
            axes.axvspan(begin_s, end_s, color=VERMILION, alpha=0.13, linewidth=0)


def _mark(axes: Axes, steps: Sequence[ProofStep], lanes: Sequence[str], after_s: float) -> None:
    left, right = axes.get_xlim()
    placed: dict[str, tuple[float, int]] = {}
    for step in steps:
        at_s = after_s if step.at_s is None else step.at_s
        before_s, level = placed.get(step.who, (-1e18, 0))
        level = (level + 1) % 3 if at_s - before_s < _NEAR * (right - left) else 0
        placed[step.who] = (at_s, level)
        lane = lanes.index(step.who)
        axes.annotate(
            str(step.number),
            (at_s, lane),
            xytext=(0, (0, 9, -9)[level]),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=SMALL,
            color=PAPER,
            fontweight="bold",
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": INK, "edgecolor": PAPER, "linewidth": 0.8},
        )


def _short(name: str, longest: int) -> str:
    # From the front: what tells two shoppers or two orders apart stands at the end of their names.
    return name if len(name) <= longest else f"\N{HORIZONTAL ELLIPSIS}{name[1 - longest :]}"
