"""All figures of a report, each in two sizes: one for a desk and one for a phone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from reports import canvas
from reports.figure_business import draw_business
from reports.figure_headroom import draw_headroom
from reports.figure_latency import draw_latency
from reports.figure_proof import draw_proof
from reports.figure_rates import draw_rates
from reports.figure_release import draw_release
from reports.figures_capacity import Draw, capacity_figures
from reports.report import Report

_DRAWN: dict[str, Callable[[Report, canvas.Size, str], str]] = {
    "headroom": draw_headroom,
    "rates": draw_rates,
    "latency": draw_latency,
    "business": draw_business,
    "release": draw_release,
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """One figure as inline SVG, `wide` (960 units) and `narrow` (400 units)."""

    wide: str
    narrow: str


def figures_of(report: Report) -> dict[str, Drawing]:
    """Return the figures by name: rates, latency, and those of headroom, business and release that apply.

    Besides, those of capacity, and a `proof-SLUG` for each violation. Equal reports give equal bytes.
    """
    left_out = _without(report)
    draws: dict[str, Draw] = {
        **{name: partial(draw, report) for name, draw in _DRAWN.items() if name not in left_out},
        **capacity_figures(report.capacity),
        **{
            f"proof-{violation.slug}": partial(draw_proof, violation, report.faults)
            for violation in report.violations
        },
    }
    return {name: drawing_of(name, draw) for name, draw in draws.items()}


def drawing_of(name: str, draw: Draw) -> Drawing:
    """Return a figure in both sizes; the ids in it begin with its name."""
    drawn: dict[str, str] = {}
    for size in (canvas.WIDE, canvas.NARROW):
        salt = f"{name}-{size.name}"
        with canvas.style(salt):
            drawn[size.name] = draw(size, salt)
    return Drawing(wide=drawn["wide"], narrow=drawn["narrow"])


def _without(report: Report) -> set[str]:
    """Return the figures that would show nothing: of T-0, of headroom, of steps nobody told apart."""
    reasons = {
        "release": report.t_zero is None,
        "headroom": report.headroom is None,
        "business": not report.plan.traffic.tells_steps,
    }
    return {name for name, applies in reasons.items() if applies}
