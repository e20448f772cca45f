"""What the doctor saw of somebody's shop, as a person reads it and as a program does."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from chaos.invariants.needs import WORDS
from rehearsal.cli.output import folded
from rehearsal.pipeline.tryout.ailments import address_of
from rehearsal.pipeline.tryout.examine import Examined
from rehearsal.pipeline.tryout.sight import Sight, State
from scenarios.tryout.told import Exchange, StepTold, VisitTold

_MARKS = {State.OK: "ok    ", State.WARN: "warn  ", State.WRONG: "WRONG "}
_STEP, _ADDRESS = 11, 44


def examined_text(examined: Examined, width: int | None) -> str:
    """Return visits with their requests, what was seen, and what is missing with its price."""
    return "\n".join([*_walk(examined), *_sights(examined.sights, width), *_missing(examined, width)])


def examined_json(examined: Examined) -> dict[str, Any]:
    """Return everything as plain values."""
    lines = [line for line in examined.tried.told if isinstance(line, StepTold | VisitTold)]
    return {
        "plan": examined.plan,
        "url": examined.url,
        "ok": examined.well,
        "walk": [msgspec.to_builtins(line) for line in lines],
        "sights": [msgspec.to_builtins(sight) for sight in examined.sights],
        "missing": [
            {"need": need, "words": WORDS[need], "inconclusive": list(checks)}
            for need, checks in examined.costs.items()
        ],
    }


def _walk(examined: Examined) -> Iterator[str]:
    kind = ""
    for line in examined.tried.told:
        if not isinstance(line, StepTold | VisitTold):
            continue
        if line.kind != kind:
            kind = line.kind
            yield f"{kind}:"
        if isinstance(line, StepTold):
            yield from _step(line.step, line.exchanges, _reading(line))
        elif line.broke:
            yield from _step("", line.exchanges, "the adapter broke")
    if kind:
        yield ""


def _step(step: str, exchanges: tuple[Exchange, ...], reading: str) -> Iterator[str]:
    if not exchanges:
        yield f"  {step:<{_STEP}} {'(no request)':<{_ADDRESS}} {'':>19} {reading}".rstrip()
    for number, one in enumerate(exchanges):
        name = step if not number else ""
        read = reading if number == len(exchanges) - 1 else f"→ {one.location}".removesuffix("→ ")
        came = str(one.status) if not one.error else one.error
        yield f"  {name:<{_STEP}} {address_of(one):<{_ADDRESS}} {came:>7} {one.ms:>8.1f} ms {read}".rstrip()


def _reading(step: StepTold) -> str:
    facts = ", ".join(f"{name}={value}" for name, value in step.facts.items())
    return f"{step.outcome}{f' {step.error}' if step.error else ''}{f' ({facts})' if facts else ''}"


def _sights(sights: Iterable[Sight], width: int | None) -> Iterator[str]:
    for sight in sights:
        yield folded(f"{_MARKS[sight.state]}{sight.about}: ", sight.sentence, width)


def _missing(examined: Examined, width: int | None) -> Iterator[str]:
    if not examined.costs:
        return
    yield "\nWhat the adapter does not offer, and the checks of this plan that are INCONCLUSIVE without it:"
    for need, checks in examined.costs.items():
        yield folded("  - ", f"{WORDS[need]}: {', '.join(checks)}", width)
