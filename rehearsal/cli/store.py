"""`rehearse store up`: run the mock shop by itself, until Ctrl-C."""

import os
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from chaos.lease import state_dir
from chaos.process_table import ProcessTable
from rehearsal.cli.epilog import examples
from rehearsal.model.clock import NS_PER_S, SystemClock
from rehearsal.model.errors import EXIT_OK, Stopped
from rehearsal.pipeline import mock_shop
from rehearsal.pipeline.circumstances import new_run
from rehearsal.pipeline.defects import check_defects
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.plans import load_plan
from rehearsal.pipeline.shop_links import held_links
from scenarios import curve

_PLAN = Path(curve.__file__).parent / "plans" / "flash_sale.toml"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    store = typer.Typer(
        help="The mock shop by itself.", epilog=examples("rehearse store up"), no_args_is_help=True
    )
    store.callback()(lambda: None)
    store.command(
        "up",
        help="Start the mock shop without faults and keep it up until Ctrl-C.",
        epilog=examples(
            "rehearse store up --port 18080",
            "rehearse store up --plan my-sale.toml --defect oversell_race",
            also="Then, in another terminal: locust -f scenarios/locustfile.py --host http://127.0.0.1:18080",
        ),
    )(up)
    app.add_typer(store, name="store")


def up(
    port: Annotated[
        int, typer.Option(min=0, max=65000, help="The director's port; the others follow it. 0: any.")
    ] = 18080,
    plan: Annotated[
        Path,
        typer.Option(help="Take the shop's model and sale from this plan.", show_default=_PLAN.name),
    ] = _PLAN,
    defect: Annotated[list[str] | None, typer.Option(help="Plant this bug; may be repeated.")] = None,
    out: Annotated[Path, typer.Option(help="Where the shop's files go.")] = Path("runs/store"),
) -> int:
    """Print the shop's addresses, then wait."""
    checked = load_plan(plan)
    defects = check_defects(checked, defect or [])
    halt, clock, state = Halt(), SystemClock(), state_dir(os.environ)
    with halt.on_signals(), ExitStack() as stack:
        # The ports before the folder: a shop that finds them taken leaves nothing behind.
        links = stack.enter_context(held_links(port, state, direct=True))
        run = new_run(out, checked, datetime.now(UTC))
        table = stack.enter_context(ProcessTable(state, run_id=run.name, run_dir=run))
        mock_shop.start_shop(table, run, checked, links, defects)
        mock_shop.open_sale(links, clock.now_ns())
        typer.echo(f"The shop is up. Shoppers start at {links.director} (the director).")
        for name, url in links.regions.items():
            typer.echo(f"region {name}  {url}/admin/stock  {url}/admin/orders")
        for name, url in (("provider", links.provider), ("provider2", links.provider2)):
            typer.echo(f"{name}  {url}/admin/ledger  {url}/__fault")
        typer.echo(f"metrics  {links.director}/metrics")
        typer.echo("Press Ctrl-C to end it.")
        try:
            while True:
                halt.wait_until(clock.now_ns() + NS_PER_S, clock, lambda: None)
        except Stopped:
            typer.echo("The shop is down.")
    return EXIT_OK
