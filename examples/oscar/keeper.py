"""Starts a shop and everything it needs, and takes it away again: `python keeper.py WANTED`, a JSON object.

It says one line of JSON when the shop stands, or why it does not. It ends, and with it all it started, when
its standard input closes: when whoever started it closes it, or dies, by whatever signal.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import database  # noqa: E402 - found beside this file, wherever it is started

_READY_WITHIN_S = 60.0
_STOP_WITHIN_S = 10.0


class Processes:
    """What was started, to be ended in the opposite order."""

    def __init__(self, logs: Path) -> None:
        """Take the folder of logs."""
        self._logs = logs
        self._started: list[tuple[subprocess.Popen[bytes], int]] = []

    def log(self, name: str) -> Path:
        """Return a process's log."""
        return self._logs / f"{name}.log"

    def run(self, name: str, argv: Sequence[object], env: dict[str, str]) -> None:
        """Run something to its end; RuntimeError if it fails."""
        with self.log(name).open("ab") as told:
            done = subprocess.run(
                list(map(str, argv)),
                cwd=HERE,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=told,
                check=False,
            )
        if done.returncode:
            last = self.log(name).read_text(errors="replace").strip().splitlines()[-1:]
            raise RuntimeError(f"{name} ended with {done.returncode}: {' '.join(last)}")

    def start(self, name: str, argv: Sequence[object], env: dict[str, str]) -> None:
        """Start something that runs until it is ended."""
        with self.log(name).open("ab") as told:
            process = subprocess.Popen(
                list(map(str, argv)), cwd=HERE, env=env, stdin=subprocess.DEVNULL, stdout=told, stderr=told
            )
        self.took(process, signal.SIGTERM)

    def took(self, process: "subprocess.Popen[bytes]", ends_with: int) -> None:
        """Take over a process and the signal that ends it well."""
        self._started.append((process, ends_with))

    def stop(self) -> None:
        """End all, the last first; kill what does not end."""
        while self._started:
            process, ends_with = self._started.pop()
            process.send_signal(ends_with)
            try:
                process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def standing(wanted: dict[str, Any]) -> Iterator[None]:
    """Hold a shop with an empty order book; nothing of it is left afterwards but its logs."""
    folder, logs = Path(wanted["folder"]), Path(wanted["logs"])
    # The database's user passes through here and sees nothing.
    folder.chmod(0o711)
    data = folder / "shop"
    data.mkdir(mode=0o700)
    logs.mkdir(parents=True, exist_ok=True)
    processes = Processes(logs)
    try:
        _start_all(wanted, processes, folder, data)
        yield
    finally:
        processes.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _require_free(port: int, option: str) -> None:
    """Say in one sentence that a port is taken: another's answers would be taken for this shop's."""
    with contextlib.closing(socket.socket()) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            raise RuntimeError(
                f"Port {port} is in use; end the program that holds it, or choose another with --{option}."
            ) from None


def _start_all(wanted: dict[str, Any], processes: Processes, folder: Path, data: Path) -> None:
    for option in ("port", "payment-port", "database-port"):
        _require_free(wanted[option.replace("-", "_")], option)
    env = {**os.environ, **_settings(wanted, data)}
    if wanted["database"] == "postgresql":
        server = database.start(folder, wanted["database_port"], processes.log("postgresql"))
        processes.took(server.process, signal.SIGINT)  # its fast shutdown: it waits for no client
        env["SHOP_DATABASE_PASSWORD"] = server.password
    if not wanted["provider_dead"]:
        declining = ["--decline-all"] if wanted["decline_all"] else []
        argv = [sys.executable, HERE / "provider.py", wanted["payment_port"], *declining]
        processes.start("provider", argv, env)
    python = HERE / ".venv/bin/python"
    direct = {"SHOP_DATABASE_PORT": str(wanted["database_port"])}
    processes.run("seed", [python, "-m", "shop.seed", wanted["stock"]], env | direct)
    served = ["-m", "gunicorn", "shop.wsgi", "--bind", f"127.0.0.1:{wanted['port']}", "--no-control-socket"]
    crew = ["--worker-class", "gthread", "--workers", wanted["workers"], "--threads", wanted["threads"]]
    # A client may use a connection again: it must not be closed under its hands.
    processes.start("shop", [python, *served, *crew, "--keep-alive", "60", "--graceful-timeout", "2"], env)
    _wait_for(f"http://127.0.0.1:{wanted['port']}/health", processes.log("shop"))


def _settings(wanted: dict[str, Any], data: Path) -> dict[str, str]:
    """Return the environment that `shop.settings` reads."""
    return {
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "SHOP_DATA": str(data),
        "SHOP_SECRET_KEY": token_urlsafe(32),
        "SHOP_DATABASE": wanted["database"],
        "SHOP_DATABASE_HOST": "127.0.0.1",
        "SHOP_DATABASE_PORT": str(wanted["database_at"]),
        "SHOP_PAYMENT_URL": f"http://127.0.0.1:{wanted['payment_at']}",
    }


def _wait_for(url: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urlopen(url, timeout=5):  # noqa: S310 - on this machine
            return
        time.sleep(0.2)
    raise RuntimeError(f"The shop did not start; {log} says why.")


def _tell(said: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(said)}\n")
    sys.stdout.flush()


def main() -> None:
    """Hold the shop until standard input closes."""
    # Ctrl-C at a terminal reaches everyone; who started this decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with standing(json.loads(sys.argv[1])):
            _tell({"ready": True})
            sys.stdin.read()
    except (RuntimeError, OSError) as error:
        _tell({"ready": False, "why": str(error)})


if __name__ == "__main__":
    main()
