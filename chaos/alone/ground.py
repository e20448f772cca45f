"""The ground of a drill by itself: somebody's own Toxiproxy, each listener leased before it is broken."""

from urllib.parse import urlsplit

import httpx

from chaos import canary
from chaos.alone.order import Order
from chaos.foreign_toxiproxy import ForeignToxiproxy
from chaos.preflight import recent
from chaos.process_table import ProcessTable
from chaos.toxiproxy import ListenerState, Toxiproxy
from chaos.world import World
from rehearsal.model.errors import RehearsalError

_ANYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - what a server bound there is asked at instead


def world_of(order: Order, table: ProcessTable, http: httpx.Client) -> World:
    """Return what the drill may touch; RehearsalError if the ground is broken already or is not there."""
    toxiproxy = Toxiproxy(order.toxiproxy or "http://127.0.0.1:0")
    states = _sound(toxiproxy, order.listeners) if order.listeners else {}
    listeners = {name: _address(state, order.toxiproxy) for name, state in states.items()}
    for name, url in listeners.items():
        seen = canary.answered(http, name, url, order.path)
        if not seen.proven:
            raise RehearsalError(f"{seen.saw} at {url}{order.path}: nothing could be proven. Choose --path.")
    return World(
        run_id=table.run_id,
        provider_url="",
        director_url="",
        regions={},
        listeners=listeners,
        toxiproxy=ForeignToxiproxy(toxiproxy, table),
        processes=table,
        http=http,
        seed=order.seed,
        health=order.path,
    )


def _sound(toxiproxy: Toxiproxy, names: tuple[str, ...]) -> dict[str, ListenerState]:
    version = toxiproxy.version()
    if not recent(version):
        raise RehearsalError(f"Toxiproxy {version} at {toxiproxy.url} is too old: 2.6 or newer is needed.")
    states = toxiproxy.states()
    if missing := [name for name in names if name not in states]:
        raise RehearsalError(
            f"Toxiproxy at {toxiproxy.url} has no listener {', '.join(missing)}; "
            f"it has {', '.join(sorted(states)) or 'none'}."
        )
    if sick := [name for name in names if not states[name].clean]:
        raise RehearsalError(f"Already closed or with a toxic: {', '.join(sick)}. Heal it first.")
    return {name: states[name] for name in names}


def _address(state: ListenerState, control: str) -> str:
    """Return where a listener is reached: at its server's host if it listens anywhere."""
    host, _, port = state.listen.rpartition(":")
    if host.strip("[]") in _ANYWHERE:
        host = urlsplit(control).hostname or "127.0.0.1"
    return f"http://{host}:{port}"
