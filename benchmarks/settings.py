"""How long each benchmark runs: the full form, and a quick one that ends within four minutes in all."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from benchmarks.search import Limits

Say = Callable[[str], None]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, rounds and sizes of all benchmarks. Sizes are equal for every tool."""

    name: str
    closed_rounds: int
    closed_users: int = 64
    closed_warm_s: float
    closed_window_s: float
    clean_rounds: int
    clean_users: int = 300
    clean_probe_s: float
    clean_confirm_s: float
    clean_budget_s: float
    clean_limits: Limits
    freeze_rate_per_s: int = 200
    freeze_seconds: float = 30.0
    freeze_for_s: float = 2.0
    freeze_at_s: float = 10.0
    freeze_users: int = 1000
    freeze_together: bool
    memory_seconds: float
    memory_every_s: float
    memory_settle_s: float


FULL = Settings(
    name="full",
    closed_rounds=5,
    closed_warm_s=2.0,
    closed_window_s=5.0,
    clean_rounds=3,
    clean_probe_s=6.0,
    clean_confirm_s=30.0,
    clean_budget_s=1300.0,
    clean_limits=Limits(tolerance=0.04, tries=2),
    freeze_together=False,
    memory_seconds=600.0,
    memory_every_s=5.0,
    memory_settle_s=90.0,
)
QUICK = Settings(
    name="quick",
    closed_rounds=2,
    closed_warm_s=0.8,
    closed_window_s=1.5,
    clean_rounds=1,
    clean_probe_s=2.0,
    clean_confirm_s=4.0,
    clean_budget_s=75.0,
    clean_limits=Limits(grow=1.6, tolerance=0.15, tries=2),
    freeze_together=True,
    memory_seconds=40.0,
    memory_every_s=1.0,
    memory_settle_s=22.0,
)


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """What every benchmark is handed: its settings, a folder for the tools' files, a way to tell progress."""

    settings: Settings
    folder: Path
    say: Say
