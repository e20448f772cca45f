"""One number of the queue, used again and again: by its holder under new keys, and by others."""

from functools import partial

from scenarios.attack.counts import Counts
from scenarios.attack.front import Front
from scenarios.attack.order import Attack
from scenarios.attack.pacing import Wait, strikes

_AT_ONCE = 100


async def token_replay(attack: Attack, counts: Counts, wait: Wait) -> None:
    """Draw one number and buy with it at the attack's rate; half of the buys are its holder's."""
    front, held = Front(attack, counts), [""]
    try:
        await strikes(wait, attack, counts, partial(_strike, attack, front, held), most=_AT_ONCE)
    finally:
        front.close()


async def _strike(attack: Attack, front: Front, held: list[str], number: int) -> None:
    # Without the number of an earlier strike it is drawn again, under the same key: the same number.
    held[0] = held[0] or await front.drawn(attack.bot(0), f"queue:{attack.key(0)}")
    thief = attack.bot(number if number % 2 else 0)
    await front.buy(thief, attack.key(number), held[0])
