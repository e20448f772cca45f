"""Values that tests all over the tree need: small plans, a clock that stands still."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings

from rehearsal.model.plan import Plan
from rehearsal.model.plan_check import check_plan

# Locust patches the standard library of the process that imports it first; tests want its classes only.
with pytest.MonkeyPatch.context() as first:
    first.setenv("LOCUST_SKIP_MONKEY_PATCH", "1")
    import_module("locust")

# The same examples each time: a run is green or red for what was changed. `--hypothesis-profile=default`
# draws new ones, and what it finds becomes an example of its own.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("repeatable")

CURVES = ("worldcup98_1998-07-07.csv",)

SMALL = """
name = "small"
seed = 7

[traffic]
normal_per_s = 2.0
multiplier = 5.0
mix = { browse = 0.5, cart = 0.3, flash_sale = 0.2 }

[forecast]
peak_per_s = 10.0

[sale]
opens_with = "burst"

[[phases]]
name = "normal"
kind = "normal"
duration_s = 10.0
rate = 1.0

[[phases]]
name = "burst"
kind = "burst"
duration_s = 4.0
start = 1.0
end = 5.0

[[phases]]
name = "down"
kind = "fault"
duration_s = 6.0
rate = 5.0

[[phases]]
name = "back"
kind = "recovery"
duration_s = 6.0
rate = 5.0

[[faults]]
kind = "payment_unreachable"
phase = "down"
hold_s = 4.0
recover_within_s = 5.0

[slo.normal]
p95_ms = 250.0
p99_ms = 500.0
goodput = 0.99
payment_success = 0.99

[slo.burst]
p95_ms = 300.0
p99_ms = 600.0
goodput = 0.99
payment_success = 0.98

[slo.fault]
p95_ms = 1500.0
p99_ms = 3000.0
goodput = 0.90
payment_success = 0.90
"""


@pytest.fixture
def plan_text() -> str:
    """Return a small plan with one fault, as TOML."""
    return SMALL


@pytest.fixture
def make_plan() -> Callable[..., Plan]:
    """Return a function that checks a plan text (default: the small plan)."""

    def make(text: str = SMALL) -> Plan:
        return check_plan(text, source="small.toml", curves=CURVES)

    return make


@dataclass
class StillClock:
    """A clock that moves only when somebody sleeps or a test pushes it."""

    at_ns: int = 1_000_000_000
    slept_ns: list[int] = field(default_factory=list)

    def now_ns(self) -> int:
        """Return the instant."""
        return self.at_ns

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Jump to the instant."""
        self.slept_ns.append(instant_ns)
        self.at_ns = max(self.at_ns, instant_ns)


@pytest.fixture
def still_clock() -> StillClock:
    """Return a clock that stands still."""
    return StillClock()


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a HOME of its own, with nothing in it, and return it."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return home
