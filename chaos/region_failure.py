"""A region fails: a drill by itself, for any shop (`python -m chaos.region_failure --help`)."""

import sys
from collections.abc import Sequence

from chaos.alone.order import parse
from chaos.alone.run import main as drill

ABOUT = (
    "A region fails, behind a listener of your own Toxiproxy or by your own commands:\n"
    "broken, proven, held, healed, proven again. Break only what is yours to break."
)


def main(argv: Sequence[str]) -> int:
    """Carry out one drill; return its exit code."""
    return drill(parse(argv, prog="python -m chaos.region_failure", codes="R", about=ABOUT), sys.stdout)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
