"""A mechanism for what TCP cannot do: a fault mode of one of the mock shop's own processes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chaos.drill import Evidence, all_of
from chaos.faults.mechanism import Mechanism
from chaos.faults.site import Site
from rehearsal.model.errors import RehearsalError


@dataclass(frozen=True)
class Mode(Mechanism):
    """A fault mode of `role` (region, regions, provider, director, worker) with its parameters.

    Its hits are no witness if it is only there to make another mechanism bite.

    `params` may follow from the site: a function of it, drawn once. Modes live in memory: where a process has
    been restarted meanwhile, there is nothing to heal.
    """

    role: str
    name: str
    params: dict[str, Any] | Callable[[Site], dict[str, Any]]
    witness: bool = True

    @property
    def does(self) -> str:
        """Say which mode is on, and where."""
        params = (
            "from the seed" if callable(self.params) else " ".join(f"{k}={v}" for k, v in self.params.items())
        )
        return f"fault mode {self.name} of {self.role} {params}".rstrip()

    @property
    def undoes(self) -> str:
        """Say that it is off."""
        return f"switch {self.name} off"

    def inject(self, site: Site) -> None:
        """Switch it on."""
        wanted = self.params(site) if callable(self.params) else self.params
        for url in site.urls(self.role).values():
            site.json("PUT", f"{url}/__fault/{self.name}", wanted)

    def shows(self, site: Site) -> Evidence:
        """Read it back from each process."""
        return all_of(tuple(self._is(site, name, url, on=True) for name, url in site.urls(self.role).items()))

    def felt(self, site: Site) -> tuple[int, str]:
        """Return its hits, less those of our canaries."""
        if not self.witness:
            return 0, ""
        hits = 0
        for url in site.urls(self.role).values():
            try:
                hits += int(site.json("GET", f"{url}/__fault")["hits"].get(self.name, 0))
            except (RehearsalError, KeyError):
                continue
        hits = max(0, hits - site.own.get(self.name, 0))
        return hits, f"{self.name} hit {hits or 'no'} request{'s' * (hits != 1)} of {self.role}"

    def heal(self, site: Site) -> None:
        """Switch it off."""
        for url in site.urls(self.role).values():
            site.json("DELETE", f"{url}/__fault/{self.name}")

    def mended(self, site: Site) -> Evidence:
        """Read back that it is off."""
        return all_of(
            tuple(self._is(site, name, url, on=False) for name, url in site.urls(self.role).items())
        )

    def _is(self, site: Site, name: str, url: str, *, on: bool) -> Evidence:
        try:
            modes = site.json("GET", f"{url}/__fault")["modes"]
        except (RehearsalError, KeyError) as error:
            return Evidence(proven=False, saw=f"{name} does not tell its fault modes ({error})")
        saw = f"{name} has {self.name} {'on' if self.name in modes else 'off'}"
        return Evidence(proven=(self.name in modes) is on, saw=saw)


@dataclass(frozen=True)
class Channel(Mechanism):
    """The regions pay through the second provider; healing leads them back to the first."""

    @property
    def does(self) -> str:
        """Say where payments go."""
        return "pay through the second provider"

    @property
    def undoes(self) -> str:
        """Say where they go again."""
        return "pay through the first provider again"

    def inject(self, site: Site) -> None:
        """Lead them over."""
        self._lead(site, "second")

    def shows(self, site: Site) -> Evidence:
        """Ask the second provider for its health: payments must have somewhere to go."""
        return _answers(site, site.world.provider2_url)

    def heal(self, site: Site) -> None:
        """Lead them back."""
        self._lead(site, "first")

    def mended(self, site: Site) -> Evidence:
        """Ask the first provider for its health."""
        return _answers(site, site.world.provider_url)

    @staticmethod
    def _lead(site: Site, provider: str) -> None:
        for url in site.urls("regions").values():
            site.json("POST", f"{url}/admin/channel", {"provider": provider})


def _answers(site: Site, url: str) -> Evidence:
    try:
        site.json("GET", f"{url}/health")
    except RehearsalError as error:
        return Evidence(proven=False, saw=str(error))
    return Evidence(proven=True, saw=f"the provider at {url} answers")
