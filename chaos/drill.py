"""One drill: break something, prove that it is broken, mend it, prove that it is mended."""

from typing import Protocol

import msgspec


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


def all_of(parts: tuple[Evidence, ...]) -> Evidence:
    """Return one evidence that is proven if all of at least one part are."""
    proven = bool(parts) and all(part.proven for part in parts)
    return Evidence(proven=proven, saw="; ".join(part.saw for part in parts) or "nothing was looked at")
