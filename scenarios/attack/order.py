"""What an attack is to do, and how far it may go."""

from argparse import ArgumentParser
from urllib.parse import urlsplit

import msgspec

from rehearsal.model.errors import RehearsalError, TargetRefused
from rehearsal.model.hosts import is_loopback
from scenarios.attack import MOST_PER_S, USUAL_RATE_PER_S

LONGEST_S = 600.0


class Attack(msgspec.Struct, frozen=True, kw_only=True):
    """An attack: `rate_per_s` buys or connections a second for `seconds`, the same for the same seed."""

    kind: str
    url: str
    sku: str = "flash"
    rate_per_s: float
    seconds: float
    seed: int = 1
    tokens: bool = False

    def bot(self, number: int) -> str:
        """Return the name of an attacker."""
        return f"bot-{self.seed}-{number}"

    def key(self, number: int) -> str:
        """Return the idempotency key of a strike."""
        return f"{self.kind}-{self.seed}-{number}"


def parse(argv: list[str]) -> Attack:
    """Read a command line. TargetRefused for another machine, RehearsalError for what goes too far."""
    parser = ArgumentParser(prog="python -m scenarios.attack", description="Attack a shop of this machine.")
    parser.add_argument("kind", choices=sorted(USUAL_RATE_PER_S))
    parser.add_argument("--url", required=True, help="where shoppers begin; this machine only")
    parser.add_argument("--sku", default="flash", help="what bots buy")
    parser.add_argument("--rate", type=float, help=f"buys or connections a second, at most {MOST_PER_S:g}")
    parser.add_argument("--seconds", type=float, default=60.0, help=f"how long, at most {LONGEST_S:g}")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tokens", action="store_true", help="half of the bots draw a number first")
    told = parser.parse_args(argv)
    check_host(told.url)
    rate_per_s = USUAL_RATE_PER_S[told.kind] if told.rate is None else told.rate
    _bounded("--rate", rate_per_s, MOST_PER_S)
    _bounded("--seconds", told.seconds, LONGEST_S)
    return Attack(
        kind=told.kind,
        url=told.url.rstrip("/"),
        sku=told.sku,
        rate_per_s=rate_per_s,
        seconds=told.seconds,
        seed=told.seed,
        tokens=told.tokens,
    )


def check_host(url: str) -> tuple[str, int]:
    """Return host and port of an address; TargetRefused unless it is this machine's, by plain http."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError as error:
        raise TargetRefused(f"{url!r} is no address: {error}.") from None
    if parts.scheme != "http" or not is_loopback(host):
        raise TargetRefused(f"Attacks go to this machine only, by http; {url!r} is not that.")
    return host, port


def _bounded(name: str, value: float, most: float) -> None:
    if not 0 < value <= most:
        raise RehearsalError(f"{name} must be above 0 and at most {most:g}; it is {value:g}.")
