"""Bots on one SKU: a hundred names buy again and again, and never pay: stock is held until it expires."""

from functools import partial

from scenarios.attack.counts import Counts
from scenarios.attack.front import Front
from scenarios.attack.order import Attack
from scenarios.attack.pacing import Wait, strikes

#: Names at work in one attack. Each tries again and again: the limit for each shopper is put to the test too.
NAMES = 100
_AT_ONCE = 200


async def bots(attack: Attack, counts: Counts, wait: Wait) -> None:
    """Buy at the attack's rate; every other time with a number of the queue, if the sale asks for them."""
    front = Front(attack, counts)
    try:
        await strikes(wait, attack, counts, partial(_strike, attack, front), most=_AT_ONCE)
    finally:
        front.close()


async def _strike(attack: Attack, front: Front, number: int) -> None:
    shopper, key = attack.bot(number % NAMES), attack.key(number)
    draws = attack.tokens and number % 2 == 0
    token = await front.drawn(shopper, f"queue:{key}") if draws else ""
    await front.buy(shopper, key, token)
