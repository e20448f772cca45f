"""A plan names files as seen from where it lies; a drill needs them as seen from where it is started."""

import os
from pathlib import Path
from typing import TypeVar

from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import SecretSource, TestData

T = TypeVar("T", TestData, SecretSource)
_TRAFFIC = ("locustfile", "log")


def beside(path: Path, plan: Plan) -> Plan:
    """Return a plan whose locustfile, log, test data, secrets and authorities are where its `path` says."""

    def found(name: str) -> str:
        # What begins with ~ is meant from a user's home, whoever reads it.
        return name if not name or name.startswith("~") else os.path.normpath(path.parent / name)

    traffic = {key: found(getattr(plan.traffic, key)) for key in _TRAFFIC}
    return plan.model_copy(
        update={
            "target": plan.target.model_copy(update={"ca_file": found(plan.target.ca_file)}),
            "traffic": plan.traffic.model_copy(update=traffic),
            "data": {key: _moved(table, found(table.file)) for key, table in plan.data.items()},
            "secrets": {key: _moved(source, found(source.file)) for key, source in plan.secrets.items()},
        }
    )


def _moved(table: T, file: str) -> T:
    return table.model_copy(update={"file": file})
