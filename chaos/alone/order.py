"""What a drill by itself is to do, from a command line."""

import argparse
from collections.abc import Sequence

import msgspec

from chaos.alone.rows import described, kinds_among
from chaos.canary import HEALTH
from chaos.toxics import ATTRIBUTES, toxic_of
from rehearsal.model.errors import EXIT_USAGE
from rehearsal.model.fault_facts import FACTS
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Command, ToxicWish

_EXITS = (
    "Exit codes: 0 the effect was proven and the shop recovered; 1 it did not recover; 2 bad usage, or a\n"
    "shop that was not well before; 3 the effect was not proven; 5 stopped, and healed.\n"
    "A drill that was killed is undone by: rehearse heal"
)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A drill by itself. With `command` nothing else is broken; otherwise `listeners` of `toxiproxy` are.

    `check` is a page of the shop's that answers below 400 as long as the shop does its work.
    """

    kind: FaultKind
    hold_s: float
    recover_within_s: float
    check: str
    seed: int
    toxiproxy: str = ""
    listeners: tuple[str, ...] = ()
    path: str = HEALTH
    toxic: ToxicWish | None = None
    command: Command | None = None


def parse(argv: Sequence[str], *, prog: str, codes: str, about: str) -> Order:
    """Read a command line for faults whose codes begin with one of `codes`; SystemExit(2) if it is wrong."""
    kinds = kinds_among(codes)
    parser = _parser(prog, about, kinds)
    told = parser.parse_args(argv)
    by_command = (told.inject, told.undo, told.prove, told.prove_healed)
    if any(by_command) and (told.kind or told.toxic or told.toxiproxy or told.listener):
        parser.error("commands break by themselves: leave out KIND, --toxic, --toxiproxy and --listener")
    common = {
        "hold_s": told.hold,
        "recover_within_s": told.recover_within,
        "check": told.check,
        "seed": told.seed,
        "path": told.path,
    }
    if any(by_command):
        if not all(line and line.strip() for line in by_command):
            parser.error("a drill by commands needs all of --inject, --undo, --prove and --prove-healed")
        names = ("inject", "undo", "prove", "prove_healed")
        command = Command(**dict(zip(names, by_command, strict=True)), timeout_s=told.timeout)
        return Order(kind=FaultKind.COMMAND, command=command, **common)
    if bool(told.kind) == bool(told.toxic):
        parser.error("say what breaks: a KIND, a --toxic, or the four commands")
    if not (told.toxiproxy and told.listener):
        parser.error(
            "say where: --toxiproxy URL and --listener NAME, the Toxiproxy and its listeners to break"
        )
    where = {"toxiproxy": told.toxiproxy.rstrip("/"), "listeners": tuple(dict.fromkeys(told.listener))}
    if told.toxic:
        return Order(kind=FaultKind.TOXIC, toxic=_wish(parser, told.toxic), **where, **common)
    return Order(kind=FaultKind(told.kind), **where, **common)


def _parser(prog: str, about: str, kinds: Sequence[FaultKind]) -> argparse.ArgumentParser:
    rows = "\n".join(f"  {kind:<28}{FACTS[kind].effect}\n{'':30}({described(kind)})" for kind in kinds)
    parser = argparse.ArgumentParser(
        prog=prog,
        description=f"{about}\n\nKIND is one of\n{rows}",
        epilog=f"{_examples(prog, kinds[0])}\n\n{_EXITS}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("kind", nargs="?", choices=[kind.value for kind in kinds], metavar="KIND", help="what breaks")
    add(
        "--toxic",
        metavar="TEXT",
        help='a toxic of your own, such as "latency downstream latency=300 jitter=20"',
    )
    add("--toxiproxy", metavar="URL", help="your Toxiproxy's control API, such as http://127.0.0.1:8474")
    add(
        "--listener", action="append", default=[], metavar="NAME", help="a listener to break; may be repeated"
    )
    add("--path", default=HEALTH, help="a page behind the listeners that answers 200 (default %(default)s)")
    add("--inject", metavar="CMD", help="a shell command that breaks, instead of a Toxiproxy")
    add("--undo", metavar="CMD", help="the command that mends; safe to repeat")
    add("--prove", metavar="CMD", help="ends with 0 while it is broken")
    add("--prove-healed", metavar="CMD", help="ends with 0 when it is mended")
    add("--timeout", type=_positive, default=60.0, metavar="S", help="for each command (default %(default)g)")
    add(
        "--hold",
        type=_positive,
        default=30.0,
        metavar="S",
        help="how long it is broken (default %(default)g)",
    )
    add("--check", default="", metavar="URL", help="the shop's steady state: asked before, during and after")
    add(
        "--recover-within",
        type=_positive,
        default=60.0,
        metavar="S",
        help="by when --check must be good again (default %(default)g)",
    )
    add("--seed", type=int, default=1, help="decides flaps and delays (default %(default)s)")
    return parser


def _examples(prog: str, kind: FaultKind) -> str:
    return (
        f"Examples:\n"
        f"  {prog} {kind} --toxiproxy http://127.0.0.1:8474 \\\n"
        "      --listener victim --check http://127.0.0.1:8000/health --hold 60\n"
        f"  {prog} --inject 'kubectl scale deploy/victim --replicas 0' \\\n"
        "      --undo 'kubectl scale deploy/victim --replicas 2' \\\n"
        "      --prove '! curl -fsm 2 http://victim.test/health' \\\n"
        "      --prove-healed 'curl -fsm 2 http://victim.test/health'"
    )


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number <= _LONGEST_S:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most {_LONGEST_S:g}")
    return number


_LONGEST_S = 86400.0


def _wish(parser: argparse.ArgumentParser, text: str) -> ToxicWish:
    """Read a toxic; the parser ends the program if there is none such, with what would be right."""
    kind, *rest = text.split() or [""]
    streams = [word for word in rest if "=" not in word]
    try:
        attributes = {name: int(value) for name, value in (word.split("=") for word in rest if "=" in word)}
        wish = ToxicWish.model_validate(
            {"type": kind, "attributes": attributes, **({"stream": streams[0]} if streams else {})}
        )
        toxic = toxic_of(wish)
    except ValueError as error:
        known = "; ".join(f"{name}: {', '.join(sorted(has)) or 'none'}" for name, has in ATTRIBUTES.items())
        reason = str(error).splitlines()[0]
        parser.exit(EXIT_USAGE, f"{parser.prog}: --toxic {text!r} is wrong: {reason}\nAttributes: {known}\n")
    if toxic.idle:
        parser.error(f"--toxic {text!r} does nothing")
    return wish
