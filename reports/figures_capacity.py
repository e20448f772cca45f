"""The figures of the section on capacity; what has nothing to show is left out."""

from collections.abc import Callable
from functools import partial

from reports.canvas import Size
from reports.capacity import CapacityPage
from reports.figure_dimensions import draw_dimensions
from reports.figure_goodput import draw_goodput
from reports.figure_overload import draw_overload
from reports.figure_quantiles import draw_quantiles
from reports.figure_resources import draw_resources
from reports.figure_search import draw_search
from reports.figure_surviving import draw_surviving

Draw = Callable[[Size, str], str]


def capacity_figures(page: CapacityPage | None) -> dict[str, Draw]:
    """Return by name how each figure that applies is drawn, given a size and a salt."""
    if page is None:
        return {}
    figures = {
        "capacity-goodput": (draw_goodput, page.record.trials),
        "capacity-quantiles": (draw_quantiles, page.plain),
        "capacity-search": (draw_search, page.record.trials),
        "capacity-overload": (draw_overload, page.overlap),
        "capacity-surviving": (draw_surviving, page.scenes),
        "capacity-resources": (draw_resources, any(row.limit is not None for row in page.resources)),
        "capacity-dimensions": (draw_dimensions, page.dimensions),
    }
    return {name: partial(draw, page) for name, (draw, shown) in figures.items() if shown}
