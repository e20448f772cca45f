"""All figures of a report, each in two sizes: one for a desk and one for a phone."""

from collections.abc import Callable
from dataclasses import dataclass

from reports import canvas
from reports.figure_business import draw_business
from reports.figure_headroom import draw_headroom
from reports.figure_latency import draw_latency
from reports.figure_rates import draw_rates
from reports.figure_release import draw_release
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
    """Return the figures by name: headroom, rates, latency, business, and release if there was one.

    Equal reports give equal bytes.
    """
    return {
        name: Drawing(wide=_draw(name, report, canvas.WIDE), narrow=_draw(name, report, canvas.NARROW))
        for name in _DRAWN
        if name != "release" or report.t_zero is not None
    }


def _draw(name: str, report: Report, size: canvas.Size) -> str:
    salt = f"{name}-{size.name}"
    with canvas.style(salt):
        return _DRAWN[name](report, size, salt)
