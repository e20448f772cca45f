"""What a client meets at a listener, and what each toxic must make it meet."""

import time
from collections.abc import Callable
from enum import StrEnum

import httpx
import msgspec

from chaos.drill import Evidence
from chaos.toxics import Stream, Toxic, ToxicKind

_MS_PER_S = 1000
#: A canary's request line with its headers is about this long; its answer is never shorter.
_REQUEST_BYTES = 120
_ANSWER_BYTES = 100
#: Of a delay worked out from sizes so much must be seen: the sizes are guesses.
_SEEN = 0.5


class Fate(StrEnum):
    """How a request ended for its client."""

    REFUSED = "was refused"
    SILENT = "was not answered"
    RESET = "was reset"
    ENDED = "was cut off"
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
    """Ask for `/health` at a listener and tell what came of it."""
    began_s = now_s()
    try:
        answer = http.get(f"{url}/health")
    except httpx.HTTPError as error:
        fate = next(fate for kind, fate in _FATES if isinstance(error, kind))
        return Met(fate=fate, took_s=now_s() - began_s)
    return Met(fate=Fate.ANSWERED, took_s=now_s() - began_s, status=answer.status_code)


def as_meant(toxics: tuple[Toxic, ...], met: Met) -> bool:
    """Tell whether a request met what one of the toxics of a listener does; False if none can be seen."""
    return any(met.fate in _fates(toxic) and met.took_s >= _least_s(toxic) for toxic in toxics)


def judged(name: str, toxics: tuple[Toxic, ...], met: Met) -> Evidence:
    """Return what a canary saw of a listener's toxics."""
    if all(toxic.kind is ToxicKind.SLOW_CLOSE for toxic in toxics):
        # The server has confirmed it; a client that closes its connections itself never notices.
        return Evidence(proven=met.fate is Fate.ANSWERED, saw=f"{name} closes late, and {met}")
    return Evidence(proven=as_meant(toxics, met), saw=f"a request through {name} {met}")


_DELAYS = {ToxicKind.LATENCY, ToxicKind.BANDWIDTH, ToxicKind.SLICER}


def _fates(toxic: Toxic) -> set[Fate]:
    if toxic.kind in _DELAYS:
        return {Fate.ANSWERED, Fate.SILENT}
    if toxic.kind is ToxicKind.LIMIT_DATA:
        return {Fate.ENDED, Fate.RESET}
    if toxic.kind in {ToxicKind.TIMEOUT, ToxicKind.RESET_PEER}:
        return {Fate.SILENT, Fate.ENDED, Fate.RESET}
    return set()


def _least_s(toxic: Toxic) -> float:
    """Return the least time that a request through a toxic that delays can take, in seconds."""
    has = toxic.attributes
    size = _REQUEST_BYTES if toxic.stream is Stream.REQUEST else _ANSWER_BYTES
    if toxic.kind is ToxicKind.LATENCY:
        return min(max(0, has["latency"] - has["jitter"]) / _MS_PER_S, _GIVEN_UP_S)
    if toxic.kind is ToxicKind.BANDWIDTH:
        return _GIVEN_UP_S if not has["rate"] else _SEEN * size / (has["rate"] * 1000)
    if toxic.kind is ToxicKind.SLICER:
        pieces = size / max(1, has["average_size"])
        return min(_SEEN * pieces * has["delay"] / 1e6, _GIVEN_UP_S)
    return 0.0


#: A canary gives up after a second; a delay beyond that shows as silence of nearly that length.
_GIVEN_UP_S = 0.9
