"""What `rehearse replay` prints: what was read, what was learned, and how faithful the replay is."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rehearsal.model.percent import percent
from rehearsal.pipeline.replay import Built, Learned, Order
from scenarios.replay.fidelity import Fidelity, Part
from scenarios.replay.traffic import Spread, Traffic

_SHOWN_PATHS = 8
_MEDIAN, _P95 = 10, 19


def read_words(learned: Learned, zone: str) -> RenderableType:
    """Return what was read: lines kept, left out and rejected, the first rejected ones, and assumptions."""
    facts = learned.log.facts
    lines = [
        Text(f"read      {facts.lines:,} lines ({', '.join(facts.formats)}), kept {facts.kept:,} requests")
    ]
    for words, count in facts.left_out.items():
        lines.append(Text(f"left out  {count:,} of {words}"))
    for reason, count in facts.rejected.items():
        lines.append(Text(f"rejected  {count:,}: {reason}", style="yellow"))
    first = learned.log.rejects.first
    lines += [Text(f"          line {rejected.line:,}: {rejected.text}", style="dim") for rejected in first]
    if facts.out_of_order:
        lines.append(
            Text(f"note      {facts.out_of_order:,} requests came after later ones; sorted by their times")
        )
    if facts.zoneless:
        lines.append(Text(f"note      {facts.zoneless:,} times name no zone: taken in {zone} (--timezone)"))
    lines += [Text(f"note      {sentence}") for sentence in learned.unknown]
    return Group(*lines)


def traffic_words(traffic: Traffic, folded: int) -> RenderableType:
    """Return what was learned."""
    lines = [
        Text(f"sessions  {traffic.sessions:,}, of {_middle(traffic.length_steps, 'requests')}"),
    ]
    if traffic.think and traffic.length_s:
        lasting, think = _middle(traffic.length_s, "s"), _middle(traffic.think.seconds, "s")
        lines.append(Text(f"          lasting {lasting}; think {think}"))
    for label, share in list(traffic.mix.items())[:_SHOWN_PATHS]:
        lines.append(Text(f"path      {percent(share):>7}  {label}"))
    if len(traffic.mix) > _SHOWN_PATHS:
        rest = sum(list(traffic.mix.values())[_SHOWN_PATHS:])
        lines.append(Text(f"          {percent(rest):>7}  {len(traffic.mix) - _SHOWN_PATHS} more"))
    if folded:
        lines.append(
            Text(f"note      {folded:,} requests for rare paths count as one; a mapping (--map) names them")
        )
    if traffic.normal:
        lines.append(Text(f"normal    {traffic.normal.sentence}"))
    return Group(*lines)


def built_words(order: Order, built: Built) -> RenderableType:
    """Return what the replay is."""
    span_s = int(built.steps.start_ns[-1] - built.steps.start_ns[0]) / 1e9
    sessions, steps = built.steps.sessions, len(built.steps.at_ns)
    return Text(
        f"replay    {order.words}: {sessions:,} sessions with buyers of their own, {steps:,} requests, "
        f"begun in {span_s:,.0f} s (seed {order.seed})"
    )


def fidelity_words(found: Fidelity, title: str) -> RenderableType:
    """Return the score and its parts."""
    table = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), title=title, title_justify="left", title_style="bold"
    )
    for name, justify in (("part", "left"), ("measure", "left"), ("distance", "right"), ("limit", "right")):
        table.add_column(name, justify="right" if justify == "right" else "left", no_wrap=True)
    table.add_column("")
    table.add_column("", style="dim")
    for part in found.parts:
        table.add_row(*_row(part))
    return Group(table, score_words(found))


def score_words(found: Fidelity) -> Text:
    """Return the score and what it means."""
    kept = "faithful: every limit is kept" if found.is_faithful else "not faithful: " + _broken(found.parts)
    return Text(
        f"fidelity  {found.score:.3f} of 1, {kept}", style="bold green" if found.is_faithful else "bold red"
    )


def _row(part: Part) -> Iterator[str]:
    yield part.name
    yield part.measure
    yield "not known" if part.distance is None else f"{part.distance:.4f}"
    yield f"{part.limit:.2f}"
    yield "" if part.distance is None else "ok" if part.is_kept else "[bold red]FAIL[/]"
    yield part.note


def _broken(parts: Sequence[Part]) -> str:
    return ", ".join(part.name for part in parts if not part.is_kept) + " beyond the limit"


def _middle(spread: Spread, unit: str) -> str:
    return f"{spread.quantiles[_MEDIAN]:.3g} {unit} in the median, {spread.quantiles[_P95]:.3g} at p95"
