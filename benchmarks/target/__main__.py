"""`python -m benchmarks.target`: serve until SIGTERM; the first line of output is the port.

SIGUSR1 freezes the server for --freeze-for seconds; --freeze-at does so once, counted from the first request.
"""

import argparse
import asyncio
import gc
import importlib
import signal
import sys

from benchmarks.target.server import Connection, Shop

_BACKLOG = 4096


def main() -> None:
    """Run the target in this process."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.target", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--freeze-at", type=float, metavar="S")
    parser.add_argument("--freeze-for", type=float, default=2.0, metavar="S")
    parser.add_argument("--delay", type=float, default=0.0, metavar="S", help="answer that much later")
    parser.add_argument("--arrivals", action="store_true", help="keep the instant of every request")
    given = parser.parse_args()
    loop_name = _fast_loop()
    shop = Shop(keep_arrivals=given.arrivals, delay_s=given.delay, loop_name=loop_name)
    if given.freeze_at is not None:
        shop.freeze_plan = (given.freeze_at, given.freeze_for)
    asyncio.run(_serve(shop, given.port, given.freeze_for))


def _fast_loop() -> str:
    """Use uvloop where it is installed; tell the loop's name."""
    try:
        asyncio.set_event_loop_policy(importlib.import_module("uvloop").EventLoopPolicy())
    except ImportError:
        return "asyncio"
    return "uvloop"


async def _serve(shop: Shop, port: int, freeze_for_s: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(shop), "127.0.0.1", port, backlog=_BACKLOG)
    done = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, done.set)
    loop.add_signal_handler(signal.SIGINT, done.set)
    loop.add_signal_handler(signal.SIGUSR1, shop.freeze, freeze_for_s)
    # A pause of the target's own collector would be read as a generator's lag.
    gc.freeze()
    gc.disable()
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await done.wait()


if __name__ == "__main__":
    main()
