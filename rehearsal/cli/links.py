"""`rehearse links`: listen on the links of a user's own shop, so that a drill can break them."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from chaos.asker import Asker
from chaos.lease import TOXIPROXY, ProcessTable, state_dir
from chaos.world import canary_client
from rehearsal.cli.epilog import examples
from rehearsal.cli.output import say, tell
from rehearsal.model.clock import NS_PER_S, SystemClock
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK, RehearsalError, Stopped
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Link, LinkRole
from rehearsal.pipeline.circumstances import new_run
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.link_server import (
    Running,
    announced,
    as_served,
    new_ground,
    running_for,
    start_links,
    url_of_links,
)
from rehearsal.pipeline.plans import load_plan

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan that names links of your shop.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    links = typer.Typer(
        help="Listen on the links of your own shop, so that drills can break them.",
        epilog=examples("rehearse links up my-sale.toml", "rehearse links show my-sale.toml"),
        no_args_is_help=True,
    )
    links.callback()(lambda: None)
    links.command(
        "up",
        help="Listen on the plan's links until Ctrl-C, and say which setting of the shop to point where.",
        epilog=examples(
            "rehearse links up my-sale.toml",
            also="Then, in another terminal: rehearse drill my-sale.toml. Drills of plans with these links "
            "find the listeners by themselves, and leave them healed.",
        ),
    )(up)
    links.command(
        "show",
        help="Say what the plan's links are, and whether somebody listens on them.",
        epilog=examples("rehearse links show my-sale.toml --json"),
    )(show)
    app.add_typer(links, name="links")


def show(
    plan: PlanFile,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Print the plan's links; return 0 whether they are up or not."""
    checked = _with_links(plan)
    running = running_for(checked.links, os.environ)
    if as_json:
        told = {
            "up": running is not None,
            "toxiproxy": running.url if running else "",
            "links": [link.model_dump(mode="json") for link in checked.links],
        }
        say(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
        return EXIT_OK
    for link in checked.links:
        say("\n".join(_lines(link)))
    say(
        f"They are up (Toxiproxy at {running.url})."
        if running
        else f"To listen there: rehearse links up {plan}"
    )
    return EXIT_OK


def up(
    plan: PlanFile,
    out: Annotated[Path, typer.Option(help="Where the server's log goes.")] = Path("runs/links"),
) -> int:
    """Listen, say how the shop is to be pointed there, and wait; return 1 if Toxiproxy dies meanwhile."""
    checked = _with_links(plan)
    if running := running_for(checked.links, os.environ):
        raise RehearsalError(f"These links are up already (process {running.server.pid}); one is enough.")
    halt, clock, state = Halt(), SystemClock(), state_dir(os.environ)
    with halt.on_signals(), ExitStack() as stack:
        ground = stack.enter_context(new_ground(checked, os.environ))
        run = new_run(out, checked, datetime.now(UTC))
        table = stack.enter_context(ProcessTable(state, run_id=run.name, run_dir=run.absolute()))
        toxiproxy = start_links(table, run, checked.links, ground)
        server = table.child(TOXIPROXY)
        running = Running(
            plan=checked.name,
            version=toxiproxy.version(),
            server=server,
            url=toxiproxy.url,
            links=as_served(checked.links),
        )
        stack.enter_context(announced(running, os.environ))
        for link in checked.links:
            say("\n".join((*_lines(link), f"  {found_behind(link)}")))
        say(f"The links are up (Toxiproxy at {toxiproxy.url}). Press Ctrl-C to end them.")
        try:
            while table.alive(TOXIPROXY):
                halt.wait_until(clock.now_ns() + NS_PER_S, clock, lambda: None)
        except Stopped:
            say("The links are down: what still points there is refused.")
            return EXIT_OK
    tell(f"Toxiproxy has died, and the links with it; {run / 'toxiproxy.log'} may say why.")
    return EXIT_FAILED


def _with_links(path: Path) -> Plan:
    plan = load_plan(path)
    if not plan.links:
        raise RehearsalError(f"The plan {path} has no [[links]]; each needs name, upstream and listen.")
    return plan


def _lines(link: Link) -> Iterator[str]:
    """Yield what a person needs to know of a link."""
    yield f"{link.name} ({link.role}): {link.listen} leads to {link.upstream}"
    yield f"  point there: {link.setting or _usual(link)}"


def _usual(link: Link) -> str:
    """Return what is pointed at a link whose plan does not say."""
    if link.role is LinkRole.EDGE:
        return "target.url of the plan, where shoppers begin"
    return "in the shop's settings, put this address in the place of the other"


def found_behind(link: Link) -> str:
    """Say whether the server behind a link answers through its listener."""
    with canary_client() as http:
        seen = Asker(http, links={link.name: link}).answered(link.name, url_of_links([link])[link.name])
    if seen.proven:
        return f"ok: {seen.saw}"
    return f"MISS: {seen.saw}. Start what is to be at {link.upstream}, or correct upstream or probe."
