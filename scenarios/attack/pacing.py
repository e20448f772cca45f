"""When an attack strikes: at random, so many times a second, and never more at once than it may."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from random import Random
from typing import Any

from rehearsal.model.errors import RehearsalError
from scenarios.attack.counts import Counts
from scenarios.attack.order import Attack

Strike = Callable[[int], Coroutine[Any, Any, None]]

#: Returns when so many seconds have passed since the attack began.
Wait = Callable[[float], Awaitable[None]]


def instants_s(attack: Attack) -> Iterator[float]:
    """Give the seconds since the beginning at which an attack strikes: a Poisson process from its seed."""
    random = Random(f"{attack.seed}/{attack.kind}")  # noqa: S311 - repeatability, not secrecy
    at_s = random.expovariate(attack.rate_per_s)
    while at_s < attack.seconds:
        yield at_s
        at_s += random.expovariate(attack.rate_per_s)


async def strikes(wait: Wait, attack: Attack, counts: Counts, strike: Strike, *, most: int) -> None:
    """Make each strike when its time has come, `most` of them at once; others are skipped, and counted.

    Returns when the attack's time is up; strikes that are still under way are broken off.
    """
    under_way: set[asyncio.Task[None]] = set()
    try:
        async with asyncio.TaskGroup() as group:
            for number, at_s in enumerate(instants_s(attack)):
                await wait(at_s)
                if len(under_way) >= most:
                    counts.add("skipped")
                    continue
                task = group.create_task(strike(number))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await wait(attack.seconds)
            for task in under_way:
                task.cancel()
    except* RehearsalError as refused:
        raise refused.exceptions[0] from None
