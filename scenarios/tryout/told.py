"""What the doctor's process is asked (`TryOrder`) and what it tells: a line of JSON for each value below."""

from collections.abc import Sequence
from typing import Any

import msgspec

from rehearsal.model.plan import VisitKind
from scenarios.load_order import LoadOrder
from scenarios.schedule import KINDS, Schedule


class TryOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One visit of each of `kinds` as `load` describes them, then `burst` quick requests.

    A request is waited for `timeout_s`.
    """

    load: LoadOrder
    kinds: tuple[VisitKind, ...]
    burst: int = 0
    timeout_s: float = 5.0


class Exchange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request and what came back. `error` is one of `scenarios.reply`'s, and then there is no `status`.

    `operation` is a GraphQL operation's name, `content` the media type of the answer, `title` that of an HTML
    page, `leads` the hosts that its forms go to. `at_s` is when the answer was there (seconds since the
    epoch), `date` when the shop said it was. `limits` are the headers that tell of a rate limit, and
    Retry-After, by name in lower case.
    """

    method: str
    url: str
    operation: str = ""
    sends_json: bool = False
    status: int = 0
    error: str = ""
    ms: float = 0.0
    at_s: float = 0.0
    length: int = 0
    content: str = ""
    title: str = ""
    location: str = ""
    date: str = ""
    leads: tuple[str, ...] = ()
    limits: dict[str, str] = {}

    @property
    def is_html(self) -> bool:
        """Tell whether the answer was a page for people."""
        return self.content == "text/html"


class Began(msgspec.Struct, frozen=True, kw_only=True, tag="began"):
    """A step of a visit begins: should it never end, this is where."""

    kind: VisitKind
    step: str


class StepTold(msgspec.Struct, frozen=True, kw_only=True, tag="step", omit_defaults=True):
    """A step of a visit: its requests, and how the adapter read the last answer.

    `facts` are those fields of the `Answer` that say something of an order.
    """

    kind: VisitKind
    step: str
    shopper: str
    outcome: str
    error: str = ""
    facts: dict[str, Any] = {}
    exchanges: tuple[Exchange, ...] = ()


class VisitTold(msgspec.Struct, frozen=True, kw_only=True, tag="visit", omit_defaults=True):
    """The end of a visit: whether it went as its shopper wanted, or that the adapter `broke`, and `where`.

    `exchanges` are then those of the step in which it broke.
    """

    kind: VisitKind
    good: bool = False
    broke: str = ""
    where: str = ""
    exchanges: tuple[Exchange, ...] = ()


class BurstTold(msgspec.Struct, frozen=True, kw_only=True, tag="burst"):
    """Quick requests one after another, from one address; they end early if the shop refuses several."""

    exchanges: tuple[Exchange, ...]


class FailedTold(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """Nothing could be tried; `why` is a sentence."""

    why: str


Told = Began | StepTold | VisitTold | BurstTold | FailedTold


def schedule_of(kinds: Sequence[VisitKind]) -> Schedule:
    """Return the schedule of one visit of each kind, which says whose row of test data is whose."""
    numbers = tuple(KINDS.index(kind) for kind in kinds)
    return Schedule(schema=1, seed=0, sha256="", planned={}, due_ns=(0,) * len(numbers), kind=numbers)
