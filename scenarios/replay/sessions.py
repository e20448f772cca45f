"""From requests to sessions: one visitor's requests without a long pause between them."""

from typing import NamedTuple

import numpy as np
import polars as pl

from scenarios.replay.paths import MOST_TEMPLATES, OTHER, Mapping, templates_of
from scenarios.replay.steps import Ints, Steps, expand

#: A visitor silent for longer begins a new session; the usual choice of web analytics.
GAP_S = 1800.0


class Sessions(NamedTuple):
    """Sessions, and what their steps asked for: `Steps.row` points into `asked`.

    `asked` has a row for each distinct request: `method`, `target`, `label`, `step`, `send`, and
    `template`, an index into the labels. `folded`: the steps whose template is too rare to be told apart.
    """

    steps: Steps
    asked: pl.DataFrame
    folded: int


def sessionise(requests: pl.DataFrame, mapping: Mapping, gap_s: float = GAP_S) -> Sessions:
    """Cut requests (columns REQUEST) into sessions."""
    asked, row_of = _asked(requests, mapping)
    counts = asked["count"].to_numpy()
    at_ns, visitor = requests["at_ns"].to_numpy(), requests["visitor"].to_numpy()
    order = np.lexsort((at_ns, visitor))
    at_ns, visitor, row = at_ns[order], visitor[order], row_of[order]
    is_new = np.concatenate([[True], (visitor[1:] != visitor[:-1]) | (np.diff(at_ns) > gap_s * 1e9)])
    first = np.flatnonzero(is_new).astype(np.int64)
    length = np.diff(np.append(first, len(at_ns)))
    by_start = np.argsort(at_ns[first], kind="stable")
    steps = expand(first[by_start], length[by_start])
    labels, codes = _labels(asked)
    return Sessions(
        steps=Steps(length[by_start], at_ns[steps], codes[row[steps]], row[steps], labels),
        asked=asked.drop("count").with_columns(pl.Series("template", codes)),
        folded=int(counts[codes == labels.index(OTHER)].sum()) if OTHER in labels else 0,
    )


def _asked(requests: pl.DataFrame, mapping: Mapping) -> tuple[pl.DataFrame, Ints]:
    """Return the distinct requests, most frequent first, and for each request which of them it is."""
    key = ["method", "target"]
    distinct = (
        requests.group_by(key).len("count").with_columns(pl.col(key).cast(pl.String).name.suffix("_text"))
    )
    distinct = distinct.sort(["count", "method_text", "target_text"], descending=[True, False, False])
    text = distinct.select(pl.col("method_text").alias("method"), pl.col("target_text").alias("target"))
    asked = text.hstack(templates_of(text, mapping)).with_columns(distinct["count"])
    index = requests.select(key).join(
        distinct.select(key).with_row_index("row"), on=key, how="left", maintain_order="left"
    )
    return asked, index["row"].cast(pl.Int64).to_numpy()


def _labels(asked: pl.DataFrame) -> tuple[tuple[str, ...], Ints]:
    """Return the templates told apart, most frequent first, and each distinct request's index among them."""
    totals = (
        asked.group_by("label").agg(pl.col("count").sum()).sort(["count", "label"], descending=[True, False])
    )
    known = totals["label"].to_list()
    labels = known if len(known) <= MOST_TEMPLATES else [*known[: MOST_TEMPLATES - 1], OTHER]
    index = {label: number for number, label in enumerate(labels)}
    last = len(labels) - 1
    codes = np.array([index.get(label, last) for label in asked["label"]], dtype=np.int64)
    return tuple(labels), codes
