"""What the figures were measured on and with: a ratio says little without its machine and versions."""

import json
import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

import psutil

from benchmarks import rig, tools

_PACKAGES = ("locust", "gevent", "geventhttpclient", "requests", "httptools")
_NUMBER = re.compile(r"\d+\.\d+[\w.-]*")


def machine() -> dict[str, str | int | float]:
    """Describe the machine: processor, cores, memory, kernel, how the two sides are pinned, load before."""
    generator, target = rig.cores()
    return {
        "processor": processor(Path("/proc/cpuinfo").read_text(encoding="utf-8")),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "kernel": f"{platform.system()} {platform.release()}",
        "generator_core": generator,
        "target_core": target,
        "load_before": round(os.getloadavg()[0], 2),
    }


def processor(cpuinfo: str) -> str:
    """Return the processor's name from the text of /proc/cpuinfo."""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() in {"model name", "Model", "cpu model"}:
            return value.strip()
    return platform.machine()


def versions() -> dict[str, str | None]:
    """Return each tool's version; None where it is missing or does not tell."""
    found: dict[str, str | None] = {"python": platform.python_version()}
    found |= {name: metadata.version(name) for name in _PACKAGES}
    found |= {name: number(_first_line(name, *argv)) for name, argv in _ASKED.items()}
    found |= {name: _npm(name) for name in ("artillery", "autocannon")}
    # hey tells no version of its own.
    return {**found, "hey": None, "uvloop": _uvloop()}


_ASKED = {"k6": ("version",), "wrk": ("--version",)}


def number(line: str) -> str | None:
    """Return the first version number in a line, None without one."""
    found = _NUMBER.search(line)
    return found.group() if found else None


def _first_line(name: str, *argv: str) -> str:
    path = tools.find(name).path
    if path is None:
        return ""
    done = subprocess.run([str(path), *argv], capture_output=True, text=True, timeout=30, check=False)
    return (done.stdout or done.stderr).split("\n", 1)[0]


def _npm(name: str) -> str | None:
    package = tools.folder() / "npm" / "node_modules" / name / "package.json"
    if not package.exists():
        return None
    version: str = json.loads(package.read_text(encoding="utf-8"))["version"]
    return version


def _uvloop() -> str | None:
    path = tools.find("uvloop").path
    own = next(iter(path.parent.glob("uvloop-*.dist-info")), None) if path else None
    return own.name.removeprefix("uvloop-").removesuffix(".dist-info") if own else None
