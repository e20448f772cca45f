"""Addresses and crews as a person writes them on the command line."""

from rehearsal.model.errors import RehearsalError
from rehearsal.pipeline.crew import PORT, Crew

_HIGHEST = 65535


def address_of(text: str, *, option: str) -> tuple[str, int]:
    """Return host and port of `HOST`, `HOST:PORT` or `[v6]:PORT`; RehearsalError if it is none of them."""
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]") or (":" in host and not host.startswith("[")):
        host, port = text, str(PORT)
    host = host.removeprefix("[").removesuffix("]")
    if not (host and port.isascii() and port.isdecimal() and 0 < int(port) <= _HIGHEST):
        raise RehearsalError(f"{option} {text} is no HOST or HOST:PORT; write for instance 10.0.0.5:{PORT}.")
    return host, int(port)


def crew_of(workers: int, expect_workers: int, *, bind: str, within_s: float) -> Crew:
    """Return the crew that the options of `drill` ask for; RehearsalError if they ask for two."""
    if not expect_workers:
        return Crew(workers=workers)
    if workers > 1:
        raise RehearsalError("--workers starts them here, --expect-workers awaits them: choose one.")
    host, port = address_of(bind, option="--bind")
    return Crew(workers=expect_workers, elsewhere=True, host=host, port=port, within_s=within_s)
