"""`python -m scenarios.attack KIND --url URL`: attack until the time is up or SIGTERM comes."""

import sys

from rehearsal.model.errors import RehearsalError
from scenarios.attack.order import parse
from scenarios.attack.run import attack


def main(argv: list[str]) -> int:
    """Carry out an attack; return the exit code: 2 if it was refused, with the reason on stderr."""
    try:
        return attack(parse(argv), sys.stdout)
    except RehearsalError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
