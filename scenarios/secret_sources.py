"""Where the plan's secrets come from, and how a process reads them: names and places travel, values never."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.model.secrets import SHORTEST, Secrets, too_common

#: A longer file is no secret: what never ends, such as a device, would fill the memory.
_LARGEST = 65_536
_HOME = "~"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where one secret is: in the environment variable `env`, or in a `file`, absolute or from `~` on."""

    name: str
    env: str = ""
    file: str = ""


def sources_of(plan: Plan) -> tuple[Source, ...]:
    """Return where a plan's secrets are, as a process started in any folder can read them."""
    return tuple(
        Source(name=name, env=source.env or "", file=source.file and from_anywhere(source.file))
        for name, source in plan.secrets.items()
    )


def from_anywhere(file: str) -> str:
    """Return a path that means the same in every folder; one from `~` on means each user's own."""
    return file if file.startswith(_HOME) else str(Path(file).absolute())


def read_secrets(sources: tuple[Source, ...], env: Mapping[str, str]) -> Secrets:
    """Return the secrets of these sources; RehearsalError names the one that is missing or too short."""
    return Secrets({source.name: _checked(source, _read(source, env)) for source in sources})


def _read(source: Source, env: Mapping[str, str]) -> str:
    if source.env:
        if source.env not in env:
            raise RehearsalError(
                f"The secret {source.name} is to be in the environment variable {source.env}, which is not "
                f"set; set it, or name another source in [secrets]."
            )
        return env[source.env]
    try:
        value = _content(Path(source.file).expanduser())
    except (OSError, UnicodeDecodeError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or error
        raise RehearsalError(
            f"The secret {source.name} is to be in the file {source.file}, which cannot be read: {why}."
        ) from None
    if len(value) > _LARGEST:
        raise RehearsalError(f"The secret {source.name}: {source.file} is longer than {_LARGEST:,} letters.")
    return value.removesuffix("\n").removesuffix("\r")


def _content(path: Path) -> str:
    if path.is_fifo():
        raise OSError("it is a pipe, which only one of a drill's processes could read")
    with path.open(encoding="utf-8", newline="") as file:
        return file.read(_LARGEST + 1)


def _checked(source: Source, value: str) -> str:
    where = f"in {source.env}" if source.env else f"in {source.file}"
    if len(value) < SHORTEST:
        raise RehearsalError(
            f"The secret {source.name} {where} has {len(value)} letters; with fewer than {SHORTEST} it could "
            "not be told from other text when the run's files are searched for it."
        )
    if too_common(value):
        raise RehearsalError(
            f"The secret {source.name} {where} is a short number, which could not be told from other numbers "
            "when the run's files are searched for it; use one with letters."
        )
    return value
