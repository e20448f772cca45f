"""The report as one HTML file: nothing outside it is referred to, and no script is needed to read it."""

from collections.abc import Mapping
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports import words
from reports.figures import figures_of
from reports.report import Report


def html_of(report: Report, digests: Mapping[str, str]) -> str:
    """Return the page, equal for equal input. `digests`: the SHA-256 of the run's other files, by name."""
    drawings = {
        name: {"wide": Markup(figure.wide), "narrow": Markup(figure.narrow)}  # noqa: S704 - our own SVG, text escaped
        for name, figure in figures_of(report).items()
    }
    page = _environment().get_template("report.html.j2")
    return page.render(report=report, digests=dict(sorted(digests.items())), figures=drawings)


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
        "json": _json,
        "measure": words.measure,
        "money": words.money,
        "multiple": words.multiple,
        "percent": words.percent,
    }
    environment.globals |= {"verdicts": words.VERDICTS, "statuses": words.STATUSES, "times_sign": words.TIMES}
    return environment


def _json(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value, order="sorted"), indent=2).decode()
