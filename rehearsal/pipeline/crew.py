"""How many load processes a drill has, and where they come from."""

import msgspec

#: Locust's own port for masters.
PORT = 5557
#: Nobody but this machine can come to it.
HOST = "127.0.0.1"
MOST = 64
_LEAD_S, _LEAD_ELSEWHERE_S = 0.5, 2.0


class Crew(msgspec.Struct, frozen=True, kw_only=True):
    """`workers` load processes: started on this machine, or awaited from `elsewhere` for `within_s`.

    Those from elsewhere come to `host` and `port` of this machine.
    """

    workers: int = 1
    elsewhere: bool = False
    host: str = HOST
    port: int = PORT
    within_s: float = 300.0

    @property
    def alone(self) -> bool:
        """Tell whether one process on this machine is all, so that nobody has to lead it."""
        return self.workers == 1 and not self.elsewhere

    @property
    def lead_s(self) -> float:
        """Return how long before its origin a run is told of it: longer where a network lies between."""
        return _LEAD_ELSEWHERE_S if self.elsewhere else _LEAD_S


ALONE = Crew()


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """What a drill is given besides its plan: bugs planted in the mock shop, and who sends the load."""

    defects: tuple[str, ...] = ()
    crew: Crew = ALONE


PLAIN = Setup()
