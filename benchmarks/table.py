"""The table, for a terminal and as Markdown: both from the document alone."""

from collections.abc import Callable, Iterator

import msgspec
from rich.table import Table

from benchmarks.commands.catalogue import CLEAN_RATE, CLOSED_LOOP, FREEZE, MEMORY, OURS
from benchmarks.commands.peer import Peer
from benchmarks.goals import GOALS
from benchmarks.results import Document, Held

COLUMNS = ("benchmark", "tool", "figure", "ours ÷ theirs", "goal", "met", "note")
_GOALS = {goal.name: goal for goal in GOALS}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line; `met` is `yes`, `NO` or empty."""

    benchmark: str
    tool: str
    figure: str = ""
    ratio: str = ""
    goal: str = ""
    met: str = ""
    note: str = ""


def rows(document: Document) -> list[Row]:
    """Lay all results out, a goal beside the figure it speaks of; what was not run has no row."""
    raw = document.raw
    return [
        *(_rates(document, "closed_loop", CLOSED_LOOP) if raw.closed_loop else ()),
        *(_rates(document, "clean_rate", CLEAN_RATE) if raw.clean_rate else ()),
        *(_freeze(document) if raw.freeze else ()),
        *(_memory(document) if raw.memory else ()),
    ]


def for_terminal(document: Document) -> Table:
    """Return the table to print; what there is to note stands under it."""
    laid = rows(document)
    said = dict.fromkeys(f"{row.tool}, {row.benchmark}: {row.note}" for row in laid if row.note)
    under = "\n".join([*said, *_disturbed(document)])
    table = Table(*COLUMNS[:-1], title=_title(document), caption=under, caption_justify="left")
    before = ""
    for row in laid:
        if before not in {"", row.benchmark}:
            table.add_section()
        colour = {"yes": "green", "NO": "red"}.get(row.met, "")
        met = f"[{colour}]{row.met}[/]" if colour else ""
        first = "" if row.benchmark == before else row.benchmark
        table.add_row(first, row.tool, row.figure, row.ratio, row.goal, met)
        before = row.benchmark
    return table


def markdown(document: Document) -> str:
    """Return the same as a Markdown page."""
    about = ", ".join(f"{name} {value}" for name, value in document.machine.items())
    used = ", ".join(f"{name} {value}" for name, value in document.versions.items() if value)
    lines = [
        f"# {_title(document)}",
        "",
        f"Machine: {about}.",
        *_disturbed(document),
        "",
        f"Versions: {used}.",
        "",
    ]
    lines += [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    lines += [f"| {' | '.join(msgspec.structs.astuple(row))} |" for row in rows(document)]
    return "\n".join([*lines, "", *_HOW, ""])


_NONE = "–"
_UNITS: tuple[tuple[str, Callable[[Held], float | None]], ...] = (
    ("memory, MB/1,000 users", lambda held: held.mb_per_1000_users),
    ("memory, MB a minute", lambda held: held.mb_per_min),
    ("memory, MB at the end", lambda held: held.end_mb),
)
_HOW = (
    "Rates are what the target counted. Each generator has one core, the target another. Closed loop: the",
    "five-step visit, JSON read, medians of interleaved rounds; a note says if the target was the limit.",
    "Clean rate: highest rate with nothing dropped and a lag p99 below 10 ms at the target, one request an",
    "arrival. Freeze: error of the tool's own percentile as a fraction of the exact truth. Memory: resident,",
    "in MB; a minute: its growth at the rate named; at the end: resident after it. µs: the generator's",
    "processor time for a request. Ours ÷ theirs: above 1 is better for rates, below 1 for memory. The",
    "goal is for the ratio if there is one, else for the figure. Not confirmed: no longer run followed the",
    "probes. Raw rounds: latest.json.",
)


#: Strangers' share of the machine, in cores, from which on the figures are not to be quoted.
_NOISE = 0.1


def _disturbed(document: Document) -> list[str]:
    others = document.others_cpu
    if others is None or others < _NOISE:
        return []
    return [f"Disturbed: other processes used {others:.2f} cores meanwhile; quote none of these figures."]


def _title(document: Document) -> str:
    return f"Benchmarks, {document.form} form, {document.date}, {document.seconds:,.0f} s"


def _rates(document: Document, section: str, peers: tuple[Peer, ...]) -> Iterator[Row]:
    per_s = document.per_s[section]
    ratios = document.closed_loop if section == "closed_loop" else document.clean_rate
    for peer in (OURS, *peers):
        ours = peer is OURS
        rate = per_s.get(peer.name)
        cost = document.cpu_us_per_request.get(peer.name) if section == "closed_loop" else None
        limit = document.limits.get(peer.name, "") if section == "closed_loop" else ""
        notes = [
            document.why.get(f"{section}.{peer.name}", ""),
            _unconfirmed(document, peer) if section == "clean_rate" else "",
            f"limit: {limit}" if limit in {"target", "both"} else "",
            document.notes.get(peer.name, "") if section == "closed_loop" else "",
        ]
        yield _with_goal(
            document,
            f"{section}.{'ours_per_s' if ours else peer.name}",
            Row(
                benchmark=section.replace("_", " "),
                tool=peer.title,
                figure=_rate(rate, cost),
                ratio="" if ours else _number(ratios[peer.name]),
                note="; ".join(filter(None, notes)),
            ),
        )


def _unconfirmed(document: Document, peer: Peer) -> str:
    found = [search for search in (document.raw.clean_rate or {}).get(peer.name, []) if search.rate_per_s]
    return "from short probes, not confirmed" if found and not any(one.confirmed for one in found) else ""


def _rate(per_s: float | None, cost_us: float | None) -> str:
    if per_s is None:
        return _NONE
    return f"{per_s:,.0f}/s" + ("" if cost_us is None else f", {cost_us:,.0f} µs")


def _freeze(document: Document) -> Iterator[Row]:
    own = {"p95_error": document.freeze.p95_error, "p99_error": document.freeze.p99_error}
    errors = {OURS.name: own, **document.freeze.peers}
    for key in ("p95_error", "p99_error"):
        for peer in (OURS, *FREEZE):
            error = errors[peer.name][key]
            row = Row(
                benchmark=f"freeze, error of {key[:3]}",
                tool=peer.title,
                figure=_NONE if error is None else f"{error:.2%}",
                note=document.why.get(f"freeze.{peer.name}.{key}", ""),
            )
            yield _with_goal(document, f"freeze.{key}", row) if peer is OURS else row


def _memory(document: Document) -> Iterator[Row]:
    for title, figure in _UNITS:
        for peer in (OURS, *MEMORY):
            held = document.memory[peer.name]
            value = figure(held)
            at = "" if value is None or "users" in title else f" at {held.rate_per_s:,}/s"
            row = Row(
                benchmark=title,
                tool=peer.title,
                figure=(_number(value) or _NONE) + at,
                note=document.why.get(f"memory.{peer.name}", ""),
            )
            yield _with_goal(document, _memory_goal(title, peer), row)


def _memory_goal(title: str, peer: Peer) -> str:
    if title.endswith("users") and peer is not OURS:
        return f"memory.users ÷ {peer.name}"
    return "memory.mb_per_min" if title.endswith("minute") and peer is OURS else ""


def _with_goal(document: Document, name: str, row: Row) -> Row:
    goal = _GOALS.get(name)
    if goal is None:
        return row
    met = goal.met(document)
    ratio = row.ratio or (_number(goal.figure(document)) if "÷" in name else "")
    verdict = {None: "", True: "yes", False: "NO"}[met]
    limit = f"{goal.limit:.0%}" if name.startswith("freeze.") else f"{goal.limit:,g}"
    return msgspec.structs.replace(row, ratio=ratio, goal=f"{goal.sense} {limit}", met=verdict)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004
