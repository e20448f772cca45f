"""What the command `rehearse` calls first: nothing heavy is imported before a Ctrl-C is minded."""

import sys

from rehearsal.model.errors import EXIT_STOPPED


def main() -> None:
    """Run the command line; a Ctrl-C while it is still being loaded ends it without a word."""
    try:
        from rehearsal.cli.app import main as run_app  # noqa: PLC0415 - loading takes a second

        run_app()
    except KeyboardInterrupt:
        sys.exit(EXIT_STOPPED)
