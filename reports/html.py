"""The report as one HTML file: nothing outside it is referred to, and no script is needed to read it."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from capacity.starvation import in_runs
from rehearsal.model.faults import Function
from rehearsal.rundir import folder
from reports import words
from reports.figure_dimensions import DIMENSIONS, value_words
from reports.figures import figures_of
from reports.recovery import MEASURES
from reports.report import Report
from reports.two_clocks import MOST_PATHS


def render(report: Report, run: Path) -> str:
    """Return the page of a run in whose folder all files but the report lie; equal files give equal pages."""
    printed = [name for name in folder.signed_in(run) if name != folder.REPORT]  # its own it cannot know
    return page_of(report, {name: folder.sha256_of(run / name) for name in printed})


def page_of(report: Report, digests: Mapping[str, str]) -> str:
    """Return the page, equal for equal input. `digests`: the SHA-256 of the run's other files, by name."""
    drawings = {
        name: {"wide": Markup(figure.wide), "narrow": Markup(figure.narrow)}  # noqa: S704 - our own SVG, text escaped
        for name, figure in figures_of(report).items()
    }
    page = _environment().get_template("report.html.j2")
    return page.render(report=report, digests=dict(digests), figures=drawings)


@cache  # to compile the templates takes longer than to fill them
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "duration": words.duration,
        "instant": words.instant,
        "moment": words.moment,
        "json": _json,
        "measure": words.measure,
        "money": words.money,
        "multiple": words.multiple,
        "percent": words.percent,
        "rate": words.rate,
        "quantity": words.quantity,
        "in_runs": in_runs,
        "chance": words.chance,
        "between": words.between,
    }
    environment.globals |= {
        "verdicts": words.VERDICTS,
        "statuses": words.STATUSES,
        "times_sign": words.TIMES,
        "step_words": words.STEPS,
        "outcomes": words.OUTCOMES,
        "purposes": words.PURPOSES,
        "dimension_words": DIMENSIONS,
        "dimension_value": value_words,
        "rate": words.rate,
        "duration": words.duration,
        "percent": words.percent,
        "most_paths": MOST_PATHS,
        "experiences": words.EXPERIENCES,
        "functions": tuple(Function),
        "recovery_measures": MEASURES,
    }
    return environment


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2).decode()
