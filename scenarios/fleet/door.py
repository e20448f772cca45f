"""Which workers a drill takes. Pure."""

from rehearsal import __version__
from scenarios.fleet.messages import Hello
from scenarios.load_order import FleetOrder


def unwelcome(hello: Hello, fleet: FleetOrder, *, machine: str, taken: bool) -> str:
    """Return why a worker cannot take part in a drill on `machine`, "" if it can."""
    if hello.version != __version__:
        return (
            f"it runs version {hello.version} of the harness, the drill {__version__}; "
            "install the same on both."
        )
    if taken:
        return f"all {fleet.workers} workers of this drill have come already."
    if fleet.here_only and hello.machine != machine:
        return (
            "the mock shop can be reached from the drill's own machine only; workers elsewhere need "
            'a plan with target.shop = "url".'
        )
    return ""
