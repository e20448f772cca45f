"""Starts one process of the shop: `python -m mock_store region|provider|director|worker CONFIG.json`.

`python -m mock_store defects` prints the bugs that a configuration may switch on, as JSON.
"""

import asyncio
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from mock_store.assembly import World, open_app
from mock_store.config import ROLES, Config, ConfigError, read_config
from mock_store.defects import BITES
from mock_store.server import PortTaken, check_free, serve

EXIT_USAGE = 2
_ARGUMENTS = 2


def main(arguments: Sequence[str]) -> int:
    """Serve until stopped and return the exit code; 2, with one sentence on stderr, if it cannot start."""
    if list(arguments) == ["defects"]:
        print(msgspec.json.format(msgspec.json.encode(BITES), indent=2).decode())  # noqa: T201 - what was asked for
        return 0
    try:
        asyncio.run(_serve(_config(arguments)))
    except (ConfigError, PortTaken) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the sentence for whoever started us
        return EXIT_USAGE
    return 0


def _config(arguments: Sequence[str]) -> Config:
    if len(arguments) != _ARGUMENTS or arguments[0] not in ROLES:
        raise ConfigError(f"usage: python -m mock_store {'|'.join(ROLES)} CONFIG.json")
    return read_config(Path(arguments[1]), arguments[0])


async def _serve(config: Config) -> None:
    # Before the database is touched: a process that cannot listen leaves nothing behind.
    check_free(config.host, config.port)
    try:
        async with open_app(config, World()) as app:
            await serve(app, config.host, config.port)
    except (sqlite3.Error, OSError) as error:
        raise ConfigError(f"the database cannot be used: {error}; name a writable file.") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
