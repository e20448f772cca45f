"""hey and wrk: closed loops that parse no body. What they say is not read: the target counts."""

from pathlib import Path

from benchmarks.commands.peer import Command, Job, Kind, Peer, Said
from benchmarks.tools import ROOT

_LUA = ROOT / "benchmarks" / "peers" / "wrk.lua"
_NO_SCHEDULE = dict.fromkeys((Kind.CLEAN, Kind.FREEZE, Kind.SOAK), "a closed loop: it cannot keep a schedule")


def _hey(tool: Path, job: Job) -> Command:
    return (
        str(tool),
        "-z",
        f"{job.seconds:g}s",
        "-c",
        str(job.users),
        "-cpus",
        "1",
        f"{job.url}/products/p0007",
    )


def _wrk(tool: Path, job: Job) -> Command:
    users, seconds = str(job.users), f"{max(1, round(job.seconds))}s"
    return (str(tool), "-t", "1", "-c", users, "-d", seconds, "-s", str(_LUA), job.url)


def unread(text: str) -> Said:
    """Take nothing from a tool whose word is not needed."""
    del text
    return Said()


HEY = Peer(
    name="hey",
    tool="hey",
    title="hey",
    commands={Kind.CLOSED: _hey},
    cannot=_NO_SCHEDULE,
    parse=unread,
    note="one URL only: a single GET instead of five steps; bodies not parsed",
)
WRK = Peer(
    name="wrk",
    tool="wrk",
    title="wrk",
    commands={Kind.CLOSED: _wrk},
    cannot=_NO_SCHEDULE,
    parse=unread,
    note="five steps in turn with a fixed order id; bodies not parsed, visits not recorded",
)
