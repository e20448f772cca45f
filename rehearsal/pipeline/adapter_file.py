"""Where a plan's adapter lies: beside the plan, or in the folder a drill is started in."""

import os
import sys
from pathlib import Path

from rehearsal.model.errors import RehearsalError


def offer_beside(plan: Path, adapter: str) -> None:
    """Let `adapter` (package.module:Class) be imported from the folder of the plan's file, if it lies there.

    RehearsalError if the folder a drill is started in has another of that name: who can tell which is meant?
    The folder comes last, so that a file in it can add modules but replace none; load processes are given it.
    """
    module = adapter.partition(":")[0]
    beside, here = Path(os.path.normpath(plan.parent.absolute())), Path.cwd()
    own = _file_of(beside, module)
    if own is None:
        return
    other = _file_of(here, module)
    if other is not None and other.read_bytes() != own.read_bytes():
        raise RehearsalError(
            f"There are two adapters of the name {module}, and they differ: {own} beside the plan, and "
            f"{other} in the folder you are in. Rename or remove one, or start in {beside}."
        )
    if str(beside) not in sys.path:
        sys.path.append(str(beside))


def _file_of(folder: Path, module: str) -> Path | None:
    place = folder.joinpath(*module.split("."))
    files = (place.with_name(f"{place.name}.py"), place / "__init__.py")
    return next((file for file in files if file.is_file()), None)
