"""Asks at a listener whether somebody answers behind it, in the protocol that is spoken there."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from chaos import canary
from chaos.drill import Evidence
from chaos.met import Fate, Met, as_meant, judged, meet
from chaos.probes import greet, meets
from chaos.toxics import Toxic
from rehearsal.model.plan_shop import Link, Probe

_THERE = {Fate.ANSWERED, Fate.ACCEPTED}
_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks at listeners of the mock shop for `health`, at `links` (by name) as the plan says of each.

    Of a link's server any status is an answer; the mock shop's must be 200. `greet` speaks with a server that
    does not speak HTTP.
    """

    http: httpx.Client
    health: str = canary.HEALTH
    links: Mapping[str, Link] = field(default_factory=dict)
    now_s: Callable[[], float] = time.monotonic
    greet: Callable[..., Met] = greet

    def refused(self, name: str, url: str) -> Evidence:
        """Prove that a listener refuses connections."""
        link = self.links.get(name)
        if link is None:
            return canary.refused(self.http, name, url, self.health)
        met = self._meet(link, url)
        return Evidence(proven=met.fate is Fate.REFUSED, saw=_words(link, met))

    def answered(self, name: str, url: str) -> Evidence:
        """Prove that a server answers."""
        link = self.links.get(name)
        if link is None:
            return canary.answered(self.http, name, url, self.health)
        met = self._meet(link, url)
        return Evidence(proven=met.fate in _THERE, saw=_words(link, met))

    def met(self, name: str, url: str, toxics: tuple[Toxic, ...]) -> Evidence:
        """Prove that a request meets what a listener's toxics do.

        What a link's probe cannot meet the server has confirmed when it was added; that somebody was hit is
        then for shoppers to tell.
        """
        link = self.links.get(name)
        if link is None:
            return judged(name, toxics, meet(self.http, f"{url}{self.health}", self.now_s))
        met = self._meet(link, url)
        if any(as_meant(toxic, met) for toxic in toxics):
            return Evidence(proven=True, saw=_words(link, met))
        if any(meets(link.probe, toxic) for toxic in toxics):
            return Evidence(proven=False, saw=_words(link, met))
        kinds = ", ".join(toxic.kind for toxic in toxics)
        saw = f"Toxiproxy confirms {kinds} at {name}, which the {link.probe} probe does not meet; {met}"
        return Evidence(proven=met.fate in _THERE, saw=saw)

    def _meet(self, link: Link, url: str) -> Met:
        if link.probe is Probe.HTTP:
            return meet(self.http, f"{url}{link.health}", self.now_s)
        return self.greet(link, timeout_s=_TIMEOUT_S, now_s=self.now_s)


def _words(link: Link, met: Met) -> str:
    return f"the {link.probe} probe of {link.name} {met}"
