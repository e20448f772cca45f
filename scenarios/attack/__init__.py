"""Attacks on a shop of this machine's own: bounded in rate, in number and in time, and counted.

    python -m scenarios.attack bots --url http://127.0.0.1:18080 --sku flash --rate 100 --seconds 10

Attackers find their way as shoppers do (`/route`, where a shop has it) and are called `bot-…`, so that
whoever audits the shop can tell them from its customers. They write no history: what they met is counted in
JSON lines, one a second. SIGTERM ends them at once.
"""

import sys

from rehearsal.model.plan import Plan

#: As many bots try to buy as shoppers do at the peak, times this.
BOTS_PER_BUYER = 20

#: No attack is faster than this, in buys or connections a second.
MOST_PER_S = 1000.0

#: Each kind of attack, and how many a second it is unless told: buys, or connections opened.
USUAL_RATE_PER_S = {
    "bots": 100.0,
    "token_replay": 50.0,
    "slow_clients": 40.0,
    "reconnect_storm": 200.0,
}


def command(  # noqa: PLR0913 - each says another thing of one attack
    kind: str,
    *,
    url: str,
    sku: str = "flash",
    rate_per_s: float | None = None,
    seconds: float = 60.0,
    seed: int = 1,
    tokens: bool = False,
) -> tuple[str, ...]:
    """Return the command line of an attack; further options may be appended, the last of a name counts.

    With `tokens`, half of the bots draw a number of the queue before they buy. KeyError for an unknown kind.
    """
    rate = USUAL_RATE_PER_S[kind] if rate_per_s is None else rate_per_s
    argv = (sys.executable, "-m", "scenarios.attack", kind, "--url", url, "--sku", sku)
    bounds = ("--rate", f"{rate:g}", "--seconds", f"{seconds:g}", "--seed", str(seed))
    return (*argv, *bounds, *(("--tokens",) if tokens else ()))


def commands_of(plan: Plan, url: str) -> dict[str, tuple[str, ...]]:
    """Return the command line of each kind of attack on a plan's sale; shoppers begin at `url`."""
    rates = dict(USUAL_RATE_PER_S)
    if plan.traffic.mix is not None:
        rates["bots"] = min(BOTS_PER_BUYER * plan.peak_per_s * plan.traffic.mix.flash_sale, MOST_PER_S)
    return {
        kind: command(
            kind, url=url, sku=plan.sale.sku, rate_per_s=rate, seed=plan.seed, tokens=plan.sale.tokens
        )
        for kind, rate in rates.items()
        if rate > 0
    }
