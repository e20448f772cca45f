"""A region dies at once: kill -9 of its processes, its listeners closed; later it comes back."""

from collections.abc import Callable

import httpx

from chaos import canary
from chaos.drill import Evidence, all_of
from chaos.world import World, callback_of, edge_of
from rehearsal import process
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import FaultKind

_BACK_S = 10.0


def _wait_back(condition: Callable[[], bool]) -> bool:
    return process.wait_until(condition, timeout_s=_BACK_S)


class RegionKilled:
    """One region's processes are gone, and nobody can connect to it."""

    name = FaultKind.REGION_KILLED.value
    effect = "A region is lost with everything it had in memory; the other carries all shoppers."

    def __init__(
        self, world: World, region: str, *, wait_back: Callable[[Callable[[], bool]], bool] = _wait_back
    ) -> None:
        """Take the region to lose; `wait_back` calls a condition until it is true, or gives up."""
        self._world = world
        self._region = region
        self._labels = world.regions[region].processes
        self._listeners = (edge_of(region), callback_of(region))
        self._wait_back = wait_back

    def inject(self) -> None:
        """Close the region's listeners, then kill its processes."""
        for name in self._listeners:
            self._world.toxiproxy.disable(name)
        for label in reversed(self._labels):
            self._world.processes.kill(label)

    def prove_effect(self) -> Evidence:
        """Connect to the edge: it must refuse; and no process of the region may be alive."""
        edge = edge_of(self._region)
        gone = tuple(self._gone(label) for label in self._labels)
        return all_of((canary.refused(self._world.http, edge, self._world.listeners[edge]), *gone))

    def heal(self) -> None:
        """Start the processes, wait until the region answers past its listeners, then open those."""
        for label in self._labels:
            if self._world.processes.exit_code(label) is not None:
                self._world.processes.restart(label)
        url = self._world.regions[self._region].url
        if not self._wait_back(lambda: canary.answered(self._world.http, self._region, url).proven):
            raise RehearsalError(
                f"Region {self._region} was started again but does not answer at {url}; "
                f"its log in the run folder tells why."
            )
        for name in self._listeners:
            self._world.toxiproxy.heal(name)

    def prove_heal(self) -> Evidence:
        """Ask the region for its health through the edge, and the director whether it is in use."""
        edge = edge_of(self._region)
        through = canary.answered(self._world.http, edge, self._world.listeners[edge])
        return all_of((through, self._listed()))

    def _gone(self, label: str) -> Evidence:
        code = self._world.processes.exit_code(label)
        saw = f"{label} is running" if code is None else f"{label} is gone (exit code {code})"
        return Evidence(proven=code is not None, saw=saw)

    def _listed(self) -> Evidence:
        try:
            answer = self._world.http.get(f"{self._world.director_url}/admin/regions").raise_for_status()
        except httpx.HTTPError as error:
            return Evidence(proven=False, saw=f"the director does not answer ({type(error).__name__})")
        healthy = {entry["name"] for entry in answer.json()["regions"] if entry["healthy"]}
        proven = self._region in healthy
        return Evidence(
            proven=proven, saw=f"the director calls {self._region} {'healthy' if proven else 'down'}"
        )
