"""What the shop's answers tell of its surroundings: its clock, the hosts it leads to, its rate limits."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from rehearsal.model.history import NOT_ALLOWED
from rehearsal.model.hosts import is_loopback
from rehearsal.model.plan import Plan
from rehearsal.pipeline.adapter_check import kinds_of
from rehearsal.pipeline.tryout.sight import Sight, dubious, well, wrong
from scenarios.tryout.told import Exchange

_CLOCK, _HOSTS, _RATES = "clock", "hosts", "rate limit"
#: A Date header is in whole seconds (RFC 9110, 6.6.1), and the answer was under way for some time.
_TRUE_S, _FAR_S = 2.0, 30.0
_REFUSED = frozenset({429, 503})
_AT_LEAST = 2
#: "100;w=60" or "limit=100, window=60", and bare numbers that say nothing of a window.
_POLICY = re.compile(r"(?:\bq=|\blimit=|^|,)\s*\"?(\d+)\"?[^,]*?\b(?:w|window)=(\d+)")


def clock_seen(exchanges: Iterable[Exchange]) -> tuple[Sight, ...]:
    """Compare the shop's clock (Date) with this machine's, by the answer that shows the least difference."""
    gaps = [gap for exchange in exchanges if (gap := _gap_s(exchange)) is not None]
    if not gaps:
        return (dubious(_CLOCK, "the shop's answers carry no Date, so its clock is not known."),)
    gap = min(gaps, key=abs)
    if abs(gap) <= _TRUE_S:
        return (
            well(_CLOCK, f"the shop's clock agrees with this machine's (by its Date, to {_TRUE_S:g} s)."),
        )
    way = "ahead" if gap > 0 else "behind"
    words = f"the shop's clock is {abs(gap):.0f} s {way} of this machine's"
    mend = "set both by NTP, for a sale that opens by the shop's clock opens so much off the plan"
    return ((wrong if abs(gap) > _FAR_S else dubious)(_CLOCK, f"{words}; {mend}."),)


def _gap_s(exchange: Exchange) -> float | None:
    try:
        told_s = parsedate_to_datetime(exchange.date).timestamp()
    except ValueError:
        return None
    # What says 12:00:07 may mean any moment of that second, and any since the answer was begun.
    late_s = exchange.at_s - told_s
    slack_s = 1.0 + exchange.ms / 1000
    return 0.0 if 0 <= late_s <= slack_s else -late_s


def hosts_seen(exchanges: Sequence[Exchange], allow: Collection[str]) -> tuple[Sight, ...]:
    """Name the hosts that redirects, forms and the adapter lead to, and that the plan does not allow."""
    met: dict[str, str] = {}
    for exchange in exchanges:
        page = urlsplit(exchange.url).path or "/"
        for host in _led_to(exchange):
            met.setdefault(host, page)
    strange = {host: page for host, page in met.items() if not (is_loopback(host) or host in allow)}
    if not strange:
        known = ", ".join(met) or "its own host alone"
        return (well(_HOSTS, f"the visits lead to {known}, all of them allowed."),)
    return tuple(
        dubious(
            _HOSTS,
            f"{page} leads to {host}, which is not allowed, so no load will go there; if it should, name it: "
            f'[target] allow = ["{host}"].',
        )
        for host, page in strange.items()
    )


def _led_to(exchange: Exchange) -> Iterator[str]:
    yield from exchange.leads
    places = [exchange.location] if exchange.error != NOT_ALLOWED else [exchange.location, exchange.url]
    yield from (host for place in places if (host := urlsplit(place).hostname))


def rates_seen(burst: Sequence[Exchange], walked: Sequence[Exchange], plan: Plan) -> tuple[Sight, ...]:
    """Say what the shop allows one address, by its own headers and by a burst, beside what the plan sends."""
    wanted_per_s = max(plan.peak_per_s * _requests_a_visit(walked, plan), _released_per_s(plan))
    refused = [number for number, one in enumerate(burst, start=1) if one.status in _REFUSED]
    peak = f"the plan's peak is about {wanted_per_s:.0f} requests/s"
    mend = "let test traffic past it (by the header of [marks], or this machine's address)"
    if refused:
        first = burst[refused[0] - 1]
        wait = first.limits.get("retry-after", "")
        asks = f" and Retry-After {wait}" if wait else ""
        words = f"request {refused[0]} of a burst was refused with {first.status}{asks}"
        return (wrong(_RATES, f"{words}, and {peak}; {mend}."),)
    told = [limit for one in (*burst, *walked) for limit in _policies(one)]
    if told and (lowest := min(told, key=lambda pair: pair[0] / pair[1])):
        count, window_s = lowest
        words = f"its headers allow one address {count} requests in {window_s} s"
        tight = count / window_s < wanted_per_s
        return ((dubious if tight else well)(_RATES, f"{words}, {peak}{f'; {mend}' if tight else ''}."),)
    if len(burst) < _AT_LEAST:
        return (
            dubious(_RATES, "no burst was made, so it is not known whether the shop limits one address."),
        )
    names = sorted({name for one in burst for name in one.limits})
    headers = f"its headers {', '.join(names)} name no window" if names else "no header tells of a limit"
    return (well(_RATES, f"{len(burst)} quick requests were all answered, and {headers}; {peak}."),)


def _policies(exchange: Exchange) -> Iterator[tuple[int, int]]:
    for value in exchange.limits.values():
        for count, window_s in _POLICY.findall(value):
            if int(window_s):
                yield int(count), int(window_s)


def _released_per_s(plan: Plan) -> float:
    """Return how many shoppers a second the waiting room lets go, each with a request in hand."""
    waits = plan.waiting_room
    return waits.shoppers / waits.release_s if waits else 0.0


def _requests_a_visit(walked: Sequence[Exchange], plan: Plan) -> float:
    """Return how many requests a visit makes, as far as the walk shows it; a stranger's user: one."""
    visits = len(kinds_of(plan))
    return max(1.0, len(walked) / visits) if visits else 1.0
