"""Fault modes of one process: what is switched on, whom it strikes, and how many requests it has struck.

They live in memory: a restarted process has none. Whom one strikes is drawn for each request from the seed of
the process and the mode's name, so that a drill can be repeated.
"""

import re
from collections.abc import Callable, Iterable
from random import Random
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from mock_store.web import Refused

Share = Annotated[float, Meta(ge=0, le=1)]
Ms = Annotated[float, Meta(ge=0, le=60_000)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]


class Mode(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of a mode. Its name over HTTP is the class's, in small letters with underscores."""


M = TypeVar("M", bound=Mode)


def name_of(kind: type[Mode]) -> str:
    """Return a mode's name over HTTP."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


class Modes:
    """The modes that a process knows, all of them off at first."""

    def __init__(self, kinds: Iterable[type[Mode]], *, seed: str) -> None:
        """Know `kinds`; `seed` decides whom those with a share strike."""
        self._kinds = {name_of(kind): kind for kind in kinds}
        self._seed = seed
        self._on: dict[type[Mode], Mode] = {}
        self._dice: dict[type[Mode], Random] = {}
        self._hits: dict[type[Mode], int] = {}
        self._begun: dict[type[Mode], Callable[[], None]] = {}

    def __bool__(self) -> bool:
        """Tell whether any mode is on."""
        return bool(self._on)

    def when_set(self, kind: type[Mode], act: Callable[[], None]) -> None:
        """Call `act` each time a mode is switched on."""
        self._begun[kind] = act

    def put(self, name: str, params: bytes) -> None:
        """Switch a mode on, or on again with other parameters; its hits count from 0.

        Refused: 404 unknown_mode, 400 bad_request for parameters (JSON) that are not the mode's.
        """
        kind = self._kind(name)
        try:
            mode = msgspec.json.decode(params or b"{}", type=kind)
        except msgspec.MsgspecError as error:
            raise Refused(400, "bad_request", reason=str(error)) from None
        self._on[kind] = mode
        self._dice[kind] = Random(f"{self._seed}/{name}")  # noqa: S311 - to be repeated, not to be secret
        self._hits[kind] = 0
        self._begun.get(kind, lambda: None)()

    def delete(self, name: str = "") -> None:
        """Switch a mode off, or all; what it has hit stays known. Refused(404) for an unknown one."""
        if name:
            self._on.pop(self._kind(name), None)
        else:
            self._on.clear()

    def get(self, kind: type[M]) -> M | None:
        """Return a mode's parameters if it is on."""
        return self._on.get(kind)  # type: ignore[return-value]

    def strikes(self, kind: type[M]) -> M | None:
        """Draw for one request: return the parameters, and count a hit, if the mode is on and strikes it."""
        mode = self.get(kind)
        if mode is None or self._dice[kind].random() >= getattr(mode, "share", 1.0):
            return None
        self.hit(kind)
        return mode

    def hit(self, kind: type[Mode]) -> None:
        """Count a request that a mode has affected."""
        self._hits[kind] = self._hits.get(kind, 0) + 1

    def report(self) -> dict[str, dict[str, Any]]:
        """Return what is on, and the hits of every mode since it was last set."""
        return {
            "modes": {name_of(kind): msgspec.to_builtins(mode) for kind, mode in self._on.items()},
            "hits": {name_of(kind): count for kind, count in self._hits.items()},
        }

    def _kind(self, name: str) -> type[Mode]:
        if name not in self._kinds:
            raise Refused(404, "unknown_mode", known=sorted(self._kinds))
        return self._kinds[name]
