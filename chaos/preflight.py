"""What is looked at before the load comes: a drill on ground that is broken already proves nothing."""

import email.utils
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime

import httpx
import msgspec

from chaos.asker import Asker
from chaos.toxiproxy import Toxiproxy
from rehearsal.model.clock import NS_PER_MS
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan_shop import Link

#: PATCH came with 2.6: before it a listener cannot be closed without being sent whole.
OLDEST = (2, 6)
#: Two clocks of one machine that run apart by more in a moment cannot both be told the time by.
_APART_NS = 20 * NS_PER_MS
#: HTTP dates count whole seconds, and an answer takes a while.
_SKEW_S = 3.0
_NUMBER = re.compile(r"(\d+)\.(\d+)")


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """One thing looked at: by name, whether it is as it must be, and what was seen."""

    name: str
    good: bool
    saw: str


def toxiproxy_looked(
    toxiproxy: Toxiproxy,
    http: httpx.Client,
    names: Collection[str] | None = None,
    links: Mapping[str, Link] | None = None,
) -> Iterator[Looked]:
    """Look at a Toxiproxy: its version, that listeners are there, open and clean, and somebody behind each.

    `names` are those that the drill may break, None: all; `links` are the plan's, by name.
    """
    try:
        version, states = toxiproxy.version(), toxiproxy.states()
    except RehearsalError as error:
        yield Looked(name="api", good=False, saw=str(error))
        return
    yield Looked(name="api", good=recent(version), saw=f"Toxiproxy {version} answers at {toxiproxy.url}")
    if names is not None:
        missing = sorted(set(names) - set(states))
        saw = f"it has no listener {', '.join(missing)}" if missing else "it has the plan's listeners"
        yield Looked(name="listeners", good=not missing, saw=saw)
        states = {name: state for name, state in states.items() if name in names}
    sick = sorted(name for name, state in states.items() if not state.clean)
    saw = f"closed or with a toxic: {', '.join(sick)}" if sick else f"all {len(states)} listeners are clean"
    yield Looked(name="toxics", good=not sick, saw=saw)
    asker = Asker(http, links=links or {})
    seen = {name: asker.answered(name, state.url) for name, state in sorted(states.items())}
    dead = [each.saw for each in seen.values() if not each.proven]
    yield Looked(
        name="upstreams",
        good=not dead,
        saw="; ".join(dead) or f"all {len(seen)} listeners are answered behind",
    )


def recent(version: str) -> bool:
    """Tell whether a Toxiproxy is new enough; one built by `go install` says "git", and is."""
    number = _NUMBER.search(version)
    return number is None or (int(number[1]), int(number[2])) >= OLDEST


def clocks_looked(
    monotonic: Callable[[], int], real: Callable[[], int], pause: Callable[[], object]
) -> Looked:
    """Look whether this machine's two clocks (ns) go alike over a pause: one that is being set does not."""
    before = monotonic(), real()
    pause()
    apart_ns = abs((real() - before[1]) - (monotonic() - before[0]))
    words = f"monotonic clock and time of day went {apart_ns / NS_PER_MS:.1f} ms apart"
    return Looked(name="clocks", good=apart_ns <= _APART_NS, saw=words)


def shop_looked(http: httpx.Client, url: str, now: datetime | None = None) -> Iterator[Looked]:
    """Look whether a shop answers, and whether its clock, if it tells it, is this machine's."""
    try:
        # Its head is enough, and a body that drips would never end.
        with http.stream("GET", url) as answer:
            pass
    except httpx.HTTPError as error:
        yield Looked(name="shop", good=False, saw=f"{url} does not answer ({type(error).__name__})")
        return
    yield Looked(name="shop", good=True, saw=f"{url} answers {answer.status_code}")
    if (told := _date_of(answer)) is not None:
        skew_s = (told - (now or datetime.now(UTC))).total_seconds()
        good = abs(skew_s) <= _SKEW_S
        yield Looked(name="clocks", good=good, saw=f"the shop's clock is {skew_s:+.0f} s from this machine's")


def _date_of(answer: httpx.Response) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None
