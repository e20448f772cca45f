"""Toxics as values, named by what they do to a request and its answer.

The stream decides the business meaning. `upstream` is the request's way to the server: a toxic there keeps
the request from arriving. `downstream` is the answer's way back: the server has done its work by then.
Attributes and semantics: https://github.com/Shopify/toxiproxy/tree/v2.12.0#toxics
"""

from enum import StrEnum

import msgspec

from rehearsal.model.plan import ToxicWish


class Stream(StrEnum):
    """The direction a toxic acts on."""

    REQUEST = "upstream"
    ANSWER = "downstream"


class ToxicKind(StrEnum):
    """The toxics of Toxiproxy 2.12.0."""

    LATENCY = "latency"
    BANDWIDTH = "bandwidth"
    SLOW_CLOSE = "slow_close"
    TIMEOUT = "timeout"
    RESET_PEER = "reset_peer"
    SLICER = "slicer"
    LIMIT_DATA = "limit_data"
    NOOP = "noop"


#: Attributes of each kind, all integers. The server takes any key and ignores those it does not know.
ATTRIBUTES: dict[ToxicKind, frozenset[str]] = {
    ToxicKind.LATENCY: frozenset({"latency", "jitter"}),
    ToxicKind.BANDWIDTH: frozenset({"rate"}),
    ToxicKind.SLOW_CLOSE: frozenset({"delay"}),
    ToxicKind.TIMEOUT: frozenset({"timeout"}),
    ToxicKind.RESET_PEER: frozenset({"timeout"}),
    ToxicKind.SLICER: frozenset({"average_size", "size_variation", "delay"}),
    ToxicKind.LIMIT_DATA: frozenset({"bytes"}),
    ToxicKind.NOOP: frozenset(),
}

#: What delays, in the kinds that do nothing else.
_DELAYS = {
    ToxicKind.LATENCY: ("latency", "jitter"),
    ToxicKind.SLOW_CLOSE: ("delay",),
    ToxicKind.SLICER: ("delay",),
}


class Toxic(msgspec.Struct, frozen=True, kw_only=True):
    """One toxic. ValueError if an attribute is unknown to its kind, missing or negative.

    `toxicity` is the share of *connections* it acts on, never of requests.
    """

    name: str
    kind: ToxicKind = msgspec.field(name="type")
    stream: Stream
    attributes: dict[str, int]
    toxicity: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what the server would take in silence and not do."""
        known = ATTRIBUTES[self.kind]
        if wrong := sorted(set(self.attributes) ^ known):
            raise ValueError(
                f"A {self.kind} toxic has the attributes {sorted(known)}; wrong or missing here: {wrong}."
            )
        if any(value < 0 for value in self.attributes.values()):
            raise ValueError(f"A {self.kind} toxic with a negative attribute: {self.attributes}.")
        if not 0 <= self.toxicity <= 1:
            raise ValueError(f"A {self.kind} toxic of toxicity {self.toxicity}: it is a share from 0 to 1.")

    @property
    def idle(self) -> bool:
        """Tell whether it does nothing: a delay of no time delays nothing."""
        delays = _DELAYS.get(self.kind)
        return self.kind is ToxicKind.NOOP or (
            delays is not None and not any(self.attributes[name] for name in delays)
        )


def requests_lost() -> Toxic:
    """No request arrives; the client waits in vain."""
    return _toxic("requests_lost", ToxicKind.TIMEOUT, Stream.REQUEST, timeout=0)


def answers_lost() -> Toxic:
    """Every request is carried out and its answer is lost; the client waits in vain."""
    return _toxic("answers_lost", ToxicKind.TIMEOUT, Stream.ANSWER, timeout=0)


def answers_reset() -> Toxic:
    """Every request is carried out; its answer is a reset on connections opened from now on."""
    return _toxic("answers_reset", ToxicKind.RESET_PEER, Stream.ANSWER, timeout=0)


def answers_late(delay_ms: int, *, jitter_ms: int = 0) -> Toxic:
    """Every answer comes `delay_ms`, give or take `jitter_ms`, later."""
    return _toxic("answers_late", ToxicKind.LATENCY, Stream.ANSWER, latency=delay_ms, jitter=jitter_ms)


def requests_late(delay_ms: int, *, jitter_ms: int = 0) -> Toxic:
    """Every request arrives `delay_ms` later, even after its client has given up.

    Healing delivers what is held back at once: work is done for clients that are gone.
    """
    return _toxic("requests_late", ToxicKind.LATENCY, Stream.REQUEST, latency=delay_ms, jitter=jitter_ms)


def answers_cut(after_bytes: int) -> Toxic:
    """Each connection is closed after `after_bytes` of answers; a cut inside the body can read as success."""
    return _toxic("answers_cut", ToxicKind.LIMIT_DATA, Stream.ANSWER, bytes=after_bytes)


def answers_throttled(rate_kb_per_s: int) -> Toxic:
    """Answers come at `rate_kb_per_s` kilobytes a second; 0 freezes them without loss."""
    return _toxic("answers_throttled", ToxicKind.BANDWIDTH, Stream.ANSWER, rate=rate_kb_per_s)


def answers_sliced(*, average_bytes: int, variation_bytes: int, delay_us: int) -> Toxic:
    """Answers come in small pieces, `delay_us` microseconds between them."""
    attributes = {"average_size": average_bytes, "size_variation": variation_bytes, "delay": delay_us}
    return _toxic("answers_sliced", ToxicKind.SLICER, Stream.ANSWER, **attributes)


def closing_late(delay_ms: int) -> Toxic:
    """Every connection that the server closes stays open `delay_ms` longer."""
    return _toxic("closing_late", ToxicKind.SLOW_CLOSE, Stream.ANSWER, delay=delay_ms)


def ends_late(delay_ms: int) -> Toxic:
    """Let requests end `delay_ms` late: a server that does not see its client go does what it was asked."""
    return _toxic("ends_late", ToxicKind.SLOW_CLOSE, Stream.REQUEST, delay=delay_ms)


def requests_frozen() -> Toxic:
    """No request gets through until the toxic is gone; then those whose connections still stand do."""
    return _toxic("requests_frozen", ToxicKind.BANDWIDTH, Stream.REQUEST, rate=0)


def toxic_of(wish: ToxicWish) -> Toxic:
    """Return the toxic that a plan asks for; ValueError in words if there is none such.

    A spread that is left out is 0.
    """
    if wish.type not in set(ToxicKind):
        raise ValueError(f"There is no toxic {wish.type!r}; there are {', '.join(ToxicKind)}.")
    kind = ToxicKind(wish.type)
    spreads = dict.fromkeys(ATTRIBUTES[kind] & {"jitter", "size_variation"}, 0)
    return Toxic(
        name=f"of_the_plan_{wish.stream}",
        kind=kind,
        stream=Stream(wish.stream),
        attributes={**spreads, **wish.attributes},
    )


def _toxic(name: str, kind: ToxicKind, stream: Stream, **attributes: int) -> Toxic:
    return Toxic(name=name, kind=kind, stream=stream, attributes=attributes)
