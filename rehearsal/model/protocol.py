"""The steps of a drill, in the order in which they come, and what may happen besides."""

from enum import StrEnum

import msgspec


class ProtocolStep(StrEnum):
    """Where a drill is. From INJECT to RECOVERY they come once for every fault.

    Preflight, baseline, injection, proof, hold, healing, proof, recovery, quiesce, final reads, judgement:
    the order of Jepsen's nemeses and of AWS FIS, put together. The last three can come at any time. BEFORE
    and AFTER are a plan's hooks.
    """

    STAND_UP = "stand_up"
    PREFLIGHT = "preflight"
    BEFORE = "before"
    BASELINE = "baseline"
    SEARCH = "search"
    INJECT = "inject"
    EFFECT = "effect"
    HOLD = "hold"
    HEAL = "heal"
    HEALED = "healed"
    RECOVERY = "recovery"
    QUIESCE = "quiesce"
    FINAL = "final"
    AFTER = "after"
    TAKE_DOWN = "take_down"
    JUDGE = "judge"
    SIGN = "sign"
    STOP = "stop"
    REPLACED = "replaced"
    SUPERVISOR = "supervisor"


class ProtocolLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of protocol.ndjson: a step that begins, or something that was looked at or happened in it.

    `at_ns` and `done_ns` are instants of CLOCK_MONOTONIC: the first steps come before the run's origin.
    """

    step: ProtocolStep
    at_ns: int
    done_ns: int
    outcome: str = "ok"
    note: str = ""
