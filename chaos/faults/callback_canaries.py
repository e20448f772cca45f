"""Canaries for callbacks: cents whose callbacks come to a place of our own, where they can be counted."""

from chaos.drill import Evidence
from chaos.faults.site import Site

_LOST_S = 0.6
_REPEATED_S = 1.2
_TRIES = 6
_LOOK_S = 0.05
_OWED = "callback owed"


def repeated(site: Site) -> Evidence:
    """Pay a cent: its callback must come at least twice."""
    name = _pay(site)
    times = _await(site, name, count=2, within_s=_REPEATED_S)
    site.own["callbacks_repeated"] = site.own.get("callbacks_repeated", 0) + 1
    return Evidence(proven=times > 1, saw=f"a canary's callback came {times} times")


def early(site: Site) -> Evidence:
    """Pay cents until a callback has come before the answer to its capture."""
    for _ in range(_TRIES):
        name = _pay(site)
        if site.catcher.came(name):
            site.own["callbacks_early"] = site.own.get("callbacks_early", 0) + 1
            return Evidence(proven=True, saw="a canary's callback came before the answer to its capture")
    return Evidence(proven=False, saw=f"of {_TRIES} canaries no callback came before its answer")


def lost(site: Site) -> Evidence:
    """Pay a cent: its callback must not come."""
    name = _pay(site)
    site.notes[_OWED] = Evidence(proven=True, saw=name)
    site.own["callbacks_lost"] = site.own.get("callbacks_lost", 0) + 1
    times = _await(site, name, count=1, within_s=_LOST_S)
    return Evidence(proven=times == 0, saw=f"a canary's callback came {times} times within {_LOST_S:g} s")


def found(site: Site) -> Evidence:
    """Look whether the callback that was kept back has come."""
    owed = site.notes.get(_OWED)
    if owed is None:
        return Evidence(proven=True, saw="no canary's callback was kept back")
    times = _await(site, owed.saw, count=1, within_s=_REPEATED_S)
    return Evidence(proven=times > 0, saw=f"the canary's callback has come {times} times")


def _pay(site: Site) -> str:
    name = str(next(site.world.numbers))
    site.purse.pay(callback_url=site.catcher.url(name))
    site.purse.settle()
    return name


def _await(site: Site, name: str, *, count: int, within_s: float) -> int:
    """Return how many callbacks came, waiting for `count` of them."""
    for _ in range(round(within_s / _LOOK_S)):
        if len(site.catcher.came(name)) >= count:
            break
        site.sleep(_LOOK_S)
    return len(site.catcher.came(name))
