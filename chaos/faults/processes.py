"""Mechanisms on processes: killed, paused, or started to attack."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from chaos import canary
from chaos.drill import Evidence, all_of
from chaos.faults.mechanism import Mechanism
from chaos.faults.site import Site
from chaos.met import Fate, meet
from rehearsal.model.errors import RehearsalError

WORKER = "worker"
#: An attack ends by itself so much after the fault's hold, should nobody end it.
_LONGER_S = 5.0


class OnProcesses(Mechanism):
    """Whatever is done to the processes of a role: region (the fault's own) or worker."""

    role: str

    def labels(self, site: Site) -> tuple[str, ...]:
        """Return the processes meant."""
        return site.processes(self.role)

    def await_back(self, site: Site) -> None:
        """Wait until the processes answer past their listeners; RehearsalError if they do not."""
        for name, url in site.urls(self.role).items():
            if not site.wait_back(lambda url=url, name=name: canary.answered(site.http, name, url).proven):  # type: ignore[misc]
                raise RehearsalError(
                    f"{name} was brought back but does not answer at {url}; its log tells why."
                )

    def mended(self, site: Site) -> Evidence:
        """Ask for health; the processes must live, and the director must send shoppers to a region again."""
        alive = tuple(running(site, label) for label in self.labels(site))
        answers = (canary.answered(site.http, name, url) for name, url in site.urls(self.role).items())
        listed = (led_to(site),) if self.role == "region" else ()
        return all_of((*alive, *answers, *listed))


@dataclass(frozen=True)
class Kill(OnProcesses):
    """Processes are killed with all they had in memory; healing starts them again."""

    role: str = "region"

    @property
    def does(self) -> str:
        """Say that they die."""
        return f"kill -9 the processes of the {self.role}"

    @property
    def undoes(self) -> str:
        """Say that they live again."""
        return f"start the processes of the {self.role} and wait until they answer"

    def inject(self, site: Site) -> None:
        """Kill them, the last started first."""
        for label in reversed(self.labels(site)):
            site.world.processes.kill(label)

    def shows(self, site: Site) -> Evidence:
        """Look whether they are gone."""
        return all_of(tuple(gone(site, label) for label in self.labels(site)))

    def felt(self, site: Site) -> tuple[int, str]:
        """Return how many confirmations wait for a worker that is gone; of a region shoppers must tell."""
        if self.role != WORKER:
            return 0, ""
        try:
            url = next(iter(site.urls("regions").values()))
            waiting = int(site.json("GET", f"{url}/admin/pending").get("unsent", 0))
        except RehearsalError:
            waiting = 0
        return waiting, f"{waiting or 'no'} confirmation{'s' * (waiting != 1)} waited to be sent"

    def heal(self, site: Site) -> None:
        """Start those that are gone, and wait until they answer."""
        for label in self.labels(site):
            if site.world.processes.exit_code(label) is not None:
                site.world.processes.restart(label)
        self.await_back(site)


@dataclass(frozen=True)
class Pause(OnProcesses):
    """Processes stand still; healing lets them go on as if nothing had happened."""

    role: str = "region"

    @property
    def does(self) -> str:
        """Say that they stand still."""
        return f"SIGSTOP the processes of the {self.role}"

    @property
    def undoes(self) -> str:
        """Say that they go on."""
        return f"SIGCONT the processes of the {self.role} and wait until they answer"

    def inject(self, site: Site) -> None:
        """Stop them in their tracks."""
        for label in self.labels(site):
            site.world.processes.pause(label)

    def shows(self, site: Site) -> Evidence:
        """Ask each for its health: connections are made, and nobody answers."""
        parts = []
        for name, url in site.urls(self.role).items():
            met = meet(site.http, f"{url}{site.world.health}", site.now_s)
            parts.append(Evidence(proven=met.fate is Fate.SILENT, saw=f"a request to {name} {met}"))
        return all_of(tuple(parts))

    def heal(self, site: Site) -> None:
        """Let them go on, and wait until they answer."""
        for label in self.labels(site):
            site.world.processes.resume(label)
        self.await_back(site)


@dataclass(frozen=True)
class Attack(Mechanism):
    """A crowd of clients that are no shoppers, as a process of its own, which ends by itself if need be."""

    kind: str

    @property
    def does(self) -> str:
        """Say who attacks."""
        return f"start a process that attacks: {self.kind}"

    @property
    def undoes(self) -> str:
        """Say that it ends."""
        return "end the attacking process"

    def inject(self, site: Site) -> None:
        """Start it."""
        world = site.world
        if self.kind not in world.attackers:
            raise RehearsalError(f"There is no command for the attack {self.kind}.")
        if not world.processes.alive(self.label):
            seconds = site.fault.hold_s + _LONGER_S
            bounds = ("--seconds", f"{seconds:g}", "--seed", str(site.random.randrange(2**31)))
            world.processes.start(self.label, (*world.attackers[self.kind], *bounds), log=self._log(site))

    def shows(self, site: Site) -> Evidence:
        """Look whether it is at work."""
        return running(site, self.label)

    def felt(self, site: Site) -> tuple[int, str]:
        """Return how many of its requests met anything at all, as it counted them itself."""
        try:
            lines = self._log(site).read_text(errors="replace").splitlines()
        except OSError:
            lines = []
        met = next((found for line in reversed(lines) if (found := _met_in(line)) is not None), 0)
        return met, f"{self.label} sent {met or 'no'} request{'s' * (met != 1)}"

    def heal(self, site: Site) -> None:
        """End it."""
        if site.world.processes.alive(self.label):
            site.world.processes.kill(self.label)

    def mended(self, site: Site) -> Evidence:
        """Look whether it is gone."""
        alive = site.world.processes.alive(self.label)
        return Evidence(proven=not alive, saw=f"{self.label} {'still runs' if alive else 'has ended'}")

    @property
    def label(self) -> str:
        """Return the label of its process."""
        return f"attack_{self.kind}"

    def _log(self, site: Site) -> Path:
        return site.world.logs / f"{self.label}.log"


def _met_in(line: str) -> int | None:
    """Return what a line of an attack's counts comes to; None if it is no such line."""
    try:
        return sum(msgspec.json.decode(line, type=_Counted).met.values())
    except msgspec.MsgspecError:
        return None


class _Counted(msgspec.Struct):
    """What is needed of a line of counts."""

    met: dict[str, int]


def running(site: Site, label: str) -> Evidence:
    """Tell whether a process lives."""
    alive = site.world.processes.alive(label)
    return Evidence(proven=alive, saw=f"{label} is {'running' if alive else 'gone'}")


def gone(site: Site, label: str) -> Evidence:
    """Tell whether a process is gone."""
    code = site.world.processes.exit_code(label)
    saw = f"{label} is running" if code is None else f"{label} is gone (exit code {code})"
    return Evidence(proven=code is not None, saw=saw)


def led_to(site: Site) -> Evidence:
    """Tell whether the director calls the fault's region healthy."""
    region = site.fault.region
    try:
        regions = site.json("GET", f"{site.world.director_url}/admin/regions")["regions"]
    except RehearsalError as error:
        return Evidence(proven=False, saw=str(error))
    healthy = region in {entry["name"] for entry in regions if entry["healthy"]}
    return Evidence(proven=healthy, saw=f"the director calls {region} {'healthy' if healthy else 'down'}")
