"""A reconnect storm: connections opened, asked over once, and broken, as after a network has come back."""

from functools import partial

from scenarios.attack.counts import Counts
from scenarios.attack.front import Front
from scenarios.attack.order import Attack
from scenarios.attack.pacing import Wait, strikes
from scenarios.attack.wire import BROKEN, Line

_AT_ONCE = 400


async def reconnect_storm(attack: Attack, counts: Counts, wait: Wait) -> None:
    """Open connections at the attack's rate; ask each for the shop's health, and break it."""
    front = Front(attack, counts)
    try:
        await strikes(wait, attack, counts, partial(_strike, attack, counts, front), most=_AT_ONCE)
    finally:
        front.close()


async def _strike(attack: Attack, counts: Counts, front: Front, number: int) -> None:
    shopper = attack.bot(number % 100)
    line = Line(await front.region_of(shopper))
    counts.open += 1
    try:
        answer = await line.ask("GET", "/health", headers={"X-Shopper": shopper})
        counts.add(f"health {answer.name}")
    except (TimeoutError, *BROKEN) as error:
        counts.add(type(error).__name__)
    finally:
        counts.open -= 1
        line.close()
