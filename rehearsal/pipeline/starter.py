"""What `rehearse init` writes: a folder with a plan, an adapter and how to go on."""

import re
from importlib.resources import files
from pathlib import Path

from rehearsal.model.errors import RehearsalError
from scenarios import starter

FILES = ("plan.toml", "storefront.py", "README.md")

#: The name that the starter's own files bear.
_THEIRS = "my-sale"
#: The name of a plan, and of a folder that needs no quoting.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def write_starter(name: str, out: Path) -> Path:
    """Write the starter's files into the new folder `out`/`name` and return it; nothing is overwritten.

    RehearsalError for a name that no plan can bear, and if something of that name is there already.
    """
    if not _NAME.fullmatch(name):
        raise RehearsalError(
            f"{name!r} cannot name a plan: use up to 40 of a-z, 0-9, - and _, the first a letter or a digit."
        )
    folder = out / name
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise RehearsalError(
            f"{folder} cannot be made ({error.strerror}); nothing was written. "
            "Choose another name, or another folder with --out."
        ) from None
    for file in FILES:
        (folder / file).write_text(text_of(file, name), encoding="utf-8")
    return folder


def text_of(file: str, name: str) -> str:
    """Return the text of one of the files for a plan of this name."""
    return (files(starter) / file).read_text(encoding="utf-8").replace(_THEIRS, name)
