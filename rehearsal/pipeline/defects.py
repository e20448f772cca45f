"""The bugs that can be planted in the mock shop: asked of the shop itself, which nothing of ours imports."""

import subprocess
import sys
from collections.abc import Sequence

import msgspec

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan


def known_defects() -> dict[str, str]:
    """Return every defect of the mock shop and a sentence on each."""
    answer = subprocess.run(
        [sys.executable, "-m", "mock_store", "defects"], capture_output=True, check=True, timeout=30
    )
    return msgspec.json.decode(answer.stdout, type=dict[str, str])


def check_defects(plan: Plan, names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, each once; RehearsalError if the shop has no such defect, or is not the mock shop."""
    wanted = tuple(dict.fromkeys(names))
    if not wanted:
        return ()
    if plan.target.shop != "mock":
        raise RehearsalError("--defect plants a bug in the mock shop; this plan's target is another shop.")
    known = known_defects()
    if unknown := [name for name in wanted if name not in known]:
        raise RehearsalError(
            f"The mock shop has no defect {unknown[0]!r}; it has {', '.join(sorted(known))}."
        )
    return wanted
