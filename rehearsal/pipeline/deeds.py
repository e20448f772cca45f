"""What contingency plans do: leave a region, pay through the second provider, run a team's own command."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from chaos.faults.shell import shell
from chaos.lease_file import Undo
from chaos.process_table import ProcessTable
from rehearsal.model.errors import RehearsalError, Unreachable
from rehearsal.model.plan import Contingency
from rehearsal.model.secrets import Masker
from rehearsal.pipeline.contingency import Deed
from rehearsal.pipeline.shop_links import Links

_CALL_S = 5.0


@dataclass(frozen=True, slots=True)
class SwitchRegion:
    """The director sends nobody to a region any more."""

    director: str
    region: str
    send: Callable[..., httpx.Response]

    def do(self) -> str:
        """Take the region out of service."""
        _ask(self.send, "POST", f"{self.director}/admin/drain", {"region": self.region})
        return f"the director sends nobody to region {self.region}"

    def undo(self) -> str:
        """Put every region into service again."""
        _ask(self.send, "DELETE", f"{self.director}/admin/drain")
        return "the director sends shoppers to every healthy region"


@dataclass(frozen=True, slots=True)
class SecondChannel:
    """New payments go through the second provider. The regions share this, so one that answers suffices."""

    regions: tuple[str, ...]
    send: Callable[..., httpx.Response]

    def do(self) -> str:
        """Open the second channel."""
        return self._switch("second")

    def undo(self) -> str:
        """Go back to the first."""
        return self._switch("first")

    def _switch(self, provider: str) -> str:
        refusals: list[str] = []
        for url in self.regions:
            try:
                _ask(self.send, "POST", f"{url}/admin/channel", {"provider": provider})
            except RehearsalError as error:
                refusals.append(str(error))
            else:
                return f"new payments go through the {provider} provider"
        raise Unreachable(" ".join(refusals))


@dataclass(frozen=True, slots=True)
class OwnCommand:
    """A team's command; its undoing is owed, whatever becomes of this process.

    Once the run is `over` it is not waited for any more, but undone. `mask` hides secrets in what it says.
    """

    contingency: Contingency
    table: ProcessTable
    over: threading.Event = field(default_factory=threading.Event)
    mask: Masker = str

    def do(self) -> str:
        """Run it, having noted its undoing."""
        undo = Undo(name=self._owed, command=self.contingency.undo, timeout_s=self.contingency.within_s)
        if self.contingency.undo:
            self.table.owe(undo)
        return self._run("run", self.contingency.run, self.over)

    def undo(self) -> str:
        """Run its undoing, and owe it no longer."""
        if not self.contingency.undo:
            return "nothing is to be undone"
        words = self._run("undo", self.contingency.undo)
        self.table.settle(self._owed)
        return words

    @property
    def _owed(self) -> str:
        return f"contingency {self.contingency.name}"

    def _run(self, what: str, line: str, over: threading.Event | None = None) -> str:
        within_s, run_id = self.contingency.within_s, self.table.run_id
        seen = shell(what, line, timeout_s=within_s, run_id=run_id, over=over, mask=self.mask)
        if not seen.proven:
            raise RehearsalError(f"{seen.saw}. The command: {line}")
        return seen.saw


def deed_of(
    contingency: Contingency,
    links: Links | None,
    table: ProcessTable,
    over: threading.Event,
    *,
    mask: Masker = str,
) -> Deed:
    """Return how a checked plan's contingency is carried out; `links` are the mock shop's.

    `over` is set once the run is. `mask` hides secrets in what a command says.
    """
    if links is None or contingency.action == "command":
        return OwnCommand(contingency, table, over, mask)
    if contingency.action == "switch_region":
        return SwitchRegion(links.director, contingency.region, httpx.request)
    return SecondChannel(tuple(links.regions.values()), httpx.request)


def _ask(send: Callable[..., httpx.Response], method: str, url: str, body: Any = None) -> None:
    try:
        answer = send(method, url, json=body, timeout=_CALL_S, trust_env=False)
    except httpx.HTTPError as error:
        raise Unreachable(f"{url} does not answer ({type(error).__name__}).") from None
    if not answer.is_success:
        raise RehearsalError(f"{url} answers {answer.status_code}: {answer.text[:200]}.")
