"""Where a conductor is killed: a short drill for each step of the protocol, and how it is done there."""

import signal

import msgspec

from rehearsal.model.faults import FaultKind
from rehearsal.model.protocol import ProtocolStep

#: The longest it may take from the kill until nothing is broken and nothing of the run lives.
LIMIT_S = 10.0


class Kill(msgspec.Struct, frozen=True, kw_only=True):
    """One case: in which step, how long into it, by which signal, and under which fault.

    `blinded`: the supervisor is killed a second before, so that the one that took its place must heal.
    """

    name: str
    step: ProtocolStep
    into_s: float = 0.0
    fault: FaultKind = FaultKind.ANSWER_LOST_AFTER_CAPTURE
    number: int = signal.SIGKILL
    blinded: bool = False


_REGION = FaultKind.REGION_KILLED

KILLS = (
    Kill(name="standing up", step=ProtocolStep.STAND_UP, into_s=0.6),
    Kill(name="preflight", step=ProtocolStep.PREFLIGHT),
    Kill(name="command before the load", step=ProtocolStep.BEFORE, into_s=0.2),
    Kill(name="baseline", step=ProtocolStep.BASELINE, into_s=0.3),
    Kill(name="injecting", step=ProtocolStep.INJECT, fault=_REGION),
    Kill(name="right after inject", step=ProtocolStep.EFFECT),
    Kill(name="effect proof", step=ProtocolStep.EFFECT, into_s=0.4),
    Kill(name="hold", step=ProtocolStep.HOLD, into_s=0.3),
    Kill(name="hold, stopped not killed", step=ProtocolStep.HOLD, into_s=0.3, number=signal.SIGSTOP),
    Kill(name="hold, second supervisor", step=ProtocolStep.HOLD, into_s=0.3, blinded=True),
    Kill(name="heal", step=ProtocolStep.HEAL, into_s=0.1, fault=_REGION),
    Kill(name="heal proof", step=ProtocolStep.HEALED, fault=_REGION),
    Kill(name="recovery", step=ProtocolStep.RECOVERY, into_s=0.2),
    Kill(name="searching", step=ProtocolStep.SEARCH, into_s=2.0),
    Kill(name="quiesce", step=ProtocolStep.QUIESCE),
    Kill(name="final reads", step=ProtocolStep.FINAL),
    Kill(name="cleaning up", step=ProtocolStep.AFTER, into_s=0.2),
    Kill(name="taking down", step=ProtocolStep.TAKE_DOWN, into_s=0.1),
    Kill(name="judging", step=ProtocolStep.JUDGE, into_s=0.1),
    Kill(name="signing", step=ProtocolStep.SIGN),
)
#: One while something is broken, one while nothing runs any more.
QUICK = ("right after inject", "judging")

_PLAN = """
name = "kill"
seed = 618

[store]
servers = 5
service_ms = 10.0
reservation_s = 2.0

[traffic]
normal_per_s = 4.0
multiplier = 5.0
pool = 60
think_s = 0.1
mix = {{ browse = 0.3, cart = 0.6, flash_sale = 0.1 }}

[hooks]
before = "sleep 0.4"
after = 'test "$REHEARSAL_URL" && sleep 0.4'

[forecast]
peak_per_s = 20.0

[sale]
opens_with = "baseline"

[[phases]]
name = "baseline"
kind = "normal"
duration_s = 1.0
rate = 2.0

[[phases]]
name = "broken"
kind = "fault"
duration_s = 3.0
rate = 5.0

[[phases]]
name = "back"
kind = "recovery"
duration_s = 3.0
rate = 2.0

{search}
[[faults]]
kind = "{fault}"
phase = "broken"
after_s = 0.2
hold_s = 2.5
recover_within_s = 3.0

[slo.normal]
p95_ms = 1000.0
p99_ms = 2000.0
goodput = 0.9
payment_success = 0.9

[slo.fault]
p95_ms = 2000.0
p99_ms = 4000.0
goodput = 0.5
payment_success = 0.5
"""

_SEARCH = """
[[phases]]
name = "capacity"
kind = "capacity"

[capacity.slo.wide]
p95_ms = 1000.0
p99_ms = 2000.0
goodput = 0.9
"""


def plan_of(kill: Kill) -> str:
    """Return the plan of the drill in which it happens, as TOML."""
    search = _SEARCH if kill.step is ProtocolStep.SEARCH else ""
    return _PLAN.format(fault=kill.fault.value, search=search)
