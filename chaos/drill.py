"""One drill: break something, prove that it is broken, mend it, prove that it is mended."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import msgspec

from rehearsal.model.clock import Clock


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a canary saw, in a sentence, and whether that proves the claim."""

    proven: bool
    saw: str


class Drill(Protocol):
    """A fault by its business effect. All methods may raise RehearsalError; `heal` may be called twice."""

    @property
    def name(self) -> str:
        """Return the fault's name, as plans and histories have it."""

    @property
    def effect(self) -> str:
        """Return in one sentence what the fault means for the business."""

    def inject(self) -> None:
        """Break it."""

    def prove_effect(self) -> Evidence:
        """Send one canary and tell whether it was hit as the fault means it to be."""

    def heal(self) -> None:
        """Mend it, in the order that is safe, whether it was broken whole, in part or not at all."""

    def prove_heal(self) -> Evidence:
        """Send one canary and tell whether it was served."""


@runtime_checkable
class Moving(Protocol):
    """A drill that does something while it is held, such as flapping."""

    def hold(self, until_ns: int, clock: Clock, wait: Callable[[int], None]) -> None:
        """Return at `until_ns`, a monotonic instant; `wait` waits for an earlier one and may raise."""


@runtime_checkable
class Witnessed(Protocol):
    """A drill that can tell whom it hit, from the shop's own counts."""

    def felt(self) -> Evidence:
        """Tell how many requests or calls beyond the canaries' were hit; asked just before healing."""


def all_of(parts: tuple[Evidence, ...]) -> Evidence:
    """Return one evidence that is proven if all of at least one part are."""
    proven = bool(parts) and all(part.proven for part in parts)
    return Evidence(proven=proven, saw="; ".join(part.saw for part in parts) or "nothing was looked at")
