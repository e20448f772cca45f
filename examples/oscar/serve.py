"""The shop by itself: `python3 serve.py up`, until Ctrl-C. All is fresh at each start and gone at the end.

The first start makes the shop's own environment in `.venv`, beside this file, from `requirements.lock`.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

HERE = Path(__file__).resolve().parent
STAFF_TOKEN = "OSCAR_STAFF_TOKEN"  # noqa: S105 - the name of a variable
_KEEPER_WITHIN_S = 60.0


def say(sentence: str) -> None:
    """Say something to whoever looks on."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def set_up() -> None:
    """Make the shop's environment unless it is there and as the lock says."""
    venv, lock = HERE / ".venv", HERE / "requirements.lock"
    stamp = venv / ".ready"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    say("Setting up the shop's environment, once …")
    subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
    pip: list[str | Path] = [
        venv / "bin/python",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
    ]
    subprocess.run([*pip, "--require-hashes", "-r", lock], check=True)
    stamp.write_bytes(lock.read_bytes())


@contextlib.contextmanager
def shop(wanted: argparse.Namespace) -> Iterator["subprocess.Popen[str]"]:
    """Hold a shop as described by `wanted`; RuntimeError if it does not come up.

    A keeper, in a group of processes of its own, holds all of them. It cleans up when this process dies,
    whatever the signal; should the keeper die first, the whole group is killed and cleaned up after here.
    """
    folder = tempfile.mkdtemp(prefix="oscar-")
    told = json.dumps(vars(wanted) | {"folder": folder})
    argv = [sys.executable, str(HERE / "keeper.py"), told]
    keeper = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        said = json.loads(
            cast("IO[str]", keeper.stdout).readline() or '{"ready": false, "why": "The keeper died."}'
        )
        if not said["ready"]:
            raise RuntimeError(said["why"])
        yield keeper
    finally:
        cast("IO[str]", keeper.stdin).close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            keeper.wait(_KEEPER_WITHIN_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(keeper.pid, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)


def options() -> argparse.ArgumentParser:
    """Return what can be said of a shop."""
    parser = argparse.ArgumentParser(prog="serve.py", description=__doc__)
    parser.add_argument("up", choices=["up"])
    parser.add_argument("--database", choices=["postgresql", "sqlite"], default="sqlite")
    parser.add_argument("--stock", type=int, default=50, help="units of the rushed product")
    parser.add_argument("--port", type=int, default=18120, help="where the shop listens")
    parser.add_argument("--payment-port", type=int, default=18121, help="where its provider listens")
    parser.add_argument("--database-port", type=int, default=18122, help="where PostgreSQL listens")
    parser.add_argument("--payment-at", type=int, help="where the shop looks for its provider: a link")
    parser.add_argument("--database-at", type=int, help="where the shop looks for its database: a link")
    parser.add_argument("--decline-all", action="store_true", help="the provider declines every card")
    parser.add_argument("--provider-dead", action="store_true", help="there is no provider")
    parser.add_argument("--workers", type=int, default=4, help="processes of the shop")
    parser.add_argument("--threads", type=int, default=8, help="threads of each")
    parser.add_argument("--logs", default=str(HERE / "runs/shop"), help="folder of logs")
    return parser


def wanted(*said: str) -> argparse.Namespace:
    """Return a shop as described by command-line options."""
    found = options().parse_args(["up", *said])
    found.payment_at = found.payment_at or found.payment_port
    found.database_at = found.database_at or found.database_port
    return found


def main() -> int:
    """Serve until Ctrl-C or a signal to end, which is exit code 0; return it if something is wrong."""
    asked = wanted(*sys.argv[2:]) if sys.argv[1:2] == ["up"] else options().parse_args()
    if not os.environ.get(STAFF_TOKEN):
        say(f"Set {STAFF_TOKEN} first, to a secret of your own: with it the books are read.")
        return 2
    for ends in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ends, lambda *_: sys.exit(0))
    try:
        set_up()
        with shop(asked) as keeper:
            say(f"The shop stands at http://127.0.0.1:{asked.port}/ (Ctrl-C ends it).")
            keeper.wait()
        say("The shop ended by itself.")
    except (RuntimeError, subprocess.CalledProcessError) as error:
        say(str(error))
    return 2


if __name__ == "__main__":
    sys.exit(main())
