"""`rehearse doctor`: say what a drill needs, what is missing, and the command that mends it."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rehearsal.cli.doctor_text import examined_json, examined_text
from rehearsal.cli.epilog import examples
from rehearsal.cli.output import columns, say, tell, warn
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK
from rehearsal.model.plan import Plan, VisitKind
from rehearsal.pipeline.doctor import examine, mend
from rehearsal.pipeline.plans import check_target, load_plan
from rehearsal.pipeline.strangers import check_locustfile
from rehearsal.pipeline.tryout.examine import BURST, Examined, Wish, examine_target, kinds_walked

_BUYING = frozenset({VisitKind.CART, VisitKind.FLASH_SALE, VisitKind.WAITING_ROOM})


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "doctor",
        help="Say what is missing for a drill, and mend it; of a shop of your own (--target), walk one visit"
        " of each kind through the adapter and say how every answer was read.",
        epilog=examples(
            "rehearse doctor",
            "rehearse doctor --mend",
            "rehearse doctor --target plan.toml --look",
            also="With --target: exit code 0 all is well, 1 something must be mended, 2 the plan is wrong.",
        ),
    )(doctor)


def doctor(
    mend_it: Annotated[bool, typer.Option("--mend", help="Fetch or build what is missing.")] = False,  # noqa: FBT002 - a flag
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what is wrong.")] = False,  # noqa: FBT002 - a flag
    target: Annotated[
        Path | None, typer.Option(help="Look at the shop of this plan instead of at this machine.")
    ] = None,
    look: Annotated[bool, typer.Option("--look", help="With --target: view products, buy nothing.")] = False,  # noqa: FBT002 - a flag
    no_burst: Annotated[bool, typer.Option("--no-burst", help="With --target: no quick requests.")] = False,  # noqa: FBT002 - a flag
    json: Annotated[bool, typer.Option("--json", help="With --target: print everything as JSON.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Print a line for each thing looked at; return 0 if nothing is missing."""
    if target is not None:
        wish = Wish(look=look, burst=0 if no_burst else BURST)
        return _of_shop(load_plan(target), wish, json=json, quiet=quiet)
    if look or no_burst or json:
        raise typer.BadParameter("--look, --no-burst and --json go with --target PLAN.")
    if mend_it:
        mend(os.environ, lambda sentence: typer.echo(sentence, err=True))
    checks = examine(os.environ)
    for check in checks:
        if not (quiet and check.ok):
            typer.echo(f"{'ok  ' if check.ok else 'MISS'}  {check.name}: {check.sentence}")
    return EXIT_OK if all(check.ok for check in checks) else EXIT_FAILED


def _of_shop(plan: Plan, wish: Wish, *, json: bool, quiet: bool) -> int:
    check_target(plan)
    check_locustfile(plan)
    if bought := [kind for kind in kinds_walked(plan, wish) if kind in _BUYING]:
        warn(
            f"a shopper buys one unit for each of {', '.join(bought)} at {plan.target.url}: real orders "
            f"that stay in its books, marked by {plan.marks.header}; --look buys nothing."
        )
    examined = examine_target(plan, wish, (lambda _: None) if quiet or json else tell)
    shown = (
        msgspec.json.encode(examined_json(examined)).decode() if json else examined_text(examined, columns())
    )
    say(examined.mask(shown))
    return EXIT_OK if examined.well else EXIT_FAILED


def _encoded(examined: Examined) -> str:
    return msgspec.json.encode(examined_json(examined)).decode()
