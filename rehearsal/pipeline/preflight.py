"""The first step of the protocol: each thing looked at is a row; what is not as it must be ends the run."""

import time
from collections.abc import Callable, Iterable

from chaos.preflight import Looked, clocks_looked
from rehearsal.model.errors import BrokenOff
from rehearsal.model.history import Outcome
from rehearsal.model.protocol import ProtocolStep
from rehearsal.rundir.protocol_log import ProtocolLog

_PAUSE_S = 0.1


def preflight(looks: Iterable[Looked], protocol: ProtocolLog) -> None:
    """Write down every look, and raise BrokenOff with all that is wrong."""
    wrong: list[str] = []
    for look in looks:
        outcome = Outcome.OK if look.good else Outcome.FAIL
        protocol.tell(ProtocolStep.PREFLIGHT, f"{look.name}: {look.saw}", outcome=outcome)
        if not look.good:
            wrong.append(look.saw)
    if wrong:
        raise BrokenOff(
            f"The preflight found what must not be: {'; '.join(wrong)}. Nothing was broken or sent; mend it, "
            "and run the drill again."
        )


def own_clocks(pause: Callable[[float], object] = time.sleep) -> Looked:
    """Look at this machine's clocks."""
    return clocks_looked(time.monotonic_ns, time.time_ns, lambda: pause(_PAUSE_S))
