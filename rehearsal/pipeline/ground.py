"""What a drill stands on, looked at before a folder is made: a Toxiproxy, free ports, a shop that answers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
import msgspec

from chaos import toxiproxy_binary
from chaos.lease import state_dir
from chaos.toxiproxy import Toxiproxy
from rehearsal.model.errors import PrerequisiteMissing, RehearsalError, Unreachable
from rehearsal.model.link_check import past_edge
from rehearsal.model.plan import Plan
from rehearsal.pipeline.link_server import LinkGround, link_ground
from rehearsal.pipeline.readings import reading_client
from rehearsal.pipeline.shop_links import Links, held_links


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What the mock shop stands on: a Toxiproxy server, and addresses on ports that are held for it."""

    toxiproxy: toxiproxy_binary.Found
    links: Links


@contextmanager
def ground_for(plan: Plan, env: Mapping[str, str]) -> Iterator[Ground | LinkGround | None]:
    """Give what the plan's shop, or its links, stand on until the block is left; None: neither is ours.

    PrerequisiteMissing without a Toxiproxy, RehearsalError if a port of the plan's is in use.
    """
    if plan.links:
        with link_ground(plan, env) as ground:
            yield ground
        return
    if plan.target.shop != "mock":
        yield None
        return
    found = require_toxiproxy(env)
    with held_links(plan.store.base_port, state_dir(env)) as links:
        yield Ground(toxiproxy=found, links=links)


def require_shop(plan: Plan) -> None:
    """Raise Unreachable if nobody answers at the addresses of a shop that the harness does not start.

    RehearsalError if its Toxiproxy lacks a listener of the plan's.
    """
    if plan.target.shop == "mock":
        return
    url = past_edge(plan)
    try:
        # The head of an answer is enough: a body may drip for ever.
        marks = plan.marks.headers(plan.name)  # the run has no name yet
        with (
            reading_client(plan.target.ca_file, marks) as client,
            client.stream("GET", url),
        ):
            pass
    except httpx.HTTPError as error:
        raise Unreachable(
            f"The shop at {url} does not answer ({type(error).__name__}: {error}). {_mend_of(url, error)}"
        ) from None
    if plan.target.toxiproxy:
        require_listeners(Toxiproxy(plan.target.toxiproxy), plan)


def _mend_of(url: str, error: httpx.HTTPError) -> str:
    """Return what helps against a shop that cannot be spoken to."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "Name in target.ca_file whoever vouches for it; `rehearse doctor --target PLAN` says more."
    if "WRONG_VERSION_NUMBER" in str(error):
        return "If it does not speak https there, write http:// in the plan."
    if url.startswith("http:") and not isinstance(error, httpx.ConnectError):
        return "If it speaks https there, write https:// in the plan; else see why it hangs up."
    return "Start it, or correct target.url in the plan."


def require_listeners(toxiproxy: Toxiproxy, plan: Plan) -> None:
    """Raise Unreachable if a team's own Toxiproxy is silent, RehearsalError if it lacks a listener."""
    try:
        known = sorted(toxiproxy.states())
    except Unreachable as error:
        raise Unreachable(
            f"No Toxiproxy answers at {toxiproxy.url}. Start it, or correct target.toxiproxy in the plan."
        ) from error
    wanted = {fault.listener for fault in plan.faults if fault.listener}
    if missing := sorted(wanted - set(known)):
        raise RehearsalError(
            f"The Toxiproxy at {toxiproxy.url} has no listener {', '.join(missing)}; "
            f"it has {', '.join(known) or 'none'}. Create it, or correct the plan."
        )


def require_toxiproxy(env: Mapping[str, str]) -> toxiproxy_binary.Found:
    """Return the Toxiproxy server of this machine; PrerequisiteMissing with the mend if there is none."""
    found = toxiproxy_binary.locate(env)
    if found is None:
        raise PrerequisiteMissing(f"Toxiproxy 2.12.0 is not on this machine. {toxiproxy_binary.MEND}")
    return found
