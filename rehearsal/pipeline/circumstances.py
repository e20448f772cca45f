"""Who ran what, when and on what: the facts a reader needs to run it again."""

import hashlib
import importlib.util
import os
import platform
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import psutil

from chaos.toxiproxy_binary import Found
from rehearsal import __version__
from rehearsal.model.plan import Plan
from rehearsal.pipeline.strangers import sha256_of
from rehearsal.rundir import folder
from rehearsal.rundir.record import RunRecord
from scenarios.storefront import load_adapter, offers_of

_PACKAGES = ("locust", "gevent", "granian", "starlette", "polars", "numpy", "toxiproxy-python")
_GIB = 1024**3
_MOST_AT_ONCE = 100


def record_of(
    plan: Plan, run_id: str, *, at: datetime, defects: Sequence[str], toxiproxy: Found | None
) -> RunRecord:
    """Return the record of a run that has not ended: should the harness die, it stays so."""
    return RunRecord(
        schema=folder.SCHEMA,
        run_id=run_id,
        harness_version=__version__,
        started_at=at.isoformat(timespec="seconds"),
        origin_ns=0,
        seed=plan.seed,
        defects=tuple(defects),
        versions={
            "python": platform.python_version(),
            "toxiproxy": toxiproxy.version if toxiproxy else "not used",
            **{name: version(name) for name in _PACKAGES},
            **({"locustfile": sha256_of(plan.traffic.locustfile)} if plan.traffic.is_closed else {}),
        },
        machine={
            "system": platform.platform(),
            "cpus": str(os.cpu_count()),
            "memory_gib": f"{psutil.virtual_memory().total / _GIB:.1f}",
        },
        shop_digest=shop_digest(plan),
        offers=offers_of(load_adapter(plan.target.adapter)) if plan.traffic.tells_steps else None,
        stopped="the harness died before it ended; rehearse heal cleans up",
    )


def shop_digest(plan: Plan) -> str:
    """Return the SHA-256 of what was tested: the mock shop's sources, or the address of another shop."""
    digest = hashlib.sha256()
    if plan.target.shop == "url":
        digest.update(plan.target.url.encode())
        return digest.hexdigest()
    spec = importlib.util.find_spec("mock_store")
    root = Path(next(iter(spec.submodule_search_locations or ())) if spec else "mock_store")
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root)}\n{folder.sha256_of(path)}\n".encode())
    return digest.hexdigest()


def new_run(out: Path, plan: Plan, at: datetime) -> Path:
    """Make the folder of a new run under `out`, named by time, plan and seed.

    Leases know a run by this name, wherever its folder is: hence the milliseconds.
    """
    stem = f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}Z-{plan.name.replace(' ', '-')}-{plan.seed}"
    for attempt in range(_MOST_AT_ONCE):
        run = out / (stem if not attempt else f"{stem}-{attempt}")
        try:
            run.mkdir(parents=True)
        except FileExistsError:
            continue
        return run
    raise FileExistsError(out / stem)
