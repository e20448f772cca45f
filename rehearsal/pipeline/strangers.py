"""A stranger's locustfile looked at before anything is started: it exists, imports, and has users."""

import hashlib
import subprocess
import sys
from pathlib import Path

import msgspec

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan
from scenarios.load_order import LoadOrder

#: A file that takes longer to import would hold up the drill just as long.
_IMPORT_S = 60.0


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What `python -m scenarios.strangers.adopt` prints last."""

    classes: tuple[str, ...] = ()
    error: str = ""


def check_locustfile(plan: Plan) -> None:
    """Raise RehearsalError if the plan's locustfile is missing, does not import, or has no user class.

    It is imported in a process of its own: what it does there to gevent, or to itself, is not done here.
    """
    if not plan.traffic.is_closed:
        return
    path = plan.traffic.locustfile
    sha256_of(path)
    argv = [sys.executable, "-m", "scenarios.strangers.adopt", path, *plan.target.allow]
    try:
        done = subprocess.run(
            argv, capture_output=True, check=False, timeout=_IMPORT_S, stdin=subprocess.DEVNULL
        )
        looked = msgspec.json.decode(done.stdout.strip().rpartition(b"\n")[2], type=Looked)
    except subprocess.TimeoutExpired:
        raise RehearsalError(
            f"The locustfile {path} was still being imported after {_IMPORT_S:g} s."
        ) from None
    except msgspec.DecodeError:
        raise RehearsalError(f"The locustfile {path} ended the process that imported it.") from None
    if looked.error:
        raise RehearsalError(looked.error)


def sha256_of(locustfile: str) -> str:
    """Return a locustfile's SHA-256; RehearsalError if it cannot be read."""
    try:
        return hashlib.sha256(Path(locustfile).read_bytes()).hexdigest()
    except FileNotFoundError:
        raise RehearsalError(
            f"There is no locustfile {locustfile}; traffic.locustfile is a path beside the plan."
        ) from None
    except OSError as error:
        raise RehearsalError(f"The locustfile {locustfile} cannot be read: {error.strerror}.") from None


def with_locustfile(order: LoadOrder, plan: Plan) -> LoadOrder:
    """Return a load order that names the plan's locustfile, if it has one, and says what is in it."""
    path = plan.traffic.locustfile
    if not path:
        return order
    absolute = str(Path(path).absolute())
    return msgspec.structs.replace(order, locustfile=absolute, locustfile_sha256=sha256_of(path))
