"""`rehearse faults`: the catalogue, a sentence each; or all that is known of one."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Annotated

import msgspec
import typer

from chaos.catalogue import described
from chaos.faults.by_role import described_on_links
from rehearsal.cli.epilog import examples
from rehearsal.cli.output import columns, folded, say
from rehearsal.model.errors import EXIT_OK, RehearsalError
from rehearsal.model.fault_facts import FACTS
from rehearsal.model.faults import Facts, FaultKind, Function, Promise

#: So many columns beside the names are enough to read a sentence in.
_SENTENCE = 60


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "faults",
        help="List the faults that a plan can name, or tell all of one.",
        epilog=examples(
            "rehearse faults",
            "rehearse faults late_capture",
            "rehearse faults P6 --json",
            "rehearse faults --links",
        ),
    )(faults)


def faults(
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="A fault's name or code; all of them if left out.")
    ] = "",
    links: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--links", help="Only those that your own links suffice for.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Print the catalogue, or one fault; RehearsalError for a name that is none."""
    chosen = [_one(kind)] if kind else [facts for facts in FACTS.values() if _wanted(facts, links=links)]
    if as_json:
        told = [_told(facts) for facts in chosen]
        say(msgspec.json.format(msgspec.json.encode(told[0] if kind else told), indent=2).decode())
    elif kind:
        say("\n".join(_page(chosen[0], columns())))
    else:
        say("\n".join(_list(chosen, columns())))
    return EXIT_OK


def _list(chosen: Sequence[Facts], width: int | None) -> Iterator[str]:
    """Yield a fault a line; a terminal too narrow for sentences beside the names has them below."""
    longest = max(len(facts.kind) for facts in chosen)
    beside = width is None or width >= longest + _SENTENCE
    for facts in chosen:
        if beside:
            yield folded(f"{facts.code:<5}{facts.kind:<{longest}}  ", facts.effect, width)
        else:
            yield f"{facts.code:<5}{facts.kind}\n" + folded(" " * 5, facts.effect, width)


def _wanted(facts: Facts, *, links: bool) -> bool:
    return not links or bool(described_on_links(facts.kind))


def _one(name: str) -> Facts:
    for facts in FACTS.values():
        if name.lower() in {facts.kind, facts.code.lower()}:
            return facts
    near = [kind for kind in FaultKind if name.lower() in kind] or get_close_matches(name.lower(), FaultKind)
    raise RehearsalError(f"There is no fault {name!r}; {_advice(near)}")


def _advice(near: Sequence[str]) -> str:
    return f"did you mean {', '.join(near)}?" if near else "rehearse faults lists them all."


def _told(facts: Facts) -> dict[str, object]:
    does, undoes = described(facts.kind)
    return {
        "code": facts.code,
        "kind": facts.kind,
        "title": facts.title,
        "effect": facts.effect,
        "mechanism": does,
        "reset": undoes,
        "steady": facts.steady,
        "recovery": facts.recovery,
        "promise": facts.promise,
        "in_region": facts.in_region,
        "on_links": described_on_links(facts.kind),
    }


def _page(facts: Facts, width: int | None) -> Iterator[str]:
    does, undoes = described(facts.kind)
    yield f"{facts.code}  {facts.kind}: {facts.title}"
    yield from _lines("effect", [facts.effect], width)
    yield from _lines("mechanism", does, width)
    yield from _lines("steady state", [facts.steady], width)
    yield from _lines("recovery", [facts.recovery], width)
    yield from _lines("reset", undoes, width)
    on_links = described_on_links(facts.kind) or "not enough for it"
    yield from _lines("on links", [on_links], width)
    yield from _lines("promise", [_promised(facts)], width)
    if facts.in_region:
        yield from _lines("region", ["`region` in the plan says which; a if it does not"], width)


def _promised(facts: Facts) -> str:
    """Return in words what shoppers are promised of each function, like promises together."""
    spread = {function: facts.promise.get(function, Promise.WORKS) for function in Function}
    by_promise = {
        promise: ", ".join(function.replace("_", " ") for function in Function if spread[function] is promise)
        for promise in Promise
    }
    return "; ".join(
        f"{names}: {promise.replace('_', ' ')}" for promise, names in by_promise.items() if names
    )


def _lines(name: str, texts: Sequence[str], width: int | None) -> Iterator[str]:
    for number, text in enumerate(texts):
        yield folded(f"  {name if number == 0 else '':<13} ", text, width)
