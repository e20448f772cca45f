"""One case of the selftest, how it ended, and what that is worth."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class CaseKind(StrEnum):
    """A planted bug that must be caught, or the correct shop, which must raise no alarm."""

    DEFECT = "defect"
    CLEAN = "clean"


class Standing(StrEnum):
    """What a case is worth once it has run.

    CAUGHT, MISSED a planted bug; CLEAN, ALARM on the correct shop. The others prove nothing: the machine
    STARVED the run, the fault was UNFELT, the drill was BROKEN off, or there is none for the bug (UNTRAPPED).
    """

    CAUGHT = "caught"
    MISSED = "missed"
    CLEAN = "clean"
    ALARM = "alarm"
    STARVED = "starved"
    UNFELT = "unfelt"
    BROKEN = "broken"
    UNTRAPPED = "untrapped"

    @property
    def is_good(self) -> bool:
        """Tell whether it is what the selftest hopes for."""
        return self in {Standing.CAUGHT, Standing.CLEAN}

    @property
    def is_decided(self) -> bool:
        """Tell whether running it again would be no more than trying one's luck."""
        return self in {Standing.CAUGHT, Standing.MISSED, Standing.CLEAN, Standing.ALARM}


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A drill to run: which bug is planted, which plan, and the checks of which one must fail.

    `expected` are dotted names, or beginnings of them up to a dot. `text` is the plan as TOML.
    """

    name: str
    kind: CaseKind
    seed: int
    text: str
    fault: str = ""
    defect: str = ""
    expected: tuple[str, ...] = ()


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a drill left: its verdict ("" if it has none), the worst status of each check, its folder."""

    verdict: str = ""
    statuses: Mapping[str, str] = {}
    run: str = ""
    broken: str = ""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it is reported. `found` are the checks that failed; `run` is empty if its folder is gone."""

    name: str
    kind: CaseKind
    fault: str
    seed: int
    expected: tuple[str, ...]
    found: tuple[str, ...]
    standing: Standing
    verdict: str
    seconds: float
    attempts: int = 1
    run: str = ""
    note: str = ""
