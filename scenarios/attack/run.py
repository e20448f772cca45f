"""Runs one attack to its end, telling every second what it met."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TextIO

from scenarios.attack.bots import bots
from scenarios.attack.counts import Counts
from scenarios.attack.order import Attack
from scenarios.attack.pacing import Wait
from scenarios.attack.reconnect_storm import reconnect_storm
from scenarios.attack.slow_clients import slow_clients
from scenarios.attack.token_replay import token_replay

KINDS: dict[str, Callable[[Attack, Counts, Wait], Coroutine[Any, Any, None]]] = {
    "bots": bots,
    "token_replay": token_replay,
    "slow_clients": slow_clients,
    "reconnect_storm": reconnect_storm,
}
_EVERY_S = 1.0


def attack(order: Attack, out: TextIO) -> int:
    """Carry out an attack; return the exit code."""
    return asyncio.run(carry_out(order, out))


async def carry_out(order: Attack, out: TextIO) -> int:
    """Attack until the time is up or SIGTERM or SIGINT comes; return 0 either way.

    TargetRefused if the shop's front door names a server that is not this machine's.
    """
    loop, counts = asyncio.get_running_loop(), Counts()
    start_s = loop.time()

    async def wait(at_s: float) -> None:
        await asyncio.sleep(start_s + at_s - loop.time())

    work = loop.create_task(KINDS[order.kind](order, counts, wait))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    while not work.done():
        counts.write(out, order.kind, loop.time() - start_s)
        await asyncio.wait([work], timeout=_EVERY_S)
    counts.write(out, order.kind, loop.time() - start_s, done=True)
    if not work.cancelled():
        work.result()
    return 0
