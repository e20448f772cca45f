"""Takes up a locustfile nobody wrote for us: its user classes, listeners and options, as Locust itself would.

    python -m scenarios.strangers.adopt FILE [HOST ...]      prints its classes as JSON, or in `error` why not

HOSTs are those that the file may reach besides this machine.
"""

import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import locust.argument_parser
import msgspec
from locust import User, events
from locust.env import Environment
from locust.event import EventHook
from locust.util.load_locustfile import load_locustfile

from rehearsal.model.errors import RehearsalError
from scenarios.strangers.guard import hold_to
from scenarios.strangers.marked import mark

#: Words of an exception that are passed on.
_WORDS = 300


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in a locustfile: the names of its classes, or why it cannot be used."""

    classes: tuple[str, ...] = ()
    error: str = ""


def user_classes_of(path: Path) -> list[type[User]]:
    """Import a locustfile and return its runnable user classes; RehearsalError if there are none to return.

    A LoadTestShape in it is left alone: how many users there are, the plan says.
    """
    try:
        found, _ = load_locustfile(str(path.resolve()))
    except (Exception, SystemExit) as error:
        told = f"{type(error).__name__}: {error}"[:_WORDS]
        raise RehearsalError(f"The locustfile {path} cannot be imported: {told}") from error
    classes = [user for user in found.values() if user.weight > 0 or user.fixed_count > 0]
    if not classes:
        raise RehearsalError(
            f"The locustfile {path} has no user class that Locust could run: "
            "no class that derives from User, is not abstract and has a weight above 0."
        )
    return classes


def adopt(path: Path, environment: Environment, headers: Mapping[str, str]) -> None:
    """Give an environment the classes of a locustfile, its own options at their defaults, and its listeners.

    `headers` mark the requests of its users.

    Locust calls listeners of `init_command_line_parser` and `init` before and after it makes the environment.
    Ours is there already, so those that the file adds are called here.
    """
    before = len(events.init._handlers)  # noqa: SLF001 - Locust shows them nowhere
    environment.user_classes = user_classes_of(path)
    environment.parsed_options = _options(environment.parsed_options)
    for user in environment.user_classes:
        mark(user, headers)
        if environment.host:
            user.host = environment.host
    late: Any = EventHook
    late = late()
    for handler in events.init._handlers[before:]:  # noqa: SLF001 - as above
        late.add_listener(handler)
    late.fire(environment=environment, runner=environment.runner, web_ui=None)


def _options(known: Namespace | None) -> Namespace:
    """Return Locust's options, and at their defaults those that the file's listeners add."""
    parser = locust.argument_parser.get_parser(default_config_files=[])
    options = Namespace(**vars(parser.parse_args([])))
    for name, value in vars(known or Namespace()).items():
        setattr(options, name, value)
    return options


def main(argv: list[str]) -> int:
    """Look at a file as a drill would load it, and print what was found."""
    path, *allow = argv
    hold_to(allow)
    looked: Any
    try:
        looked = Looked(classes=tuple(user.__name__ for user in user_classes_of(Path(path))))
    except RehearsalError as error:
        looked = Looked(error=str(error))
    # The file may have printed what it liked: the answer is the last line.
    sys.stdout.write("\n" + msgspec.json.encode(looked).decode() + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
