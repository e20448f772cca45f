"""What a client meets at a listener, and what each toxic must make it meet."""

import math
import time
from collections.abc import Callable
from enum import StrEnum

import httpx
import msgspec

from chaos.drill import Evidence
from chaos.toxics import Stream, Toxic, ToxicKind

_MS_PER_S = 1000
#: Longer than any healthy page takes, and than a listener's own delays that a canary can be made to meet.
_WHOLE_S = 10.0
#: A canary's request line with its headers is about this long; its answer is never shorter.
_REQUEST_BYTES = 120
_ANSWER_BYTES = 100
#: Of a delay worked out from sizes so much must be seen: the sizes are guesses.
_SEEN = 0.5
#: A client's own patience is not kept to the millisecond.
_ROUGHLY_S = 0.1


class Fate(StrEnum):
    """How a request ended for its client."""

    REFUSED = "was refused"
    SILENT = "was not answered"
    RESET = "was reset"
    ENDED = "was cut off"
    STRANGE = "was answered in another protocol"
    ACCEPTED = "was accepted and kept"
    ANSWERED = "was answered"


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one request after `took_s`; `status` is 0 without an answer."""

    fate: Fate
    took_s: float
    status: int = 0

    def __str__(self) -> str:
        """Return it in words."""
        status = f" {self.status}" if self.status else ""
        return f"{self.fate}{status} after {self.took_s:.2f} s"


_FATES: tuple[tuple[type[httpx.HTTPError], Fate], ...] = (
    (httpx.ConnectError, Fate.REFUSED),
    (httpx.TimeoutException, Fate.SILENT),
    (httpx.ReadError, Fate.RESET),
    (httpx.WriteError, Fate.RESET),
    (httpx.HTTPError, Fate.ENDED),
)


def meet(http: httpx.Client, url: str, now_s: Callable[[], float] = time.monotonic) -> Met:
    """Ask for a page and tell what came of it; one that is not whole after `_WHOLE_S` was not answered."""
    began_s = now_s()
    try:
        with http.stream("GET", url) as answer:
            # httpx bounds the wait for each piece alone: a page that drips would never end.
            for _ in answer.iter_bytes():
                if now_s() - began_s > _WHOLE_S:
                    return Met(fate=Fate.SILENT, took_s=now_s() - began_s)
    except httpx.HTTPError as error:
        fate = next(fate for kind, fate in _FATES if isinstance(error, kind))
        return Met(fate=fate, took_s=now_s() - began_s)
    return Met(fate=Fate.ANSWERED, took_s=now_s() - began_s, status=answer.status_code)


def as_meant(toxic: Toxic, met: Met) -> bool:
    """Tell whether a request met what a toxic does; False for a toxic of which nothing can be seen."""
    if toxic.kind in _DELAYS:
        least_s, most_s = _delay_s(toxic)
        if met.fate is Fate.SILENT:
            return most_s >= met.took_s - _ROUGHLY_S
        return met.fate is Fate.ANSWERED and met.took_s >= least_s
    return met.fate in _FATES_OF.get(toxic.kind, ())


def judged(name: str, toxics: tuple[Toxic, ...], met: Met) -> Evidence:
    """Return what a canary saw of a listener's toxics."""
    if all(toxic.kind is ToxicKind.SLOW_CLOSE for toxic in toxics):
        # The server has confirmed it; a client that closes its connections itself never notices.
        return Evidence(proven=met.fate is Fate.ANSWERED, saw=f"{name} closes late, and {met}")
    return Evidence(
        proven=any(as_meant(toxic, met) for toxic in toxics), saw=f"a request through {name} {met}"
    )


_DELAYS = {ToxicKind.LATENCY, ToxicKind.BANDWIDTH, ToxicKind.SLICER}
_FATES_OF = {
    ToxicKind.LIMIT_DATA: (Fate.ENDED, Fate.RESET),
    ToxicKind.TIMEOUT: (Fate.SILENT, Fate.ENDED, Fate.RESET),
    ToxicKind.RESET_PEER: (Fate.SILENT, Fate.ENDED, Fate.RESET),
}


def _delay_s(toxic: Toxic) -> tuple[float, float]:
    """Return the least and the most, in seconds, by which a toxic can delay a canary."""
    has = toxic.attributes
    size = _REQUEST_BYTES if toxic.stream is Stream.REQUEST else _ANSWER_BYTES
    if toxic.kind is ToxicKind.LATENCY:
        delay, jitter = has["latency"], has["jitter"]
        return max(0, delay - jitter) / _MS_PER_S, (delay + jitter) / _MS_PER_S
    if toxic.kind is ToxicKind.BANDWIDTH:
        return (_SEEN * size / (has["rate"] * 1000) if has["rate"] else math.inf), math.inf
    return _SEEN * size / max(1, has["average_size"]) * has["delay"] / 1e6, math.inf
