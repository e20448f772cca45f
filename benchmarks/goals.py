"""The goals, and whether a document meets them. A figure that is null meets nothing and breaks nothing."""

from collections.abc import Callable

import msgspec

from benchmarks.results import Document

#: Memory counts as flat if it grows by less than this, in MB a minute.
FLAT_MB_PER_MIN = 1.0


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """One figure and what it should be: at least, at most or below `limit`."""

    name: str
    limit: float
    sense: str
    figure: Callable[[Document], float | None]

    def met(self, document: Document) -> bool | None:
        """Tell whether the goal is met, None if there is no figure."""
        figure = self.figure(document)
        if figure is None:
            return None
        return {"≥": figure >= self.limit, "≤": figure <= self.limit, "<": figure < self.limit}[self.sense]


def _ratio(section: str, peer: str) -> Callable[[Document], float | None]:
    def figure(document: Document) -> float | None:
        figures = document.closed_loop if section == "closed_loop" else document.clean_rate
        return figures[peer]

    return figure


def _memory_share(peer: str) -> Callable[[Document], float | None]:
    def figure(document: Document) -> float | None:
        ours, theirs = (document.memory[name].mb_per_1000_users for name in ("ours", peer))
        return None if ours is None or not theirs else round(ours / theirs, 3)

    return figure


def _growth(document: Document) -> float | None:
    # Forty seconds are mostly start-up: the quick form shows the figure and judges nothing by it.
    return document.memory["ours"].mb_per_min if document.form == "full" else None


def _least(name: str, limit: float) -> Goal:
    section, peer = name.split(".")
    return Goal(name=name, limit=limit, sense="≥", figure=_ratio(section, peer))


GOALS = (
    _least("closed_loop.k6", 3.0),
    _least("closed_loop.fasthttpuser", 4.0),
    _least("closed_loop.wrk", 0.4),
    _least("clean_rate.k6", 4.0),
    _least("clean_rate.fasthttpuser", 4.0),
    _least("clean_rate.ours_per_s", 20_000.0),
    Goal(name="freeze.p95_error", limit=0.05, sense="≤", figure=lambda document: document.freeze.p95_error),
    Goal(name="freeze.p99_error", limit=0.05, sense="≤", figure=lambda document: document.freeze.p99_error),
    Goal(name="memory.users ÷ k6", limit=1.0, sense="<", figure=_memory_share("k6")),
    Goal(name="memory.users ÷ fasthttpuser", limit=1.0, sense="<", figure=_memory_share("fasthttpuser")),
    Goal(
        name="memory.mb_per_min",
        limit=FLAT_MB_PER_MIN,
        sense="<",
        figure=_growth,
    ),
)
