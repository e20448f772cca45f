"""A shop whose traffic is known to the last parameter, and its logs in every format."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from scenarios.replay.steps import Steps

NOON = int(datetime(2026, 11, 10, 12, tzinfo=UTC).timestamp())
NS = 1_000_000_000


@dataclass(frozen=True)
class Hit:
    """One request of a known shop."""

    at_s: float
    visitor: int
    path: str
    method: str = "GET"

    @property
    def address(self) -> str:
        """Return an address no other visitor has."""
        return f"10.{self.visitor >> 16 & 255}.{self.visitor >> 8 & 255}.{self.visitor & 255}"


@dataclass(frozen=True)
class Shop:
    """The truth: sessions a second for a time, transitions, and lognormal think times."""

    rate_per_s: float = 2.0
    span_s: float = 1800.0
    mu: float = 1.5
    sigma: float = 0.6
    paths: tuple[str, ...] = ("/", "/products/{n}", "/cart")
    #: Row: from (the last: start); column: to (the last: end).
    matrix: tuple[tuple[float, ...], ...] = (
        (0.1, 0.6, 0.0, 0.3),
        (0.2, 0.4, 0.2, 0.2),
        (0.0, 0.5, 0.0, 0.5),
        (0.7, 0.3, 0.0, 0.0),
    )

    def hits(self, seed: int = 1) -> list[Hit]:
        """Return the requests of Poisson sessions, in time order."""
        rng = np.random.default_rng(seed)
        found: list[Hit] = []
        starts = np.sort(rng.uniform(0, self.span_s, rng.poisson(self.rate_per_s * self.span_s)))
        for visitor, start in enumerate(starts):
            at_s, state = float(start), len(self.paths)
            while (state := int(rng.choice(len(self.paths) + 1, p=self.matrix[state]))) < len(self.paths):
                path = self.paths[state].replace("{n}", str(int(rng.integers(1, 500))))
                found.append(Hit(at_s, visitor, path))
                at_s += float(rng.lognormal(self.mu, self.sigma))
        return sorted(found, key=lambda hit: hit.at_s)


def combined_line(hit: Hit) -> str:
    """Return a hit as nginx logs it."""
    at = datetime.fromtimestamp(NOON + int(hit.at_s), UTC)
    asked = f"{hit.method} {hit.path} HTTP/1.1"
    return f'{hit.address} - - [{at:%d/%b/%Y:%H:%M:%S +0000}] "{asked}" 200 17 "-" "Mozilla/5.0"'


def json_line(hit: Hit) -> str:
    """Return a hit as a JSON line with milliseconds."""
    return json.dumps(
        {
            "msec": f"{NOON + hit.at_s:.3f}",
            "session_id": f"v{hit.visitor}",
            "request_method": hit.method,
            "request_uri": hit.path,
            "status": 200,
        }
    )


@dataclass
class Logs:
    """Writes logs into a folder."""

    folder: Path
    written: int = field(default=0)

    def write(self, lines: Sequence[str], *, end: str = "\n") -> Path:
        """Write lines as a file and return its path."""
        self.written += 1
        path = self.folder / f"access{self.written}.log"
        path.write_text("\n".join(lines) + end)
        return path


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    """Return a writer of logs."""
    return Logs(tmp_path)


@pytest.fixture
def shop() -> Shop:
    """Return the known shop."""
    return Shop()


@pytest.fixture
def as_combined() -> Callable[[Hit], str]:
    """Return how nginx logs a hit."""
    return combined_line


@pytest.fixture
def as_json() -> Callable[[Hit], str]:
    """Return how a JSON log keeps a hit."""
    return json_line


@pytest.fixture
def make_hit() -> type[Hit]:
    """Return the class of hits."""
    return Hit


@pytest.fixture
def comb() -> list[str]:
    """Return a log of the shape of elastic_semicomplete: four days, all lines in minute :05 of each hour."""
    rng = np.random.default_rng(3)
    hits = [
        Hit(hour * 3600 + 300 + float(rng.uniform(0, 60)), visitor, f"/blog/{rng.integers(40)}")
        for hour in range(84)
        for visitor in rng.integers(0, 5000, 20).tolist()
    ]
    return [combined_line(hit) for hit in hits]


@pytest.fixture
def steps_of() -> Callable[..., Steps]:
    """Return a function that makes Steps of sessions, each a list of (seconds, label index)."""

    def make(*sessions: Sequence[tuple[float, int]], labels: tuple[str, ...] = ("a", "b", "c")) -> Steps:
        ordered = sorted(sessions, key=lambda session: session[0][0])
        flat = [step for session in ordered for step in session]
        return Steps(
            np.array([len(session) for session in ordered], dtype=np.int64),
            np.array([round(at_s * NS) for at_s, _ in flat], dtype=np.int64),
            np.array([label for _, label in flat], dtype=np.int64),
            np.arange(len(flat), dtype=np.int64),
            labels,
        )

    return make


@pytest.fixture
def poisson_steps() -> Callable[..., Steps]:
    """Return a function that makes Poisson sessions of three steps with lognormal think times."""

    def make(rate_per_s: float = 2.0, span_s: float = 1800.0, seed: int = 1) -> Steps:
        rng = np.random.default_rng(seed)
        starts = np.sort(rng.uniform(0, span_s, rng.poisson(rate_per_s * span_s)))
        thinks = rng.lognormal(1.5, 0.6, (len(starts), 2))
        at_s = np.column_stack([starts, starts + thinks[:, 0], starts + thinks.sum(axis=1)])
        return Steps(
            np.full(len(starts), 3, dtype=np.int64),
            (NOON * NS + np.rint(at_s.ravel() * NS)).astype(np.int64),
            rng.integers(0, 3, 3 * len(starts)).astype(np.int64),
            np.arange(3 * len(starts), dtype=np.int64),
            ("a", "b", "c"),
        )

    return make
