"""The Toxiproxy that `rehearse links up` keeps running: where drills find it, and where a new one listens."""

import contextlib
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from chaos import toxiproxy_binary
from chaos.lease import TOXIPROXY, ProcessTable, state_dir
from chaos.toxiproxy import Toxiproxy, start_server
from rehearsal import process
from rehearsal.model.errors import PrerequisiteMissing, RehearsalError
from rehearsal.model.link_check import place_of
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Link
from rehearsal.pipeline import ports
from rehearsal.process import Child
from rehearsal.rundir.folder import write_bytes

_SUFFIX = ".links.json"
_PRIVATE = 0o600


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """One link as a running server has it."""

    name: str
    listen: str
    upstream: str


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A server that was started for a plan's links and outlives drills: its process, its control API."""

    plan: str
    version: str
    server: Child
    url: str
    links: tuple[Served, ...]


class LinkGround(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan's links stand on: a `running` server, or one to start at a port that is held for it."""

    running: Running | None = None
    toxiproxy: toxiproxy_binary.Found | None = None
    port: int = 0


@contextmanager
def link_ground(plan: Plan, env: Mapping[str, str]) -> Iterator[LinkGround]:
    """Give what the plan's links stand on until the block is left; raises as the two below."""
    if running := running_for(plan.links, env):
        path, how = Path(running.server.argv[0]), "kept up by rehearse links"
        found = toxiproxy_binary.Found(path=path, how=how, version=running.version)
        yield LinkGround(running=running, toxiproxy=found)
        return
    with new_ground(plan, env) as ground:
        yield ground


@contextmanager
def new_ground(plan: Plan, env: Mapping[str, str]) -> Iterator[LinkGround]:
    """Give a Toxiproxy and a port for it, held until the block is left.

    PrerequisiteMissing without a Toxiproxy, RehearsalError if a link's port is in use.
    """
    found = toxiproxy_binary.locate(env)
    if found is None:
        raise PrerequisiteMissing(f"Toxiproxy 2.12.0 is not on this machine. {toxiproxy_binary.MEND}")
    for link in plan.links:
        require_free(link)
    with ports.held(1, folder=state_dir(env)) as (port,):
        yield LinkGround(toxiproxy=found, port=port)


def running_for(links: Sequence[Link], env: Mapping[str, str]) -> Running | None:
    """Return the running server that has these links, None if nobody listens there for us.

    RehearsalError if one listens at an address of theirs otherwise than they say.
    """
    wanted = {link.listen: _served(link) for link in links}
    for running in _living(links_dir(env)):
        there = {link.listen: link for link in running.links if link.listen in wanted}
        if there == wanted:
            return running
        if there:
            raise RehearsalError(
                f"A Toxiproxy for the plan {running.plan} (process {running.server.pid}) listens at "
                f"{', '.join(there)}, but not as this plan's links say. End that `rehearse links up` with "
                "Ctrl-C, and start it with this plan."
            )
    return None


@contextmanager
def announced(running: Running, env: Mapping[str, str]) -> Iterator[None]:
    """Let drills find a running server until the block is left."""
    folder = links_dir(env)
    path = folder / f"{running.server.pid}{_SUFFIX}"
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(path, msgspec.json.encode(running), mode=_PRIVATE)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def links_dir(env: Mapping[str, str]) -> Path:
    """Return the folder in which running servers are announced, beside that of the leases."""
    return state_dir(env).parent / "links"


def start_links(table: ProcessTable, logs: Path, links: Sequence[Link], ground: LinkGround) -> Toxiproxy:
    """Start a Toxiproxy with a listener for each link, noted in the lease; raises as `start_server`."""
    if ground.toxiproxy is None:
        raise PrerequisiteMissing(f"There is no Toxiproxy to start. {toxiproxy_binary.MEND}")
    log = logs / "toxiproxy.log"
    binary, port = ground.toxiproxy.path, ground.port
    toxiproxy = start_server(table, binary, port, log=log, label=TOXIPROXY, metrics=True)
    table.set_toxiproxy(toxiproxy.url)
    for link in links:
        toxiproxy.create(link.name, listen=link.listen, upstream=link.upstream)
    return toxiproxy


def own_words(links: Sequence[Link]) -> str:
    """Return in a sentence what must be so for a drill whose links nobody keeps up."""
    places = ", ".join(f"{link.name} at {link.listen}" for link in links)
    return (
        f"the links are up for this drill alone ({places}): the shop must be pointed there; "
        "to keep them up between drills: rehearse links up PLAN"
    )


def url_of_links(links: Sequence[Link]) -> dict[str, str]:
    """Return the address of each link's listener, by the link's name."""
    return {link.name: f"http://{link.listen}" for link in links}


def as_served(links: Sequence[Link]) -> tuple[Served, ...]:
    """Return links as a server has them."""
    return tuple(_served(link) for link in links)


def require_free(link: Link) -> None:
    """Raise RehearsalError if nobody could listen where a link is to."""
    host, port = place_of(link.listen)
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.closing(socket.socket(family, kind, number)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise RehearsalError(
            f"The link {link.name} is to listen at {link.listen}, which cannot be: {why}. "
            "End the program that is there, or choose another port in the plan and in the shop's setting."
        ) from None


def _served(link: Link) -> Served:
    return Served(name=link.name, listen=link.listen, upstream=link.upstream)


def _living(folder: Path) -> Iterator[Running]:
    """Yield the servers announced that still run; what dead ones left is removed."""
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            running = msgspec.json.decode(path.read_bytes(), type=Running)
        except (OSError, msgspec.MsgspecError):
            continue
        if process.find(running.server):
            yield running
        else:
            path.unlink(missing_ok=True)
